/** One execution, shaped for its page. Pure. */
import type { Cost, Execution, ExecutionDetail, Step } from "../../api/types.ts";

export interface WaterfallRow {
  key: string;
  name: string;
  type: string | null;
  attempt: number;
  state: "completed" | "failed" | "skipped" | "open";
  waitsFor: string | null;
  target: string | null;
  durationMs: number | null;
  /** Where the bar begins and how long it is, in per cent of the whole run; null when its times are unknown. */
  bar: { left: number; width: number } | null;
  /** Milliseconds after the run's start. */
  offsetMs: number | null;
  error: string | null;
}

const WAIT_WORD: Record<string, string> = {
  queue: "waits in a queue",
  external: "waits for another system",
  human: "waits for a person",
  retry_backoff: "waits before a retry",
};

function stateOf(status: string | null): WaterfallRow["state"] {
  return status === "completed" || status === "failed" || status === "skipped" ? status : "open";
}

/** When the run was on, as far as its own times and those of its steps tell. */
export function spanOf(execution: Execution, steps: readonly Step[], now: Date): { from: number; to: number } | null {
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

export function shapeWaterfall(
  { execution, steps }: Pick<ExecutionDetail, "execution" | "steps">,
  now: Date,
): WaterfallRow[] {
  const span = spanOf(execution, steps, now);
  const length = span ? span.to - span.from : 1;
  return [...steps]
    .sort((a, b) => (a.started_at ?? "~").localeCompare(b.started_at ?? "~"))
    .map((step) => {
      const begin = step.started_at ? Date.parse(step.started_at) : null;
      const known = step.duration_ms ?? (begin != null && step.ended_at ? Date.parse(step.ended_at) - begin : null);
      const isOpen = stateOf(step.status) === "open";
      const shown = known ?? (isOpen && begin != null ? now.getTime() - begin : null);
      const left = span && begin != null ? ((begin - span.from) / length) * 100 : null;
      return {
        key: `${step.step_id}#${step.attempt}`,
        name: step.step_name || step.step_id,
        type: step.step_type,
        attempt: step.attempt,
        state: stateOf(step.status),
        waitsFor: step.wait_kind && step.wait_kind !== "none" ? (WAIT_WORD[step.wait_kind] ?? step.wait_kind) : null,
        target: step.target,
        durationMs: known,
        bar:
          left == null || shown == null
            ? null
            : { left, width: Math.max(0, Math.min(100 - left, (shown / length) * 100)) },
        offsetMs: span && begin != null ? begin - span.from : null,
        error: [step.error_type, step.error_message].filter(Boolean).join(": ") || null,
      };
    });
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

export interface Range {
  min: number;
  avg: number;
  max: number;
}

export function rangeOf(values: readonly (number | null)[]): Range | null {
  const known = values.filter((value): value is number => value != null);
  if (known.length === 0) return null;
  return { min: Math.min(...known), avg: known.reduce((a, b) => a + b, 0) / known.length, max: Math.max(...known) };
}

/** Metadata values as one line each; what is nested stays JSON. */
export function factLines(value: Record<string, unknown>): [string, string][] {
  return Object.entries(value).map(([name, each]) => [name, typeof each === "string" ? each : JSON.stringify(each)]);
}
