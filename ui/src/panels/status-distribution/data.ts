/** How the executions of the range ended. Pure. */
import { totalOf } from "../../api/rows.ts";
import type { Answer } from "../../api/types.ts";
import { share } from "../../format/format.ts";
import { STATUSES, type Status } from "../../theme/tokens.ts";

export interface StatusShare {
  status: Status;
  count: number;
  /** Per cent of all. */
  share: number;
}

/** The totals of the trend, in the fixed order of the statuses, so that nothing jumps when the figures change. */
export function shapeStatuses(trend: Answer): StatusShare[] {
  const counts = STATUSES.map((status) => ({ status, count: totalOf(trend, `count_${status}`) ?? 0 }));
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  return counts.flatMap(({ status, count }) =>
    count === 0 ? [] : [{ status, count, share: share(count, total) ?? 0 }],
  );
}
