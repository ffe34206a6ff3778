/** Where everything of a chart over time stands: its axes, its margins, the names at the ends of its lines. Pure. */
import type { Unit } from "../../format/format.ts";
import { type Scale, ticksOf, tickText } from "../../format/ticks.ts";
import { BUCKET_WORD } from "../../format/time.ts";
import type { Look } from "../frame/look.ts";
import { isBar, type Series, type TimeChartModel } from "../model.ts";
import { bandWidth, heightOf, type Plot, plotOf, spread, textWidth } from "./geometry.ts";
import { BAR_MIN_PX, mergedBy } from "./reduce.ts";
import { scaleOn } from "./scales.ts";

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

const END_LABELS_MAX = 5;
const END_LABELS_FROM_PX = 560;
const END_LETTERS_MAX = 18;
const LABEL_GAP_PX = 15;

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
