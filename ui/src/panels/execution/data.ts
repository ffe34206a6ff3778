/** One execution, shaped for its page. Pure. */

import { columnOf, groupsOf, totalOf } from "../../api/rows.ts";
import type { Answer, Cost, Execution, ExecutionDetail, Filter, Query } from "../../api/types.ts";

const DAY_MS = 86_400_000;
/** How far back runs of the same workflow are usual. */
export const USUAL_DAYS = 30;
/** Fewer runs than this say nothing of what is usual. */
export const USUAL_RUNS_MIN = 20;

type Run = Pick<Execution, "workflow_id" | "event_time" | "duration_ms" | "error_fingerprint">;

/** The page's one batch: how the workflow's runs and steps of the thirty days before this one were. */
export function executionQueries(run: Run | undefined): Record<string, Query> {
  if (!run?.workflow_id) return {};
  const at = Date.parse(run.event_time);
  const time = { from: new Date(at - USUAL_DAYS * DAY_MS).toISOString(), to: new Date(at).toISOString() };
  const workflow: Filter = { field: "workflow", op: "eq", value: run.workflow_id };
  const count = (filter: Filter): Query => ({
    source: "executions",
    measures: ["count"],
    time,
    filters: [workflow, filter],
  });
  return {
    usual: {
      source: "executions",
      measures: ["count", "duration_median", "duration_p95", "success_rate", "cost_per_execution"],
      time,
      filters: [workflow],
    },
    steps: {
      source: "steps",
      measures: ["count", "duration_median", "duration_p95"],
      dimensions: ["step_name"],
      time,
      filters: [workflow],
      limit: 200,
    },
    ended: count({ field: "duration", op: "is_not_null" }),
    ...(run.duration_ms == null ? {} : { slower: count({ field: "duration", op: "gt", value: run.duration_ms }) }),
    ...(run.error_fingerprint
      ? { fault: count({ field: "error_fingerprint", op: "eq", value: run.error_fingerprint }) }
      : {}),
  };
}

export interface Usual {
  runs: number;
  medianMs: number | null;
  p95Ms: number | null;
  successRate: number | null;
  costUsd: number | null;
  /** How many in a hundred of them took less time; null while this one is on. */
  fasterPercent: number | null;
}

export function usualOf(
  usual: Answer | undefined,
  ended: Answer | undefined,
  slower: Answer | undefined,
): Usual | null {
  if (!usual) return null;
  const [all, above] = [ended && totalOf(ended, "count"), slower && totalOf(slower, "count")];
  return {
    runs: totalOf(usual, "count") ?? 0,
    medianMs: totalOf(usual, "duration_median"),
    p95Ms: totalOf(usual, "duration_p95"),
    successRate: totalOf(usual, "success_rate"),
    costUsd: totalOf(usual, "cost_per_execution"),
    fasterPercent: all && above != null ? ((all - above) / all) * 100 : null,
  };
}

export type Verdict = "faster" | "usual" | "slow" | "very_slow" | "unknown";

/** Against the runs before: beyond the 95th percentile is slow, twice beyond it very slow, under half the median fast. */
export function verdictOf(ms: number | null, { runs, medianMs, p95Ms }: Usual): Verdict {
  if (ms == null || medianMs == null || p95Ms == null || runs < USUAL_RUNS_MIN) return "unknown";
  if (ms > 2 * p95Ms) return "very_slow";
  if (ms > p95Ms) return "slow";
  return ms < medianMs / 2 ? "faster" : "usual";
}

export interface UsualStep {
  medianMs: number;
  p95Ms: number;
}

/** By name, how long steps usually take; those seen too seldom are left out. */
export function usualSteps(answer: Answer | undefined): Map<string, UsualStep> {
  const found = new Map<string, UsualStep>();
  if (!answer || !columnOf(answer, "step_name")) return found;
  for (const group of groupsOf(answer)) {
    const [name, runs] = [group.text("step_name"), group.number("count") ?? 0];
    const [medianMs, p95Ms] = [group.number("duration_median"), group.number("duration_p95")];
    if (name && runs >= USUAL_RUNS_MIN && medianMs != null && p95Ms != null) found.set(name, { medianMs, p95Ms });
  }
  return found;
}

/** "2.4" times; null where there is nothing to compare with. */
export function timesOf(ms: number | null, usualMs: number | null | undefined): number | null {
  return ms == null || !usualMs ? null : ms / usualMs;
}

export interface CostSum {
  usd: number | null;
  credits: number | null;
  hasEstimate: boolean;
}

/** What the cost records add up to; unknown, not zero, when there is none. */
export function sumCosts(costs: readonly Cost[]): CostSum {
  const sum = (values: (number | null)[]) => {
    const known = values.filter((value): value is number => value != null);
    return known.length > 0 ? known.reduce((a, b) => a + b, 0) : null;
  };
  return {
    usd: sum(costs.map(({ amount_usd }) => amount_usd)),
    credits: sum(costs.map(({ credits }) => credits)),
    hasEstimate: costs.some(({ is_estimate }) => is_estimate === true),
  };
}

/** The records as they are kept, laid out for reading. */
export function rawRecords({ execution, steps, costs, resources, recoveries }: ExecutionDetail): string {
  return JSON.stringify({ execution, steps, costs, resources, recoveries }, null, 2);
}
