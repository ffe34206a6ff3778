/** The small curves of the table: one question for all workflows that are in view. Pure. */
import { groupsOf } from "../../api/rows.ts";
import type { Answer, Granularity, Query } from "../../api/types.ts";

type Frame = Pick<Query, "time" | "timezone" | "filters">;

export function sparksQuery(frame: Frame, granularity: Granularity, ids: readonly string[]): Query {
  return {
    source: "executions",
    measures: ["count"],
    dimensions: ["workflow"],
    ...frame,
    filters: [...(frame.filters ?? []), { field: "workflow", op: "in", values: [...ids] }],
    granularity,
    limit: 10_000,
  };
}

/** A curve for each workflow that the answer knows, with zeros where it did not run. */
export function shapeSparks(answer: Answer): Map<string, number[]> {
  const groups = groupsOf(answer);
  // Answered oldest first, and each bucket has a row of every workflow.
  const starts = [...new Set(groups.map((group) => group.text("time")))];
  const places = new Map(starts.map((start, index) => [start, index]));
  const sparks = new Map<string, number[]>();
  for (const group of groups) {
    const id = group.text("workflow") ?? "";
    const at = places.get(group.text("time")) ?? 0;
    const counts = sparks.get(id) ?? starts.map(() => 0);
    counts[at] = group.number("count") ?? 0;
    sparks.set(id, counts);
  }
  return sparks;
}
