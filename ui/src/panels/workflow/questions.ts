/** What a workflow's page asks, tab by tab: only what is in view, in one batch. Pure. */
import type { CompareWith, Filter, Granularity, Query } from "../../api/types.ts";
import { STATUSES } from "../../theme/tokens.ts";
import type { WorkflowTab } from "./search.ts";

export interface Scope {
  id: string;
  frame: Pick<Query, "time" | "timezone" | "filters">;
  granularity: Granularity;
  compare: CompareWith | undefined;
}

export const KPI_MEASURES = ["count", "success_rate", "count_failed", "duration_avg", "duration_p95", "cost"] as const;

/** Versions are a matter of months, whatever the page's range; as many days as there may be points are too many to read. */
export const VERSIONS_LAST = "180d";

/** More durations than this many buckets span ten thousand years. */
const BUCKETS_MAX = 400;
const STEPS_MAX = 500;
const VERSIONS_MAX = 50;
const ERROR_TYPES_SHOWN = 7;
const ACTION_TYPES_SHOWN = 7;

const HAS_FAILED: Filter = { field: "status", op: "in", values: ["failed", "timeout"] };

export function questionsOf(tab: WorkflowTab, scope: Scope): Record<string, Query> {
  const { id, granularity, compare } = scope;
  const filters: Filter[] = [...(scope.frame.filters ?? []), { field: "workflow", op: "eq", value: id }];
  const frame = { ...scope.frame, filters };
  const executions = { source: "executions", ...frame };
  const steps = { source: "steps", ...frame };
  const costs = { source: "costs", ...frame };
  const compared = compare ? { compare } : {};
  switch (tab) {
    case "overview":
      return {
        kpis: { ...executions, measures: [...KPI_MEASURES], granularity, ...compared },
        statuses: { ...executions, measures: STATUSES.map((status) => `count_${status}`), granularity },
        durations: { ...executions, measures: ["duration_p95", "duration_avg"], granularity, ...compared },
        buckets: { ...executions, measures: ["count"], dimensions: ["duration_bucket"], limit: BUCKETS_MAX },
        spread: {
          ...executions,
          measures: ["duration_min", "duration_median", "duration_p95", "duration_p99", "duration_max"],
        },
        versions: { ...executions, measures: ["count"], dimensions: ["version"], granularity, limit: VERSIONS_MAX },
      };
    case "steps":
      return {
        figures: {
          ...steps,
          measures: ["count", "count_failed", "duration_avg", "duration_p95", "duration_total"],
          dimensions: ["step_name"],
          limit: STEPS_MAX,
          ...compared,
        },
        waits: {
          ...steps,
          measures: ["duration_total"],
          dimensions: ["step_name", "wait_kind"],
          limit: STEPS_MAX,
        },
      };
    case "versions": {
      const long = { ...executions, dimensions: ["version"], time: { last: VERSIONS_LAST }, limit: VERSIONS_MAX };
      return {
        versions: {
          ...long,
          measures: ["count", "success_rate", "duration_avg", "duration_p95", "cost_per_execution"],
        },
        days: { ...long, measures: ["count"], granularity: "day" },
      };
    }
    case "failures":
      return {
        types: {
          ...executions,
          filters: [...filters, HAS_FAILED],
          measures: ["count"],
          dimensions: ["error_type"],
          granularity,
          limit: ERROR_TYPES_SHOWN,
          other: true,
        },
        statuses: {
          ...executions,
          measures: ["count_failed", "count_timeout", "failure_rate"],
          granularity,
          ...compared,
        },
      };
    case "cost":
      return {
        total: { ...executions, measures: ["cost", "cost_per_execution"], granularity, ...compared },
        failed: {
          ...executions,
          filters: [...filters, HAS_FAILED],
          measures: ["cost", "count"],
          granularity,
          ...compared,
        },
        actions: {
          ...costs,
          measures: ["amount", "count", "estimate_rate"],
          dimensions: ["action_type"],
          limit: ACTION_TYPES_SHOWN,
          other: true,
          ...compared,
        },
        trend: {
          ...costs,
          measures: ["amount"],
          dimensions: ["action_type"],
          granularity,
          limit: ACTION_TYPES_SHOWN,
          other: true,
        },
      };
    case "schedule":
    case "history":
      return { count: { ...executions, measures: ["count"], ...compared } };
  }
}
