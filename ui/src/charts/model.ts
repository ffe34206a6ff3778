/** What a chart over time shows, free of any drawing library. Panels build it, everything in this folder reads it. */
import type { Unit } from "../format/format.ts";
import type { BucketSize } from "../format/time.ts";

export interface Series {
  /** Stable name, the measure's. */
  name: string;
  label: string;
  /** A CSS variable reference is not enough for a canvas: an actual colour. */
  color: string;
  values: (number | null)[];
}

export interface TimeChartModel {
  title: string;
  subtitle: string;
  unit: Unit;
  size: BucketSize;
  zone: string;
  /** Starts of the buckets; `ends[i]` is where bucket i stops. */
  starts: string[];
  ends: string[];
  series: Series[];
  /** Buckets that the range cuts, or that are not over yet: drawn paler, and said. */
  partial: ReadonlySet<number>;
  /** Buckets of which nothing is known, with the reason. Shaded, never drawn as zero. */
  unknown: ReadonlyMap<number, string>;
}

export function bucketTotal(model: TimeChartModel, index: number, hidden: ReadonlySet<string>): number {
  return model.series.reduce((sum, { name, values }) => sum + (hidden.has(name) ? 0 : (values[index] ?? 0)), 0);
}

export function seriesTotal(series: Series): number {
  return series.values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
