/** How durations are spread. Pure. */
import { columnOf, totalOf } from "../../api/rows.ts";
import type { Answer, Query } from "../../api/types.ts";
import type { HistogramChartModel } from "../../charts/model.ts";
import { plural } from "../../format/format.ts";
import { rangeLabel } from "../../format/time.ts";
import type { Frame } from "../../view/current.ts";
import { binsOf } from "../page-controls/durationBins.ts";

/** From a millisecond to a century there are fewer. */
const MAX_BUCKETS = 400;

export function bucketsQuery(frame: Frame): Query {
  return {
    source: "executions",
    measures: ["count"],
    dimensions: ["duration_bucket"],
    limit: MAX_BUCKETS,
    ...frame,
  };
}

export function shapeDistribution(buckets: Answer, trend: Answer | undefined, now: Date): HistogramChartModel {
  const { from, to, timezone } = buckets.meta;
  const bins = binsOf(buckets);
  const ended = bins.reduce((sum, { count }) => sum + count, 0);
  const marks = ["duration_median", "duration_p95", "duration_p99"].flatMap((measure) => {
    const value = trend && totalOf(trend, measure);
    if (!value) return [];
    return [{ label: (columnOf(trend, measure)?.label ?? measure).replace(/ (of )?duration$/i, ""), value }];
  });
  return {
    title: "How durations are spread",
    subtitle: `${plural(ended, "execution")} that ended, by duration · ${rangeLabel(from, to, timezone, now)}`,
    unit: "ms",
    countTitle: "Executions",
    bins,
    marks,
  };
}
