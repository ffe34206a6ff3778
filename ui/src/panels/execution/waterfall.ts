/** The steps of one execution on its time axis: bars, kinds of waiting, where the time went. Pure. */
import type { Execution, ExecutionDetail, Step } from "../../api/types.ts";

export type WaitKind = "active" | "queue" | "external" | "human" | "retry_backoff";
export type StepState = "completed" | "failed" | "skipped" | "open";

export interface WaterfallRow {
  key: string;
  name: string;
  type: string | null;
  /** Which try of the step this is, and of how many that were sent. */
  attempt: number;
  attempts: number;
  state: StepState;
  kind: WaitKind;
  target: string | null;
  durationMs: number | null;
  /** Where the bar begins and how long it is, in per cent of the whole run; null when its times are unknown. */
  bar: { left: number; width: number } | null;
  /** Milliseconds after the run's start. */
  offsetMs: number | null;
  error: string | null;
  /** Bytes in and out, where they are known. */
  inputBytes: number | null;
  outputBytes: number | null;
}

export const STATE_WORD: Record<StepState, string> = {
  completed: "Completed",
  failed: "Failed",
  skipped: "Skipped",
  open: "Running",
};

export const KIND_WORD: Record<WaitKind, string> = {
  active: "Works",
  queue: "Waits in a queue",
  external: "Waits for another system",
  human: "Waits for a person",
  retry_backoff: "Waits before a retry",
};

/** In the order of the legend. */
export const KINDS: readonly WaitKind[] = ["active", "external", "queue", "human", "retry_backoff"];

function kindOf(step: Step): WaitKind {
  return KINDS.find((kind) => kind === step.wait_kind) ?? "active";
}

function stateOf(status: string | null): StepState {
  return status === "completed" || status === "failed" || status === "skipped" ? status : "open";
}

export interface Span {
  from: number;
  to: number;
}

/** When the run was on, as far as its own times and those of its steps tell. */
export function spanOf(execution: Execution, steps: readonly Step[], now: Date): Span | null {
  const begins = [execution.started_at, ...steps.map(({ started_at }) => started_at)].flatMap((at) =>
    at ? [Date.parse(at)] : [],
  );
  if (begins.length === 0) return null;
  const from = Math.min(...begins);
  const ends = [execution.completed_at, ...steps.map(({ ended_at }) => ended_at)].flatMap((at) =>
    at ? [Date.parse(at)] : [],
  );
  if (execution.duration_ms != null) ends.push(from + execution.duration_ms);
  if (execution.status === "running") ends.push(now.getTime());
  return { from, to: Math.max(from + 1, ...ends) };
}

/** The steps of the try that is shown, where there are several; all of them where they don't tell. */
export function stepsOfTry({
  execution,
  attempts,
  steps,
}: Pick<ExecutionDetail, "execution" | "attempts" | "steps">): Step[] {
  const own = steps.filter(({ attempt }) => attempt === execution.attempt);
  return attempts.length > 1 && own.length > 0 ? own : steps;
}

/** How long a step took, or has been going on; null where its times don't tell. */
function lengthOf(step: Step, now: Date): { known: number | null; shown: number | null } {
  const begin = step.started_at ? Date.parse(step.started_at) : null;
  const known = step.duration_ms ?? (begin != null && step.ended_at ? Date.parse(step.ended_at) - begin : null);
  const isOpen = stateOf(step.status) === "open";
  return { known, shown: known ?? (isOpen && begin != null ? now.getTime() - begin : null) };
}

export function shapeWaterfall(
  { execution, steps }: Pick<ExecutionDetail, "execution" | "steps">,
  now: Date,
): WaterfallRow[] {
  const span = spanOf(execution, steps, now);
  const length = span ? span.to - span.from : 1;
  const tries = new Map<string, number[]>();
  for (const { step_id, attempt } of steps) tries.set(step_id, [...(tries.get(step_id) ?? []), attempt]);
  return [...steps]
    .sort((a, b) => (a.started_at ?? "~").localeCompare(b.started_at ?? "~"))
    .map((step) => {
      const begin = step.started_at ? Date.parse(step.started_at) : null;
      const { known, shown } = lengthOf(step, now);
      const left = span && begin != null ? ((begin - span.from) / length) * 100 : null;
      return {
        key: `${step.id}#${step.attempt}`,
        name: step.step_name || step.step_id,
        type: step.step_type,
        attempt: step.attempt,
        attempts: triesOf(tries.get(step.step_id) ?? []),
        state: stateOf(step.status),
        kind: kindOf(step),
        target: step.target,
        durationMs: known,
        bar:
          left == null || shown == null
            ? null
            : { left, width: Math.max(0, Math.min(100 - left, (shown / length) * 100)) },
        offsetMs: span && begin != null ? begin - span.from : null,
        error: [step.error_type, step.error_message].filter(Boolean).join(": ") || null,
        inputBytes: step.input_bytes,
        outputBytes: step.output_bytes,
      };
    });
}

/** How many tries there were, where more than one of them is shown. */
function triesOf(attempts: readonly number[]): number {
  return new Set(attempts).size > 1 ? Math.max(...attempts) : 1;
}

export interface TimeShare {
  kind: WaitKind;
  ms: number;
  /** Of the time of all steps together, in per cent. */
  share: number;
}

/** Where the time went: the kinds of step that there are, by what they took together. */
export function timeByKind(steps: readonly Step[], now: Date): TimeShare[] {
  const sums = KINDS.map((kind) => ({
    kind,
    ms: steps.reduce((sum, step) => sum + (kindOf(step) === kind ? (lengthOf(step, now).shown ?? 0) : 0), 0),
  }));
  const all = sums.reduce((sum, { ms }) => sum + ms, 0);
  return sums.filter(({ ms }) => ms > 0).map((each) => ({ ...each, share: (each.ms / all) * 100 }));
}

const NICE_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 21_600_000, 43_200_000, 86_400_000,
];
const TICKS_MAX = 5;

/** Round moments of a run of this length, in milliseconds from its start: at most five after the first. */
export function ticksOf(lengthMs: number): number[] {
  const days = Math.ceil(lengthMs / TICKS_MAX / 86_400_000) * 86_400_000;
  const step = NICE_MS.find((each) => lengthMs / each <= TICKS_MAX) ?? days;
  return Array.from({ length: Math.floor(lengthMs / step) + 1 }, (_, index) => index * step);
}
