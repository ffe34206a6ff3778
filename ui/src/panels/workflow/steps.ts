/** Where the time of a workflow goes: its steps, and what they wait for. Pure. */
import { groupsOf } from "../../api/rows.ts";
import type { Answer, WorkflowSteps } from "../../api/types.ts";
import { type Change, change, share } from "../../format/format.ts";

/** In the order in which they are drawn: work first, then what is waited for. */
export const WAITS = ["none", "queue", "external", "human", "retry_backoff", "unknown"] as const;
export type Wait = (typeof WAITS)[number];

export const WAIT_WORD: Record<Wait, string> = {
  none: "Active",
  queue: "Queue",
  external: "External system",
  human: "Human",
  retry_backoff: "Before a retry",
  unknown: "Not told",
};

export const WAIT_ABOUT: Record<Wait, string> = {
  none: "Something is done",
  queue: "Waits for a worker or a resource",
  external: "Waits for an answer from another system",
  human: "Waits for a person",
  retry_backoff: "Waits before it tries again",
  unknown: "The sender did not say whether it waited",
};

function waitOf(kind: string | null): Wait {
  return WAITS.find((each) => each === kind) ?? "unknown";
}

export interface WaitShare {
  wait: Wait;
  ms: number;
  /** In percent of the time of all. */
  share: number;
}

function sharesOf(times: ReadonlyMap<Wait, number>): WaitShare[] {
  const total = [...times.values()].reduce((sum, ms) => sum + ms, 0);
  return WAITS.flatMap((wait) => {
    const ms = times.get(wait) ?? 0;
    return ms > 0 ? [{ wait, ms, share: share(ms, total) ?? 0 }] : [];
  });
}

/** Of the workflow as a whole. */
export function shapeWaits(report: WorkflowSteps): WaitShare[] {
  const times = new Map<Wait, number>();
  for (const { wait_kind, duration_total_ms } of report.waits) {
    const wait = waitOf(wait_kind);
    times.set(wait, (times.get(wait) ?? 0) + duration_total_ms);
  }
  return sharesOf(times);
}

export interface StepRow {
  name: string;
  count: number;
  failed: number;
  skipped: number;
  failureRate: number | null;
  average: number | null;
  p95: number | null;
  p95Before: number | null;
  p95Change: Change | null;
  share: number | null;
  isBottleneck: boolean;
  waits: WaitShare[];
}

/** The server's report of steps with how each has changed, and what it waits for. */
export function shapeSteps(report: WorkflowSteps, figures: Answer | undefined, waits: Answer | undefined): StepRow[] {
  const groups = new Map((figures ? groupsOf(figures) : []).map((group) => [group.text("step_name"), group]));
  const waitsByStep = new Map<string | null, Map<Wait, number>>();
  for (const group of waits ? groupsOf(waits) : []) {
    const name = group.text("step_name");
    const times = waitsByStep.get(name) ?? new Map<Wait, number>();
    times.set(waitOf(group.text("wait_kind")), group.number("duration_total") ?? 0);
    waitsByStep.set(name, times);
  }
  return report.steps.map((step) => {
    const before = groups.get(step.step_name)?.before("duration_p95") ?? null;
    return {
      name: step.step_name || "No name",
      count: step.count,
      failed: step.count_failed,
      skipped: step.count_skipped,
      failureRate: step.failure_rate,
      average: step.duration.avg_ms,
      p95: step.duration.p95_ms,
      p95Before: before,
      p95Change: change(step.duration.p95_ms, before, "ms", "lower"),
      share: step.time_share,
      isBottleneck: step.is_bottleneck,
      waits: sharesOf(waitsByStep.get(step.step_name) ?? new Map()),
    };
  });
}

/** The one sentence that the table says: "Read text takes 47 % of the time of all steps." */
export function bottleneckWords(rows: readonly StepRow[]): string | null {
  const found = rows.filter(({ isBottleneck }) => isBottleneck);
  if (found.length === 0) return null;
  const names = found.map(({ name, share: part }) => `${name} (${Math.round(part ?? 0)}\u00A0%)`);
  return `Most time goes to ${names.join(" and ")}: making that quicker helps most.`;
}
