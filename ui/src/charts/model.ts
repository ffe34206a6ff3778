/** What charts show, free of any drawing library. Panels build it, everything in this folder reads it. */
import type { Unit } from "../format/format.ts";
import type { BucketSize } from "../format/time.ts";

interface ChartText {
  /** Says the question: "Failed executions by reason". */
  title: string;
  /** The unit and the range. */
  subtitle: string;
}

export interface Series {
  /** Stable name, the measure's or the group's. */
  name: string;
  label: string;
  /** A CSS variable reference is not enough for a canvas: an actual colour. */
  color: string;
  values: (number | null)[];
  /** How it is drawn; "bar" (stacked on the other bars) if left out. Areas stack too. */
  shape?: "bar" | "area" | "line";
  /** Lines of one chart differ by more than colour. */
  isDashed?: boolean;
  /** Measured on the right axis, in `rightUnit`. */
  isRight?: boolean;
  /** Its values can't be added up: distinct things count in every bucket, and what is cumulative is a sum already. */
  hasNoSum?: boolean;
  /** The same in the range compared with, bucket by bucket: drawn pale and dashed. */
  before?: (number | null)[];
}

/** From where to where values were to be expected: drawn behind the series in its colour. */
export interface Band {
  label: string;
  color: string;
  low: (number | null)[];
  high: (number | null)[];
}

/** Something that happened: a thin vertical mark, its label on hover. */
export interface Mark {
  /** The bucket. */
  index: number;
  label: string;
  tone: "bad" | "good" | "neutral";
}

export interface TimeChartModel extends ChartText {
  unit: Unit;
  rightUnit?: Unit;
  size: BucketSize;
  zone: string;
  /** Starts of the buckets; `ends[i]` is where bucket i stops. */
  starts: string[];
  ends: string[];
  series: Series[];
  band?: Band;
  marks?: Mark[];
  /** Buckets that the range cuts, or that are not over yet: drawn paler, and said. */
  partial: ReadonlySet<number>;
  /** Buckets of which nothing is known, with the reason. Shaded, never drawn as zero. */
  unknown: ReadonlyMap<number, string>;
}

/** One of several things that are compared by one number. */
export interface Item {
  name: string;
  label: string;
  value: number | null;
  /** The first series colour if left out. */
  color?: string;
  /** The same in the range compared with. */
  before?: number | null;
  /** What else to know of it, behind the value: "3.2 % of all". */
  note?: string;
}

/** Horizontal bars, the greatest first: "Top workflows by cost". */
export interface BarChartModel extends ChartText {
  unit: Unit;
  /** What an item is: "Workflow". Heads the table. */
  itemTitle?: string;
  items: Item[];
}

/** Shares of a whole; at most eight, the rest together as the last. */
export interface DonutChartModel extends ChartText {
  unit: Unit;
  itemTitle?: string;
  items: Item[];
  /** What stands in the middle. */
  total: number | null;
}

/** Two dimensions and a number: hours by weekdays. `values[row][column]`. */
export interface HeatmapChartModel extends ChartText {
  unit: Unit;
  rowTitle: string;
  columnTitle: string;
  /** What a cell's number is, if the title does not say it in a word: "Executions". */
  valueTitle?: string;
  rows: string[];
  columns: string[];
  values: (number | null)[][];
}

/** How values are spread: bins in ascending order, on a logarithmic axis, with values marked ("median", "p95"). */
export interface HistogramChartModel extends ChartText {
  /** The unit of what is measured, not of the counts. */
  unit: Unit;
  bins: { from: number; to: number; count: number }[];
  /** What is counted: "Executions". */
  countTitle?: string;
  marks: { label: string; value: number }[];
}

/** One number on its scale: "94.5 % of 100 %". */
export interface GaugeChartModel extends ChartText {
  unit: Unit;
  value: number | null;
  min: number;
  max: number;
  /** From where on the colour changes, ascending: the first band goes from `min` to the first of them. */
  bands: { upTo: number; tone: "bad" | "fair" | "good" }[];
}

/** Units of which a sum over a range says something. */
const ADDITIVE: Unit[] = ["count", "usd", "credits", "tokens", "bytes", "megabytes"];

export function isBar({ shape = "bar" }: Series): boolean {
  return shape === "bar";
}

/** Bars and areas stand on each other; lines and what is measured on the right axis don't. */
export function isStacked({ shape = "bar", isRight = false }: Series): boolean {
  return shape !== "line" && !isRight;
}

export function unitOfSeries(model: TimeChartModel, series: Series): Unit {
  return series.isRight ? (model.rightUnit ?? null) : model.unit;
}

function sum(values: (number | null)[]): number | null {
  const known = values.filter((value): value is number => value !== null);
  return known.length > 0 ? known.reduce((total, value) => total + value, 0) : null;
}

/** What the stacked series that are shown make together in a bucket; null where nothing is known. */
export function bucketTotal(model: TimeChartModel, index: number, hidden: ReadonlySet<string>): number | null {
  if (model.unknown.has(index)) return null;
  const stacked = model.series.filter((series) => isStacked(series) && !hidden.has(series.name));
  return sum(stacked.map(({ values }) => values[index] ?? null));
}

/** Over the range; undefined where adding up would be nonsense, as for a rate. */
export function seriesTotal(model: TimeChartModel, series: Series): number | null | undefined {
  return !series.hasNoSum && ADDITIVE.includes(unitOfSeries(model, series)) ? sum(series.values) : undefined;
}

/** Whether the stack as a whole is worth a row: several series that may be added up. */
export function hasTotal(model: TimeChartModel): boolean {
  return ADDITIVE.includes(model.unit) && model.series.filter(isStacked).length > 1;
}
