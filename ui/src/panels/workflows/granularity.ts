/** How finely a single workflow is looked at: most run a few times an hour at best. Pure. */
import type { Granularity, Period } from "../../api/types.ts";
import { lastMs, type View } from "../../view/view.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const PERIOD_GRANULARITY: Record<Period, Granularity> = {
  day: "hour",
  week: "day",
  month: "day",
  quarter: "day",
  year: "week",
  all: "month",
};

/** Up to which length of a range, in ascending order. */
const STEPS: readonly [number, Granularity][] = [
  [3 * HOUR_MS, "five_minutes"],
  [12 * HOUR_MS, "quarter_hour"],
  [3 * DAY_MS, "hour"],
  [120 * DAY_MS, "day"],
  [600 * DAY_MS, "week"],
];

/** Coarser than the charts of all workflows together: 7 to 120 points. */
export function coarseGranularity(view: View, period: Period): Granularity {
  const { from, to, last } = view;
  if (!(from && to) && !last) return PERIOD_GRANULARITY[view.period ?? period];
  const length = from && to ? Date.parse(to) - Date.parse(from) : lastMs(last ?? "");
  return STEPS.find(([upTo]) => length <= upTo)?.[1] ?? "month";
}
