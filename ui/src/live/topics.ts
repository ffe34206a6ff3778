/** What is followed, once for all who follow it: each subscription counts as a request. */
import type { Frame, LiveExecutions, Subscription } from "@tacho/live";
import { type LiveClient, liveClient } from "./client.ts";
import { type LiveMetrics, metricsAfter } from "./metrics.ts";

/** From page to page a subscription goes on: it ends when nobody has followed it for so long. */
const LINGER_MS = 30_000;
/** Frames may come every 40 ms; nobody reads that fast. */
const TELL_EVERY_MS = 100;

type Apply<State> = (before: State | null, frame: Frame, client: LiveClient) => State | null;

export class Topic<State> {
  state: State | null = null;
  private readonly listeners = new Set<() => void>();
  private stop: (() => void) | null = null;
  private ending: ReturnType<typeof setTimeout> | undefined;
  private telling: ReturnType<typeof setTimeout> | undefined;
  private toldAt = 0;
  private renewing: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly subscription: Subscription,
    private readonly apply: Apply<State>,
    /** How often it is begun anew, where frames don't say again what has changed further back. */
    private readonly renewEveryMs?: number,
  ) {}

  /** Follows it until the returned function is called. */
  follow = (listener: () => void): (() => void) => {
    clearTimeout(this.ending);
    this.listeners.add(listener);
    if (!this.stop) this.start();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.ending = setTimeout(() => this.end(), LINGER_MS);
    };
  };

  get = (): State | null => this.state;

  /** Forgets what it knows. Whoever still follows it begins anew with the next connection. */
  end(): void {
    clearTimeout(this.ending);
    clearTimeout(this.telling);
    clearInterval(this.renewing);
    this.telling = undefined;
    this.stop?.();
    this.stop = null;
    this.state = null;
  }

  private start(): void {
    let isOver = false;
    let leave: (() => void) | null = null;
    this.stop = () => {
      isOver = true;
      leave?.();
    };
    liveClient().then(
      (client) => {
        const begin = () =>
          client.connection.subscribe(this.subscription, {
            onFrame: (frame) => {
              if (isOver) return;
              this.state = this.apply(this.state, frame, client);
              this.tell();
            },
          });
        if (isOver) return;
        leave = begin();
        if (this.renewEveryMs) {
          this.renewing = setInterval(() => {
            if (document.hidden || client.connection.state.kind !== "open") return;
            leave?.();
            leave = begin();
          }, this.renewEveryMs);
        }
      },
      () => {
        // The connection's state says so; who follows next tries again.
        if (!isOver) this.stop = null;
      },
    );
  }

  private tell(): void {
    if (this.telling) return;
    const wait = Math.max(0, this.toldAt + TELL_EVERY_MS - Date.now());
    this.telling = setTimeout(() => {
      this.telling = undefined;
      this.toldAt = Date.now();
      for (const listener of this.listeners) listener();
    }, wait);
  }
}

const executions = new Map<string, Topic<LiveExecutions>>();

function ofExecutions(before: LiveExecutions | null, frame: Frame, client: LiveClient): LiveExecutions | null {
  return frame.type === "executions" ? client.executionsAfter(before, frame) : before;
}

/** What runs now: all that the viewer may see, or of one workflow. */
export function executionsTopic(workflow?: string): Topic<LiveExecutions> {
  const channel = workflow === undefined ? ("executions" as const) : (`workflow:${workflow}` as const);
  const topic = executions.get(channel) ?? new Topic({ channel }, ofExecutions);
  executions.set(channel, topic);
  return topic;
}

/** A record that comes very late counts where it belongs, which only a first frame tells. */
const METRICS_RENEWED_MS = 60_000;

/** Counts of the last minute, five minutes and hour, every second. */
export const metricsTopic = new Topic<LiveMetrics>(
  { channel: "metrics", interval: "1s" },
  (before, frame) => (frame.type === "metrics_update" ? metricsAfter(before, frame) : before),
  METRICS_RENEWED_MS,
);

/** When the viewer leaves: nothing of what they might see stays. */
export function endTopics(): void {
  metricsTopic.end();
  for (const topic of executions.values()) topic.end();
}
