/** All workflows with how each fared in the range: what to ask, and the rows of the table. Pure. */
import { type Group, groupsOf, totalOf } from "../../api/rows.ts";
import type { Answer, CompareWith, Query, WorkflowListed } from "../../api/types.ts";
import { type Change, change, type Unit } from "../../format/format.ts";

type Frame = Pick<Query, "time" | "timezone" | "filters">;

/** As many groups as the server answers at once. */
const WORKFLOWS_MAX = 10_000;

/** One question for all workflows. Its totals are those of all executions, the ones that belong to no workflow too. */
export function workflowsQuery(frame: Frame, compare: CompareWith | undefined): Query {
  return {
    source: "executions",
    measures: ["count", "count_success", "count_failed", "count_timeout", "success_rate", "duration_p95", "cost"],
    dimensions: ["workflow"],
    ...frame,
    ...(compare ? { compare } : {}),
    order: [{ by: "count", direction: "desc" }],
    limit: WORKFLOWS_MAX,
  };
}

/** A figure, and how far it is from the one in the range compared with. */
export interface Figure {
  value: number | null;
  before: number | null;
  change: Change | null;
}

/** What a workflow is doing that somebody looks for. A workflow may be several of them, or none. */
export type WorkflowState = "failing" | "running" | "idle" | "inactive";

export const STATE_WORD: Record<WorkflowState, string> = {
  failing: "Failing",
  running: "Running",
  idle: "Idle",
  inactive: "Inactive",
};

export interface WorkflowRow extends WorkflowListed {
  title: string;
  /** What the search looks through, in lower case. */
  haystack: string;
  states: readonly WorkflowState[];
  count: number;
  succeeded: number;
  /** Failed and timed out. */
  failures: Figure;
  successRate: Figure;
  p95: Figure;
  cost: Figure;
}

type Direction = "higher" | "lower";

function figure(value: number | null, before: number | null, unit: Unit, better: Direction): Figure {
  return { value, before, change: change(value, before, unit, better) };
}

const FAILED = new Set(["failed", "timeout"]);

function statesOf(workflow: WorkflowListed, count: number): WorkflowState[] {
  const states: WorkflowState[] = [];
  if (FAILED.has(workflow.last_execution?.status ?? "")) states.push("failing");
  if (workflow.running > 0) states.push("running");
  if (workflow.is_active && count === 0 && workflow.running === 0) states.push("idle");
  if (!workflow.is_active) states.push("inactive");
  return states;
}

/** Failed and timed out together; null where nothing is known. */
function failuresOf(read: Group["number"] | undefined): number | null {
  const failed = read?.("count_failed") ?? null;
  return failed === null ? null : failed + (read?.("count_timeout") ?? 0);
}

/** A row for each workflow, also for those that did not run: unknown figures then, not zero rates. */
export function shapeWorkflows(workflows: readonly WorkflowListed[], answer: Answer): WorkflowRow[] {
  const found = new Map(groupsOf(answer).map((group) => [group.text("workflow"), group]));
  return workflows.map((workflow) => {
    const group = found.get(workflow.id);
    const of = (name: string, unit: Unit, better: Direction) =>
      figure(group?.number(name) ?? null, group?.before(name) ?? null, unit, better);
    const count = group?.number("count") ?? 0;
    const title = workflow.name || workflow.id;
    return {
      ...workflow,
      title,
      haystack: [title, workflow.id, workflow.owner_id, workflow.group, ...Object.values(workflow.tags)]
        .join("\n")
        .toLowerCase(),
      states: statesOf(workflow, count),
      count,
      succeeded: group?.number("count_success") ?? 0,
      failures: figure(failuresOf(group?.number), failuresOf(group?.before), "count", "lower"),
      successRate: of("success_rate", "percent", "higher"),
      p95: of("duration_p95", "ms", "lower"),
      cost: of("cost", "usd", "lower"),
    };
  });
}

export interface Totals {
  workflows: number;
  count: number;
  failures: number;
  /** In percent of those that succeeded, failed or timed out; null without any. */
  successRate: number | null;
  cost: number;
}

/** Of the rows shown. Percentiles can't be added up, so there is none here. */
export function totalsOf(rows: readonly WorkflowRow[]): Totals {
  let [count, succeeded, failures, cost] = [0, 0, 0, 0];
  for (const row of rows) {
    count += row.count;
    succeeded += row.succeeded;
    failures += row.failures.value ?? 0;
    cost += row.cost.value ?? 0;
  }
  const ended = succeeded + failures;
  return {
    workflows: rows.length,
    count,
    failures,
    successRate: ended > 0 ? (succeeded / ended) * 100 : null,
    cost,
  };
}

/** How many executions of the range belong to no workflow of the list, so that sums that differ are explained. */
export function executionsBeside(answer: Answer, rows: readonly WorkflowRow[]): number {
  return (totalOf(answer, "count") ?? 0) - rows.reduce((sum, { count }) => sum + count, 0);
}

/** "elena.jansen" of "elena.jansen@demo.example": enough to know who it is in a table of one's own people. */
export function ownerName(id: string): string {
  return id.split("@")[0] || id;
}

const KIND_WORD: Record<string, string> = {
  workflow: "Workflow",
  browser_task: "Browser task",
  rpa: "RPA",
  bot: "Bot",
  job: "Job",
};

export function kindWord(kind: string | null): string | null {
  return kind && (KIND_WORD[kind] ?? kind);
}
