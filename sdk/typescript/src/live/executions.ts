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
    detections: detectionsAfter(state.detections, frame),
    asOfLsn: frame.as_of_lsn,
    epoch: frame.epoch,
    seq: frame.seq,
  };
}

function executionsAfter(
  known: LiveExecutions["executions"],
  frame: ExecutionsFrame,
): ReadonlyMap<string, ActiveExecution> {
  const next = new Map(frame.is_snapshot ? [] : known);
  for (const ended of frame.ended) next.delete(key(ended));
  for (const row of frame.executions) next.set(key(row), kept(known.get(key(row)), row));
  if (next.size > EXECUTIONS_MAX) {
    for (const row of [...next.values()].sort(laterFirst).slice(EXECUTIONS_MAX)) next.delete(key(row));
  }
  const isAsBefore = next.size === known.size && [...next].every(([name, row]) => known.get(name) === row);
  return isAsBefore ? known : next;
}

/** By when they began, or were queued; the last first. Ids make the order complete. */
function laterFirst(a: ActiveExecution, b: ActiveExecution): number {
  const [begunA, begunB] = [begunAt(a), begunAt(b)];
  if (begunA !== begunB) return begunA < begunB ? 1 : -1;
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  return b.attempt - a.attempt;
}

/** As text that sorts: a second without digits behind it ends before its fractions, which with a `Z` it would not. */
function begunAt({ started_at, queued_at }: ActiveExecution): string {
  return (started_at ?? queued_at ?? "").slice(0, -1);
}

/** The events of a snapshot and of the frame after it may be the same. */
function eventsAfter(known: readonly ExecutionEvent[], frame: ExecutionsFrame): readonly ExecutionEvent[] {
  if (!frame.is_snapshot && frame.events.length === 0) return known;
  const before = new Map(known.map((event) => [eventKey(event), event]));
  const next = new Map(frame.is_snapshot ? [] : before);
  for (const event of frame.events) next.set(eventKey(event), kept(before.get(eventKey(event)), event));
  return [...next.values()].slice(-EVENTS_MAX);
}

function eventKey({ lsn, execution_id }: ExecutionEvent): string {
  return `${lsn}:${execution_id}`;
}

function detectionsAfter(known: readonly Detection[], frame: ExecutionsFrame): readonly Detection[] {
  if (frame.detections === undefined) return frame.is_snapshot ? [] : known;
  const before = new Map(known.map((detection) => [detection.id, detection]));
  const next = frame.detections.map((detection) => kept(before.get(detection.id), detection));
  return next.length === known.length && next.every((detection, place) => detection === known[place]) ? known : next;
}

/** The row that was known before, if the new one says the same. Rows are flat. */
function kept<Row extends object>(before: Row | undefined, row: Row): Row {
  if (before === undefined) return row;
  const fields = new Map<string, unknown>(Object.entries(before));
  const entries = Object.entries(row);
  const isSame = entries.length === fields.size && entries.every(([name, value]) => fields.get(name) === value);
  return isSame ? before : row;
}

/** What runs now: `apply` frames of `executions` or `workflow:…` to `empty`. */
export const LiveExecutions = { empty: EMPTY, apply, key } as const;
