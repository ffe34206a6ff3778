/** How durations are spread. Pure. */
import { columnOf, groupsOf, totalOf } from "../../api/rows.ts";
import type { Answer, Query } from "../../api/types.ts";
import type { HistogramChartModel } from "../../charts/model.ts";
import { plural } from "../../format/format.ts";
import { rangeLabel } from "../../format/time.ts";
import type { Frame } from "../../view/useView.ts";

/** The server's buckets grow by this factor: twenty make a decade. */
const FACTOR = 10 ** (1 / 20);
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

/** What took 0 ms has no place on a logarithmic axis: it stands in the first bin, which ends at a millisecond. */
const ZERO_BIN = { from: 0.9, to: 1 };

export function shapeDistribution(buckets: Answer, trend: Answer | undefined, now: Date): HistogramChartModel {
  const { from, to, timezone } = buckets.meta;
  const bins = groupsOf(buckets)
    .flatMap((group) => {
      const low = group.text("duration_bucket");
      const count = group.number("count") ?? 0;
      if (low === null || count === 0) return [];
      const start = Number(low);
      return [{ ...(start > 0 ? { from: start, to: start * FACTOR } : ZERO_BIN), count }];
    })
    .sort((a, b) => a.from - b.from);
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
