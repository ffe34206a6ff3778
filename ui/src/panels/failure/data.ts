/** One fault: its numbers, its messages, where it strikes. Pure. */

import { groupsOf } from "../../api/rows.ts";
import type { Answer, Execution, FailureDetail, Filter, Query } from "../../api/types.ts";
import type { BarChartModel } from "../../charts/model.ts";
import type { Current } from "../../view/current.ts";

const TOP = 8;

function fault(fingerprint: string): Filter {
  return { field: "error_fingerprint", op: "eq", value: fingerprint };
}

/** What the fault costs, and in which versions it comes. */
export function failureQueries(
  { frame, compare }: Pick<Current, "frame" | "compare">,
  fingerprint: string,
): Record<"totals" | "versions", Query> {
  const common = { ...frame(), filters: [fault(fingerprint)] };
  return {
    totals: {
      source: "executions",
      measures: ["count", "cost", "credits", "duration_total", "retry_rate", "distinct_users"],
      ...common,
      ...(compare ? { compare } : {}),
    },
    versions: {
      source: "executions",
      measures: ["count"],
      dimensions: ["workflow", "version"],
      ...common,
      order: [{ by: "count", direction: "desc" }],
      limit: TOP,
    },
  };
}

/** The workflows that it ends, the most often ended first. */
export function workflowBars({ failure }: Pick<FailureDetail, "failure">): BarChartModel {
  return {
    title: "Workflows that it ends",
    subtitle: "Failures in this range",
    unit: "count",
    items: failure.workflows.map(({ workflow_id, workflow_name, count }) => ({
      name: workflow_id,
      label: workflow_name ?? workflow_id,
      value: count,
    })),
  };
}

/** Versions of workflows, the most often ended first. */
export function versionBars(answer: Answer): BarChartModel {
  return {
    title: "Versions that it ends",
    subtitle: answer.meta.has_more ? `The ${TOP} most frequent, failures in this range` : "Failures in this range",
    unit: "count",
    items: groupsOf(answer).map((group) => {
      const [workflow, version] = [group.text("workflow") ?? "", group.text("version") ?? ""];
      return {
        name: `${workflow}\n${version}`,
        label: `${group.text("workflow_name") ?? (workflow || "No workflow")} ${version || "without a version"}`,
        value: group.number("count"),
      };
    }),
  };
}

export interface Example {
  message: string;
  execution: Pick<Execution, "id" | "attempt" | "event_time">;
}

/** Different messages among the listed executions, the newest first. */
export function examplesOf(executions: readonly Execution[], most: number): Example[] {
  const found = new Map<string, Example>();
  for (const { error_message: message, id, attempt, event_time } of executions) {
    if (found.size === most) break;
    if (message && !found.has(message)) found.set(message, { message, execution: { id, attempt, event_time } });
  }
  return [...found.values()];
}
