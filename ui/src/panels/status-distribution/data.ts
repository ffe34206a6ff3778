/** How the executions of the range ended. Pure. */
import type { Answer, Query } from "../../api/types.ts";
import { share } from "../../format/format.ts";
import { STATUSES, type Status } from "../../theme/tokens.ts";
import type { Frame } from "../kpis/data.ts";

export function statusQuery({ granularity: _granularity, ...frame }: Frame): Query {
  return { source: "executions", measures: ["count"], dimensions: ["status"], ...frame };
}

export interface StatusShare {
  status: Status;
  count: number;
  /** Per cent of all. */
  share: number;
}

/** In the fixed order of the statuses, so that nothing jumps when the figures change. */
export function shapeStatuses(answer: Answer): StatusShare[] {
  const statusIndex = answer.columns.findIndex(({ name }) => name === "status");
  const countIndex = answer.columns.findIndex(({ name }) => name === "count");
  const counts = new Map(answer.rows.map((row) => [row[statusIndex], Number(row[countIndex] ?? 0)]));
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return STATUSES.flatMap((status) => {
    const count = counts.get(status) ?? 0;
    if (count === 0) return [];
    return [{ status, count, share: share(count, total) ?? 0 }];
  });
}
