/** How long the executions of a workflow take, as a histogram with what to know of it marked. Pure. */
import { totalOf } from "../../api/rows.ts";
import type { Answer } from "../../api/types.ts";
import type { HistogramChartModel } from "../../charts/model.ts";
import { plural } from "../../format/format.ts";
import { rangeLabel } from "../../format/time.ts";
import { binsOf } from "../page-controls/durationBins.ts";

const MARKS: [measure: string, label: string][] = [
  ["duration_min", "Min"],
  ["duration_median", "Median"],
  ["duration_p95", "p95"],
  ["duration_p99", "p99"],
  ["duration_max", "Max"],
];

/** `lastMs` is how long the last execution took: "you are here". */
export function shapeDistribution(
  buckets: Answer,
  spread: Answer,
  lastMs: number | null,
  now: Date,
): HistogramChartModel {
  const bins = binsOf(buckets);
  const ended = bins.reduce((sum, { count }) => sum + count, 0);
  const marks = MARKS.flatMap(([measure, label]) => {
    const value = totalOf(spread, measure);
    return value === null ? [] : [{ label, value }];
  });
  const { from, to, timezone } = spread.meta;
  return {
    title: "How long do executions take?",
    subtitle: `${plural(ended, "execution")} that ended, by duration · ${rangeLabel(from, to, timezone, now)}`,
    unit: "ms",
    countTitle: "Executions",
    bins,
    marks: lastMs === null ? marks : [...marks, { label: "Last run", value: lastMs }],
  };
}
