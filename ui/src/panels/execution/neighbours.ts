/** The execution of the same workflow before this one, and the one after it. */
import { type ExecutionFilter, listExecutions } from "../../api/requests.ts";
import type { Execution, ExecutionList } from "../../api/types.ts";

type List = (
  filter: ExecutionFilter,
  signal?: AbortSignal,
) => Promise<Pick<ExecutionList, "executions" | "next_cursor">>;
export type Neighbour = Pick<Execution, "id" | "attempt" | "status" | "event_time">;
type Run = Pick<Execution, "id" | "attempt" | "workflow_id" | "event_time">;

const FIRST_WINDOW_MS = 6 * 3_600_000;
const TRIES_MAX = 6;
/** As many as a page may hold. */
const PAGE = 200;

function isOther(run: Run): (each: Execution) => boolean {
  return ({ id, attempt }) => id !== run.id || attempt !== run.attempt;
}

export async function previousExecution(run: Run, signal?: AbortSignal, list: List = listExecutions) {
  if (!run.workflow_id) return null;
  const page = await list({ workflow_id: run.workflow_id, to: run.event_time, limit: 1 }, signal);
  return page.executions[0] ?? null;
}

/**
 * Lists are newest first, so the next one is the last of those in a window after this one. The window grows while it
 * is empty and shrinks while it holds more than a page.
 */
export async function nextExecution(
  run: Run,
  now: Date,
  signal?: AbortSignal,
  list: List = listExecutions,
): Promise<Neighbour | null> {
  if (!run.workflow_id) return null;
  const from = Date.parse(run.event_time);
  let windowMs = FIRST_WINDOW_MS;
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const to = from + windowMs;
    const page = await list(
      { workflow_id: run.workflow_id, from: run.event_time, to: new Date(to).toISOString(), limit: PAGE },
      signal,
    );
    const next = page.executions.filter(isOther(run)).at(-1);
    if (page.next_cursor) windowMs /= 20;
    else if (next) return next;
    else if (to > now.getTime()) return null;
    else windowMs *= 8;
  }
  return null;
}
