/** Frames as the server sends them. */
import type {
  ActiveExecution,
  ExecutionEvent,
  ExecutionsFrame,
  MetricsFrame,
  MetricsWindow,
  QueryFrame,
} from "../../src/live/frames.ts";

const AT = "2026-11-23T12:00:00Z";

export function execution(id: string, more: Partial<ActiveExecution> = {}): ActiveExecution {
  return {
    id,
    attempt: 1,
    status: "running",
    lsn: 1,
    workflow_id: "invoices",
    workflow_name: "Invoices",
    user_id: null,
    queued_at: null,
    started_at: AT,
    updated_at: AT,
    steps_completed: 0,
    steps_total: 3,
    step: null,
    expected_finish_at: null,
    ...more,
  };
}

export function event(lsn: number, more: Partial<ExecutionEvent> = {}): ExecutionEvent {
  return {
    kind: "started",
    at: AT,
    lsn,
    execution_id: `e-${lsn}`,
    attempt: 1,
    workflow_id: "invoices",
    workflow_name: "Invoices",
    ...more,
  };
}

/** Changes; with `is_snapshot`, everything. */
export function executionsFrame(seq: number, more: Partial<ExecutionsFrame> = {}): ExecutionsFrame {
  return {
    type: "executions",
    topic: "executions",
    epoch: 1,
    seq,
    as_of_lsn: seq,
    at: AT,
    is_snapshot: false,
    queued: 0,
    running: 0,
    executions: [],
    ended: [],
    events: [],
    ...more,
  };
}

export function metricsFrame(seq: number, more: Partial<MetricsFrame> = {}): MetricsFrame {
  const window: MetricsWindow = {
    starts: 0,
    finishes: 0,
    success: 0,
    failed: 0,
    timeout: 0,
    cancelled: 0,
    success_rate: null,
    duration_avg_ms: null,
    finishes_per_minute: 0,
  };
  const windows = { last_minute: window, last_5_minutes: window, last_hour: window };
  const series = { start_ms: 0, step_ms: 10_000, starts: [0], success: [0], failures: [0] };
  const head = { topic: "metrics:1s", epoch: 1, seq, as_of_lsn: seq, at: AT, is_snapshot: false };
  return { type: "metrics_update", ...head, data: { queued: 0, running: 0, ...windows, series }, ...more };
}

export function queryFrame(seq: number): QueryFrame {
  const head = { topic: "query:5s:0a", epoch: 1, seq, as_of_lsn: null, at: AT, is_snapshot: true };
  return { type: "query", ...head, problem: { code: "query_timed_out", detail: "It took too long." } };
}
