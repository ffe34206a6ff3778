/** The small curves of the table: one question for all workflows that are in view. Pure. */
import { groupsOf } from "../../api/rows.ts";
import type { Answer, Granularity, Query } from "../../api/types.ts";

type Frame = Pick<Query, "time" | "timezone" | "filters">;

export function sparksQuery(frame: Frame, granularity: Granularity, ids: readonly string[]): Query {
  return {
    source: "executions",
    measures: ["count", "count_failed", "count_timeout"],
    dimensions: ["workflow"],
    ...frame,
    filters: [...(frame.filters ?? []), { field: "workflow", op: "in", values: [...ids] }],
    granularity,
    limit: 10_000,
  };
}

export interface Spark {
  counts: number[];
  failures: number[];
}

/** A curve for each workflow that the answer knows, with zeros where it did not run. */
export function shapeSparks(answer: Answer): Map<string, Spark> {
  const groups = groupsOf(answer);
  // Answered oldest first, and each bucket has a row of every workflow.
  const starts = [...new Set(groups.map((group) => group.text("time")))];
  const places = new Map(starts.map((start, index) => [start, index]));
  const sparks = new Map<string, Spark>();
  for (const group of groups) {
    const id = group.text("workflow") ?? "";
    const at = places.get(group.text("time")) ?? 0;
    const spark = sparks.get(id) ?? { counts: starts.map(() => 0), failures: starts.map(() => 0) };
    spark.counts[at] = group.number("count") ?? 0;
    spark.failures[at] = (group.number("count_failed") ?? 0) + (group.number("count_timeout") ?? 0);
    sparks.set(id, spark);
  }
  return sparks;
}
