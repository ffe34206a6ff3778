/** Where everything of a chart over time stands: its axes, its margins, the names at the ends of its lines. Pure. */
import type { Unit } from "../../format/format.ts";
import { niceScale, type Scale, ticksOf, tickText } from "../../format/ticks.ts";
import { BUCKET_WORD } from "../../format/time.ts";
import type { Look } from "../frame/look.ts";
import { bucketTotal, isBar, isStacked, type Series, type TimeChartModel } from "../model.ts";
import { bandWidth, heightOf, type Plot, plotOf, spread, textWidth } from "./geometry.ts";
import { BAR_MIN_PX, mergedBy } from "./reduce.ts";

export interface EndLabel {
  name: string;
  text: string;
  color: string;
  y: number;
}

export interface Layout {
  plot: Plot;
  left: Scale;
  right: Scale | null;
  shown: Series[];
  /** How many buckets share a bar, and how many a pixel. */
  barBy: number;
  lineBy: number;
  endLabels: EndLabel[];
}

/** A rate that is nowhere lower than this may be shown from there on: its last points are what matters. */
const HIGH_RATE = 80;
const LOW_RATE = 20;
const FULL_RATE = 100;
const END_LABELS_MAX = 5;
const END_LABELS_FROM_PX = 560;
const END_LETTERS_MAX = 18;
const LABEL_GAP_PX = 15;

function known(values: readonly (number | null | undefined)[]): number[] {
  return values.filter((value): value is number => typeof value === "number" && Number.isFinite(value));
}

/** What the range compared with made together, bucket by bucket: what a stack is compared with. */
export function stackBefore(stack: Series[]): (number | null)[] | null {
  const withPast = stack.flatMap(({ before }) => (before ? [before] : []));
  if (withPast.length === 0) return null;
  return (withPast[0] ?? []).map((_, index) => {
    const values = known(withPast.map((before) => before[index]));
    return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) : null;
  });
}

function valuesOn(model: TimeChartModel, shown: Series[], hidden: ReadonlySet<string>, isRight: boolean): number[] {
  const here = shown.filter((series) => Boolean(series.isRight) === isRight);
  const stack = here.filter(isStacked);
  const lines = here.filter((series) => !isStacked(series));
  const values: (number | null)[] = [];
  if (stack.length > 0) {
    for (let index = 0; index < model.starts.length; index++) values.push(bucketTotal(model, index, hidden));
    for (const value of stackBefore(stack) ?? []) values.push(value);
  }
  for (const { values: own, before = [] } of lines) {
    for (const value of own) values.push(value);
    for (const value of before) values.push(value);
  }
  if (!isRight && model.band) {
    for (const value of model.band.low) values.push(value);
    for (const value of model.band.high) values.push(value);
  }
  return known(values);
}

/**
 * From zero, but for two cases: values below zero, and lines of a rate that is high everywhere, which may start where
 * they are. A rate's axis ends at 100 % unless the values are all low.
 */
export function scaleOf(values: number[], unit: Unit, isLinesOnly: boolean): Scale {
  const max = values.reduce((most, value) => Math.max(most, value), 0);
  const least = values.reduce((low, value) => Math.min(low, value), values[0] ?? 0);
  if (unit !== "percent" || max > FULL_RATE || max < LOW_RATE) return niceScale(Math.min(0, least), max, unit);
  if (isLinesOnly && least > HIGH_RATE) return niceScale(Math.min(least, FULL_RATE - 0.4), FULL_RATE, unit);
  return niceScale(0, FULL_RATE, unit);
}

/** What has to be said of axes that do not start at zero. */
export function axisNote(model: TimeChartModel, hidden: ReadonlySet<string>): string | null {
  const shown = model.series.filter(({ name }) => !hidden.has(name));
  const notes = [false, true].flatMap((isRight) => {
    const { min, step } = scaleOn(model, shown, hidden, isRight);
    const unit = isRight ? (model.rightUnit ?? null) : model.unit;
    return min > 0 ? [`${isRight ? "right axis" : "axis"} from ${tickText(min, unit, step)}`] : [];
  });
  return notes.length > 0 ? notes.join(", ") : null;
}

/** What has to be said of bars that stand for several buckets. */
export function meanNote({ size }: TimeChartModel, { barBy }: Pick<Layout, "barBy">): string | null {
  return barBy > 1 ? `Each bar is the mean of ${barBy} buckets of a ${BUCKET_WORD[size]}` : null;
}

/** Why there is nothing to see; null where there is something. */
export function emptyNote(model: TimeChartModel, hidden: ReadonlySet<string>): string | null {
  if (model.starts.length === 0 || model.series.length === 0) return "Nothing in this range";
  if (model.unknown.size === model.starts.length) return "Nothing is known of this range";
  const shown = model.series.filter(({ name }) => !hidden.has(name));
  const isEmpty = shown.every(({ values }) => values.every((value) => value === null));
  return isEmpty ? "No values in this range" : null;
}

function scaleOn(model: TimeChartModel, shown: Series[], hidden: ReadonlySet<string>, isRight: boolean): Scale {
  const here = shown.filter((series) => Boolean(series.isRight) === isRight);
  const isLinesOnly = here.length > 0 && here.every(({ shape }) => shape === "line");
  const unit = isRight ? (model.rightUnit ?? null) : model.unit;
  return scaleOf(valuesOn(model, shown, hidden, isRight), unit, isLinesOnly);
}

function lettersOf(scale: Scale, unit: Unit): number {
  return Math.max(...ticksOf(scale).map((tick) => tickText(tick, unit, scale.step).length));
}

function shortened(text: string): string {
  return text.length > END_LETTERS_MAX ? `${text.slice(0, END_LETTERS_MAX - 1)}…` : text;
}

/** Lines are named where they end, if there are several, few enough, and room beside them. */
function endsOf(model: TimeChartModel, shown: Series[], look: Look): { series: Series; value: number }[] {
  const lines = shown.filter(({ shape, isRight }) => shape === "line" && !isRight);
  const isRoom = look.width >= END_LABELS_FROM_PX * look.scale && !shown.some(({ isRight }) => isRight);
  if (!isRoom || lines.length < 2 || lines.length > END_LABELS_MAX) return [];
  return lines.flatMap((series) => {
    const last = series.values.findLastIndex((value, index) => value !== null && !model.unknown.has(index));
    const value = series.values[last];
    // A line that ends early would be named where it is not.
    return last < model.starts.length - 2 || value == null ? [] : [{ series, value }];
  });
}

export function layoutOf(model: TimeChartModel, hidden: ReadonlySet<string>, look: Look): Layout {
  const shown = model.series.filter(({ name }) => !hidden.has(name));
  const left = scaleOn(model, shown, hidden, false);
  const right = shown.some(({ isRight }) => isRight) ? scaleOn(model, shown, hidden, true) : null;
  const ends = endsOf(model, shown, look);
  const plot = plotOf(look.width, look.height, look.scale, {
    left: lettersOf(left, model.unit),
    right: right ? lettersOf(right, model.rightUnit ?? null) : 0,
    end: Math.max(0, ...ends.map(({ series }) => shortened(series.label).length)),
  });
  const bucket = bandWidth(plot, model.starts.length);
  const heights = spread(
    ends.map(({ value }) => heightOf(plot, left, value)),
    LABEL_GAP_PX * look.scale,
    plot.top,
    plot.height - plot.bottom,
  );
  return {
    plot,
    left,
    right,
    shown,
    barBy: shown.some(isBar) ? mergedBy(bucket, BAR_MIN_PX) : 1,
    lineBy: mergedBy(bucket, 1),
    endLabels: ends.map(({ series }, index) => ({
      name: series.name,
      text: shortened(series.label),
      color: series.color,
      y: heights[index] ?? 0,
    })),
  };
}

/** How wide the label of a bucket may be. */
export function bucketLabelWidth(model: TimeChartModel, scale: number): number {
  return textWidth(model.size === "month" ? 9 : 7, scale) + 14 * scale;
}
