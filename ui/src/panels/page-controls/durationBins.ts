/** The server's buckets of durations as bins of a histogram, and the executions of a bin as filters. Pure. */
import { groupsOf } from "../../api/rows.ts";
import type { Answer } from "../../api/types.ts";
import type { HistogramChartModel } from "../../charts/model.ts";
import { rangeWhere } from "../../view/ranges.ts";
import type { Where } from "../../view/view.ts";

/** How many buckets the server makes of a tenfold. */
const BUCKETS_PER_DECADE = 20;
/** What took less than a millisecond is in a bucket of its own. */
const UNDER_ONE: [from: number, to: number] = [0, 1];

/** A bucket is named by the least whole millisecond in it, which is not where it begins. */
function placeOf(ms: number): number {
  const tolerance = 1e-9;
  return Math.floor(Math.log10(ms) * BUCKETS_PER_DECADE + tolerance);
}

function edgeOf(place: number): number {
  return 10 ** (place / BUCKETS_PER_DECADE);
}

/** Buckets without executions between others are empty bins, so that a gap is seen as one. */
export function binsOf(buckets: Answer): HistogramChartModel["bins"] {
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
    bins.push({ from: edgeOf(place), to: edgeOf(place + 1), count: counts.get(place) ?? 0 });
  }
  return bins;
}

/** The executions of a bin: durations are whole milliseconds, and so are the ends of the range. */
export function whereOfBin(from: number, to: number): Where {
  return rangeWhere("duration", leastWhole(from), leastWhole(to));
}

/** The least whole number that is not below; a power of ten that was worked out is not quite one. */
function leastWhole(value: number): number {
  return Math.ceil(value * (1 - 1e-9));
}
