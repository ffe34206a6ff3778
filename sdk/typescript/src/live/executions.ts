/** What runs now, put together from frames. Pure. */
import type { ActiveExecution, Detection, ExecutionEvent, ExecutionsFrame } from "./frames.ts";

/** Events that are kept. */
const EVENTS_MAX = 500;
/** Executions that are kept. The server lists 500 at first; what changes later comes on top. */
const EXECUTIONS_MAX = 2_000;

/** What runs now. Never changed in place; rows that stay as they were keep their identity. */
export interface LiveExecutions {
  /** Of all, including those that are not listed. */
  readonly queued: number;
  readonly running: number;
  /** Those that have not ended, by `LiveExecutions.key`. */
  readonly executions: ReadonlyMap<string, ActiveExecution>;
  /** The same, those that began last first. */
  readonly sorted: readonly ActiveExecution[];
  /** What happened, the oldest first: the last 500. */
  readonly events: readonly ExecutionEvent[];
  /** What is not as it should be. */
  readonly detections: readonly Detection[];
  /** The position in the journal up to which this knows everything; null before the first frame. */
  readonly asOfLsn: number | null;
  /** The frame that was applied last. */
  readonly epoch: number | null;
  readonly seq: number | null;
}

const EMPTY: LiveExecutions = {
  queued: 0,
  running: 0,
  executions: new Map(),
  sorted: [],
  events: [],
  detections: [],
  asOfLsn: null,
  epoch: null,
  seq: null,
};

/** Under what an execution is known: an id may be tried again. */
function key({ id, attempt }: { readonly id: string; readonly attempt: number }): string {
  return `${attempt}:${id}`;
}

/** The state after a frame. A snapshot takes the place of everything. */
function apply(state: LiveExecutions, frame: ExecutionsFrame): LiveExecutions {
  const executions = executionsAfter(state.executions, frame);
  return {
    queued: frame.queued,
    running: frame.running,
    executions,
    sorted: executions === state.executions ? state.sorted : [...executions.values()].sort(laterFirst),
    events: eventsAfter(state.events, frame),
    detections: frame.detections ?? (frame.is_snapshot ? [] : state.detections),
    asOfLsn: frame.as_of_lsn,
    epoch: frame.epoch,
    seq: frame.seq,
  };
}

function executionsAfter(
  known: LiveExecutions["executions"],
  frame: ExecutionsFrame,
): ReadonlyMap<string, ActiveExecution> {
  if (!frame.is_snapshot && frame.executions.length === 0 && frame.ended.length === 0) return known;
  const next = new Map(frame.is_snapshot ? [] : known);
  for (const ended of frame.ended) next.delete(key(ended));
  for (const row of frame.executions) {
    const before = known.get(key(row));
    next.set(key(row), before !== undefined && isSame(before, row) ? before : row);
  }
  if (next.size > EXECUTIONS_MAX) {
    for (const row of [...next.values()].sort(laterFirst).slice(EXECUTIONS_MAX)) next.delete(key(row));
  }
  return next;
}

/** By when they began, or were queued; the last first. Ids make the order complete. */
function laterFirst(a: ActiveExecution, b: ActiveExecution): number {
  const [begunA, begunB] = [a.started_at ?? a.queued_at ?? "", b.started_at ?? b.queued_at ?? ""];
  if (begunA !== begunB) return begunA < begunB ? 1 : -1;
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  return b.attempt - a.attempt;
}

/** The events of a snapshot and of the frame after it may be the same. */
function eventsAfter(known: readonly ExecutionEvent[], frame: ExecutionsFrame): readonly ExecutionEvent[] {
  if (!frame.is_snapshot && frame.events.length === 0) return known;
  const before = new Map(known.map((event) => [eventKey(event), event]));
  const next = new Map(frame.is_snapshot ? [] : before);
  for (const event of frame.events) {
    const same = before.get(eventKey(event));
    if (!next.has(eventKey(event))) next.set(eventKey(event), same !== undefined && isSame(same, event) ? same : event);
  }
  return [...next.values()].slice(-EVENTS_MAX);
}

function eventKey({ lsn, execution_id }: ExecutionEvent): string {
  return `${lsn}:${execution_id}`;
}

/** Whether two rows say the same. Rows are flat. */
function isSame<Row extends object>(a: Row, b: Row): boolean {
  const [entriesA, entriesB] = [Object.entries(a), Object.entries(b)];
  const fieldsB = new Map(entriesB);
  return entriesA.length === entriesB.length && entriesA.every(([name, value]) => fieldsB.get(name) === value);
}

/** What runs now: `apply` frames of `executions` or `workflow:…` to `empty`. */
export const LiveExecutions = { empty: EMPTY, apply, key } as const;
