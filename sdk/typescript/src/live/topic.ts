/** Something that is watched, by one or by many, and what is known of it. */
import { LiveExecutions } from "./executions.ts";
import type { ExecutionsFrame, Frame, LiveProblem, Subscription } from "./frames.ts";
import type { Position } from "./messages.ts";
import type { LiveHandlers } from "./state.ts";

/** What tells a subscription from all others. */
export function identityOf({ channel, interval, query }: Subscription): string {
  if (channel !== "metrics" && channel !== "query") return channel;
  return `${channel} ${interval ?? "5s"} ${query === undefined ? "" : sorted(query)}`;
}

/** JSON that does not depend on the order in which an object was written, as the server sees it. */
function sorted(query: unknown): string {
  return JSON.stringify(query, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

export class Topic {
  readonly id: string;
  readonly subscription: Subscription;
  readonly watchers = new Set<LiveHandlers>();
  /** How the server calls it, once it has said so on this connection. */
  name: string | null = null;
  /** Whether the server was asked for it and has not answered yet. */
  isAsked = false;
  /** Times in a row that it could not be had. */
  failures = 0;
  /** Ends what is to be done later: asking for it again, or dropping it. */
  cancelRetry = () => {};
  cancelDrop = () => {};
  /** Whether it is to be dropped as soon as the server has answered. */
  isDue = false;
  #has: Position | null = null;
  #awaitsSnapshot = false;
  /** Of executions, what the frames say together; of a question, the last answer. */
  #executions = LiveExecutions.empty;
  #last: Frame | null = null;

  constructor(id: string, subscription: Subscription) {
    this.id = id;
    this.subscription = subscription;
  }

  /** Where to go on; undefined to begin with a snapshot. Metrics have their series in snapshots only. */
  get resume(): Position | undefined {
    return this.subscription.channel === "metrics" ? undefined : (this.#has ?? undefined);
  }

  /** Some frames are missing: what follows is of no use until there is a snapshot. */
  forget(): void {
    this.#has = null;
    this.#awaitsSnapshot = true;
  }

  /** There is a new connection. */
  begin(): void {
    this.name = null;
    this.isAsked = false;
    this.cancelRetry();
    // The first frame goes on from here, or says everything.
    this.#awaitsSnapshot = this.resume === undefined;
  }

  /** What to do with a frame: tell it, leave it out, or ask for everything since some are missing. */
  take(frame: Frame): "tell" | "ignore" | "renew" {
    if (!frame.is_snapshot) {
      if (this.#awaitsSnapshot) return "ignore";
      const has = this.#has?.epoch === frame.epoch ? this.#has : null;
      if (has !== null && frame.seq <= has.seq) return "ignore";
      if (frame.type === "executions" && frame.seq !== (has?.seq ?? Number.NaN) + 1) return "renew";
    }
    this.#awaitsSnapshot = false;
    this.#has = { epoch: frame.epoch, seq: frame.seq };
    this.#last = frame;
    if (frame.type === "executions") this.#executions = LiveExecutions.apply(this.#executions, frame);
    return "tell";
  }

  /** What somebody is told who comes later than others: what is known so far. */
  get known(): Frame | null {
    return this.#last?.type === "executions" ? snapshotOf(this.#executions, this.#last) : this.#last;
  }

  tell(frame: Frame): void {
    for (const watcher of [...this.watchers]) tellOne(watcher, frame);
  }

  complain(problem: LiveProblem): void {
    for (const watcher of [...this.watchers]) complainTo(watcher, problem);
  }
}

function snapshotOf(state: LiveExecutions, last: ExecutionsFrame): ExecutionsFrame {
  return {
    ...last,
    is_snapshot: true,
    executions: [...state.sorted],
    ended: [],
    events: [...state.events],
    detections: [...state.detections],
  };
}

/** Tells one watcher. What a watcher does wrong is the watcher's alone. */
export function tellOne(watcher: LiveHandlers, frame: Frame): void {
  try {
    watcher.onFrame(frame);
  } catch (error) {
    complainTo(watcher, { code: "handler_failed", detail: error instanceof Error ? error.message : String(error) });
  }
}

function complainTo(watcher: LiveHandlers, problem: LiveProblem): void {
  try {
    watcher.onProblem?.(problem);
  } catch {
    // There is nobody left to tell.
  }
}
