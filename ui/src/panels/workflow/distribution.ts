/** How long the executions of a workflow take, as a histogram with what to know of it marked. Pure. */
import { groupsOf, totalOf } from "../../api/rows.ts";
import type { Answer } from "../../api/types.ts";
import type { HistogramChartModel } from "../../charts/model.ts";
import { plural } from "../../format/format.ts";
import { rangeLabel } from "../../format/time.ts";

/** How many buckets the server makes of a tenfold. */
const BUCKETS_PER_DECADE = 20;
const RATIO = 10 ** (1 / BUCKETS_PER_DECADE);
/** What took less than a millisecond is in a bucket of its own. */
const UNDER_ONE: [from: number, to: number] = [0, 1];

/** A bucket is named by the least whole millisecond in it, which is not where it begins. */
function placeOf(ms: number): number {
  const tolerance = 1e-9;
  return Math.floor(Math.log10(ms) * BUCKETS_PER_DECADE + tolerance);
}

/** Buckets without executions between others are empty bins, so that a gap is seen as one. */
function binsOf(buckets: Answer): HistogramChartModel["bins"] {
  const counts = new Map<number, number>();
  let instant = 0;
  for (const group of groupsOf(buckets)) {
    const from = group.number("duration_bucket") ?? Number(group.text("duration_bucket") ?? Number.NaN);
    if (Number.isNaN(from)) continue;
    if (from < 1) instant += group.number("count") ?? 0;
    else counts.set(placeOf(from), group.number("count") ?? 0);
  }
  const bins = instant > 0 ? [{ from: UNDER_ONE[0], to: UNDER_ONE[1], count: instant }] : [];
  if (counts.size === 0) return bins;
  const [first, last] = [Math.min(...counts.keys()), Math.max(...counts.keys())];
  for (let place = first; place <= last; place += 1) {
    const from = RATIO ** place;
    bins.push({ from, to: from * RATIO, count: counts.get(place) ?? 0 });
  }
  return bins;
}

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
