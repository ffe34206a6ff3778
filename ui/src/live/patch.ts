/** Rows that an answer gave, as they are by what has happened since. Pure. */
import type { ExecutionEvent, ExecutionEventKind, LiveExecutions } from "@tacho/live";
import type { Execution, ExecutionStatus } from "../api/types.ts";

/** What an execution is after an event. */
export const STATUS_AFTER: Record<ExecutionEventKind, ExecutionStatus> = {
  queued: "queued",
  started: "running",
  progressed: "running",
  succeeded: "success",
  failed: "failed",
  timed_out: "timeout",
  cancelled: "cancelled",
};

const OPEN: readonly ExecutionStatus[] = ["queued", "running"];

type Row = Pick<
  Execution,
  "id" | "attempt" | "status" | "duration_ms" | "error_type" | "completed_at" | "steps_completed" | "steps_total"
>;

/** The same rows; those that something happened to are others. Only what is open becomes something else. */
export function patched<Of extends Row>(
  rows: readonly Of[],
  live: LiveExecutions | null,
  asOfLsn: number,
): readonly Of[] {
  if (!live || !rows.some(({ status }) => OPEN.includes(status))) return rows;
  const news = live.events.filter(({ lsn }) => lsn > asOfLsn);
  let isChanged = false;
  const next = rows.map((row) => {
    if (!OPEN.includes(row.status)) return row;
    const event = news.findLast(({ execution_id, attempt }) => execution_id === row.id && attempt === row.attempt);
    if (!event) return row;
    isChanged = true;
    return after(row, event, live);
  });
  return isChanged ? next : rows;
}

function after<Of extends Row>(row: Of, event: ExecutionEvent, live: LiveExecutions): Of {
  const status = STATUS_AFTER[event.kind];
  const active = live.sorted.find(({ id, attempt }) => id === row.id && attempt === row.attempt);
  return {
    ...row,
    status,
    duration_ms: event.duration_ms ?? row.duration_ms,
    error_type: event.error_type ?? row.error_type,
    completed_at: OPEN.includes(status) ? row.completed_at : event.at,
    steps_completed: active?.steps_completed ?? row.steps_completed,
    steps_total: active?.steps_total ?? row.steps_total,
  };
}
