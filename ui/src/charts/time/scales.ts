/** From where to where the axes of a chart over time go. Pure. */
import type { Unit } from "../../format/format.ts";
import { niceScale, type Scale, tickText } from "../../format/ticks.ts";
import { bucketTotal, isStacked, type Series, type TimeChartModel } from "../model.ts";

/** A rate that is nowhere lower than this may be shown from there on: its last points are what matters. */
const HIGH_RATE = 80;
const LOW_RATE = 20;
const FULL_RATE = 100;

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

/** The axis on the left or on the right, for the series that are shown. */
export function scaleOn(model: TimeChartModel, shown: Series[], hidden: ReadonlySet<string>, isRight: boolean): Scale {
  const here = shown.filter((series) => Boolean(series.isRight) === isRight);
  const isLinesOnly = here.length > 0 && here.every(({ shape }) => shape === "line");
  const unit = isRight ? (model.rightUnit ?? null) : model.unit;
  return scaleOf(valuesOn(model, shown, hidden, isRight), unit, isLinesOnly);
}
