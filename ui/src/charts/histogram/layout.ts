/** Where the bins and marks of a histogram stand on its logarithmic axis. Pure. */
import { exact, type Unit } from "../../format/format.ts";
import { niceScale, type Scale, ticksOf, tickText } from "../../format/ticks.ts";
import type { Look } from "../frame/look.ts";
import type { HistogramChartModel } from "../model.ts";
import { heightOf, type Plot, plotOf, textWidth } from "../time/geometry.ts";
import { BAR_MIN_PX } from "../time/reduce.ts";

export type Bin = HistogramChartModel["bins"][number];

export interface MarkPlace {
  text: string;
  x: number;
  /** Where its text begins. */
  textX: number;
  /** Which line of texts it stands in, from the top. */
  line: number;
}

export interface HistogramLayout {
  plot: Plot;
  bins: Bin[];
  /** How many bins of the model share one that is drawn. */
  by: number;
  counts: Scale;
  ticks: { x: number; text: string }[];
  marks: MarkPlace[];
  xOf: (value: number) => number;
}

const SECOND = 1000;
/** Values that people read as round on a logarithmic axis of time. */
const DURATION_TICKS = [
  1,
  10,
  100,
  SECOND,
  10 * SECOND,
  60 * SECOND,
  600 * SECOND,
  3600 * SECOND,
  10 * 3600 * SECOND,
  86_400 * SECOND,
  864_000 * SECOND,
];
const LINE_PX = 16;

function roundValues(from: number, to: number, unit: Unit): number[] {
  const factor = unit === "minutes" ? 60 * SECOND : 1;
  if (unit === "ms" || unit === "minutes") {
    return DURATION_TICKS.map((ms) => ms / factor).filter((value) => value >= from && value <= to);
  }
  const [first, last] = [Math.ceil(Math.log10(from) - 1e-9), Math.floor(Math.log10(to) + 1e-9)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => 10 ** (first + index));
}

/** Neighbouring bins as one. */
export function mergedBins(bins: Bin[], by: number): Bin[] {
  if (by <= 1) return bins;
  const merged: Bin[] = [];
  for (let start = 0; start < bins.length; start += by) {
    const some = bins.slice(start, start + by);
    const [first, last] = [some[0], some.at(-1)];
    if (first && last) {
      merged.push({ from: first.from, to: last.to, count: some.reduce((sum, { count }) => sum + count, 0) });
    }
  }
  return merged;
}

/** The lower end of the axis: a bin that begins at zero has no place on it, and gets the width of its neighbour. */
function lowest(bins: Bin[]): number {
  const [first, second] = bins;
  if (!first) return 1;
  if (first.from > 0) return first.from;
  const ratio = second && second.from > 0 ? second.to / second.from : 2;
  return first.to > 0 ? first.to / Math.min(10, ratio) : 1;
}

export function histogramLayout(model: HistogramChartModel, look: Look): HistogramLayout {
  const { unit } = model;
  const { scale, width } = look;
  const [from, to] = [lowest(model.bins), model.bins.at(-1)?.to ?? 10];
  const roughly = (width - 60 * scale) / Math.max(1, model.bins.length);
  const by = roughly > 0 && roughly < BAR_MIN_PX ? Math.ceil(BAR_MIN_PX / roughly) : 1;
  const bins = mergedBins(model.bins, by);
  const counts = niceScale(0, Math.max(0, ...bins.map(({ count }) => count)), "count");
  const letters = Math.max(...ticksOf(counts).map((tick) => tickText(tick, "count", counts.step).length));
  const sides = plotOf(width, look.height, scale, { left: letters, right: 0, end: 0 });
  const [low, high] = [Math.log10(from), Math.log10(to)];
  const room = Math.max(1, width - sides.left - sides.right);
  const xOf = (value: number) =>
    sides.left + Math.max(0, Math.min(1, (Math.log10(Math.max(value, from)) - low) / (high - low || 1))) * room;

  const marks = placeMarks(model, xOf, sides, scale);
  const lines = Math.max(0, ...marks.map(({ line }) => line + 1));
  const plot = { ...sides, top: sides.top + lines * LINE_PX * scale };
  let free = Number.NEGATIVE_INFINITY;
  const ticks = roundValues(from, to, unit).flatMap((value) => {
    const text = tickText(value, unit, value);
    const [x, half] = [xOf(value), textWidth(text.length, scale) / 2];
    if (x - half < free) return [];
    free = x + half + 10 * scale;
    return [{ x, text }];
  });
  return { plot, bins, by, counts, ticks, marks, xOf };
}

/**
 * The texts on one side of their marks, the right if all of them have room there, each below the texts that its mark,
 * which goes down from its line, would cross.
 */
function placeMarks({ marks, unit }: HistogramChartModel, xOf: (value: number) => number, plot: Plot, scale: number) {
  const gap = 4 * scale;
  const texts = [...marks]
    .sort((a, b) => a.value - b.value)
    .map(({ label, value }) => {
      const text = `${label} ${exact(value, unit)}`;
      return { text, x: xOf(value), room: textWidth(text.length, scale) };
    });
  const hasRight = ({ x, room }: (typeof texts)[number]) => x + gap + room <= plot.width;
  const isLeft = !texts.every(hasRight) && texts.every(({ x, room }) => x - gap - room >= 0);
  const placed: (MarkPlace & { from: number; to: number })[] = [];
  for (const each of isLeft ? texts.reverse() : texts) {
    const { text, x, room } = each;
    const textX = !isLeft && hasRight(each) ? x + gap : Math.max(0, x - gap - room);
    const [from, to] = [Math.min(x, textX), Math.max(x, textX + room)];
    const above = placed.filter((other) => other.from - 2 * gap < to && from < other.to + 2 * gap);
    placed.push({ text, x, textX, line: Math.max(-1, ...above.map(({ line }) => line)) + 1, from, to });
  }
  return placed;
}

/** The bin under `x`, of the model's own: the cursor is as fine as the values are. */
export function binAt(bins: Bin[], { plot, xOf }: HistogramLayout, x: number): number | null {
  if (x < plot.left || x > plot.width - plot.right) return null;
  const found = bins.findIndex(({ from, to }) => x >= xOf(from) && x < xOf(to));
  return found < 0 ? null : found;
}

export function barOf({ plot, counts, xOf }: HistogramLayout, { from, to, count }: Bin) {
  const [left, right] = [xOf(from), xOf(to)];
  const gap = right - left > 5 ? 1 : 0;
  const y = heightOf(plot, counts, count);
  const height = plot.height - plot.bottom - y;
  // What is there is seen, however little it is.
  const least = count > 0 ? Math.max(1, height) : 0;
  return { x: left + gap / 2, y: y - (least - height), width: Math.max(1, right - left - gap), height: least };
}

export function binName({ from, to }: Bin, unit: Unit): string {
  return `${exact(from, unit)} – ${exact(to, unit)}`;
}
