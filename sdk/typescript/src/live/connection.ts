/** Watches what changes. One WebSocket for all subscriptions; it comes back by itself, without losing or repeating anything. */
import { TachoError } from "../errors.ts";
import type { Frame, LiveProblem, Subscription } from "./frames.ts";
import type { ServerMessage } from "./messages.ts";
import type { ConnectionState, LiveHandlers } from "./state.ts";
import { after } from "./timer.ts";
import { identityOf, Topic, tellOne } from "./topic.ts";
import { Upkeep } from "./upkeep.ts";

/** How long a subscription outlives its last watcher, who may be back with the next page. */
const LINGER_MS = 3_000;
/** Before something that could not be had is asked for again; doubled each time. */
const AGAIN_MS = 5_000;
const AGAIN_MS_MAX = 60_000;

export interface LiveOptions {
  /** Where Tacho is, such as `http://127.0.0.1:8080`. */
  url: string;
  /** An API key, or what gives one for each connection. In a browser on Tacho's own origin it can be left out: the session is used. */
  token?: string | (() => string) | undefined;
  /** Needed where there is none of the runtime's own: Node before 22. */
  webSocket?: typeof WebSocket | undefined;
  /** From 0 to 1. */
  random?: (() => number) | undefined;
  /** Milliseconds since 1970. */
  now?: (() => number) | undefined;
}

export class LiveConnection {
  readonly #upkeep: Upkeep;
  readonly #now: () => number;
  readonly #random: () => number;
  /** By what tells them apart. */
  readonly #topics = new Map<string, Topic>();
  readonly #listeners = new Set<(state: ConnectionState) => void>();
  #made = 0;
  #lastFrameAt: number | null = null;

  /** @throws TachoError `no_web_socket` where the runtime has none and none is given. */
  constructor({ url, token, webSocket = globalThis.WebSocket, random = Math.random, now = Date.now }: LiveOptions) {
    if (webSocket === undefined) {
      throw new TachoError(
        "no_web_socket",
        "There is no WebSocket here (Node has one from 22 on). Pass one as webSocket.",
      );
    }
    this.#now = now;
    this.#random = random;
    this.#upkeep = new Upkeep(
      { url: socketUrl(url), token: () => (typeof token === "function" ? token() : token), webSocket, random, now },
      {
        onReady: () => this.#subscribeToAll(),
        onMessage: (message) => this.#hear(message),
        onState: (state) => this.#tellState(state),
      },
    );
  }

  /** How the connection stands. The same object until that changes. */
  get state(): ConnectionState {
    return this.#upkeep.state;
  }

  /** When the last frame came, in milliseconds since 1970. */
  get lastFrameAt(): number | null {
    return this.#lastFrameAt;
  }

  /**
   * Watches something. Connects with the first subscription, and closes a little after the last has gone. Who watches what
   * others watch already shares that, and begins with a snapshot all the same.
   * @returns what ends it.
   */
  subscribe(subscription: Subscription, handlers: LiveHandlers): () => void {
    const identity = identityOf(subscription);
    let topic = this.#topics.get(identity);
    if (topic === undefined) {
      this.#made += 1;
      topic = new Topic(String(this.#made), subscription);
      this.#topics.set(identity, topic);
    }
    // Handlers may be given twice: each subscription is its own.
    const watcher: LiveHandlers = {
      onFrame: (frame) => handlers.onFrame(frame),
      onProblem: (problem) => handlers.onProblem?.(problem),
    };
    this.#welcome(topic, watcher);
    this.#upkeep.start();
    return () => this.#leave(topic, watcher);
  }

  /** Calls back whenever the state has changed. Returns what ends that. */
  onState(listener: (state: ConnectionState) => void): () => void {
    const own = (state: ConnectionState) => listener(state);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** Tries again at once, where it waits or was refused. */
  retryNow(): void {
    this.#upkeep.retryNow();
  }

  /** Ends all subscriptions and the connection. Another subscription connects anew. */
  close(): void {
    for (const topic of this.#topics.values()) {
      topic.cancelRetry();
      topic.cancelDrop();
      topic.watchers.clear();
    }
    this.#topics.clear();
    this.#upkeep.stop();
  }

  #welcome(topic: Topic, watcher: LiveHandlers): void {
    topic.cancelDrop();
    topic.isDue = false;
    topic.watchers.add(watcher);
    const { known } = topic;
    const isLost = topic.name === null && !topic.isAsked;
    // Of metrics, the series comes with a snapshot only.
    if (isLost || known?.type === "metrics_update") this.#ask(topic);
    if (known === null) return;
    // Not before the caller has what ends the subscription.
    queueMicrotask(() => {
      if (topic.watchers.has(watcher)) tellOne(watcher, known);
    });
  }

  #leave(topic: Topic, watcher: LiveHandlers): void {
    if (!topic.watchers.delete(watcher) || topic.watchers.size > 0) return;
    topic.cancelDrop = after(LINGER_MS, () => this.#drop(topic));
  }

  #drop(topic: Topic): void {
    // It could not be ended at the server, which has not said yet how it calls it.
    topic.isDue = topic.isAsked && this.#upkeep.isOpen;
    if (topic.isDue) return;
    topic.cancelRetry();
    topic.cancelDrop();
    this.#topics.delete(identityOf(topic.subscription));
    if (topic.name !== null) this.#upkeep.send({ type: "unsubscribe", topic: topic.name });
    if (this.#topics.size === 0) this.#upkeep.stop();
  }

  #subscribeToAll(): void {
    for (const topic of [...this.#topics.values()]) {
      topic.begin();
      if (topic.watchers.size > 0) this.#ask(topic);
      else this.#drop(topic);
    }
  }

  #ask(topic: Topic): void {
    topic.cancelRetry();
    if (!this.#upkeep.isOpen) return;
    const { resume } = topic;
    topic.isAsked = true;
    this.#upkeep.send({
      type: "subscribe",
      id: topic.id,
      ...topic.subscription,
      ...(resume === undefined ? {} : { resume }),
    });
  }

  #hear(message: ServerMessage): void {
    switch (message.type) {
      case "executions":
      case "metrics_update":
      case "query":
        this.#take(message);
        break;
      case "subscribed":
        this.#answered(message.id, (topic) => {
          topic.name = message.topic;
          topic.failures = 0;
        });
        break;
      case "error":
        this.#answered(message.id, (topic) => this.#failed(topic, message, message.pointer != null));
        break;
      default:
      // Pongs are the link's; what is not known here is of a later version.
    }
  }

  #take(frame: Frame): void {
    for (const topic of this.#topics.values()) {
      if (topic.name !== frame.topic) continue;
      const next = topic.take(frame);
      if (next === "renew") {
        topic.forget();
        this.#ask(topic);
      }
      if (next !== "tell") continue;
      this.#lastFrameAt = this.#now();
      topic.tell(frame);
    }
  }

  #answered(id: string | null | undefined, then: (topic: Topic) => void): void {
    for (const topic of [...this.#topics.values()]) {
      if (topic.id !== id) continue;
      topic.isAsked = false;
      then(topic);
      if (topic.isDue) this.#drop(topic);
    }
  }

  /** It can't be had: not at all, or not now. */
  #failed(topic: Topic, { code, detail }: LiveProblem, isFinal: boolean): void {
    topic.complain({ code, detail });
    if (isFinal) return;
    topic.failures += 1;
    const full = Math.min(AGAIN_MS_MAX, AGAIN_MS * 2 ** Math.min(topic.failures - 1, 10));
    topic.cancelRetry();
    topic.cancelRetry = after(full / 2 + (full / 2) * this.#random(), () => this.#ask(topic));
  }

  #tellState(state: ConnectionState): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(state);
      } catch {
        // What a listener does wrong is its own.
      }
    }
  }
}

function socketUrl(base: string): string {
  const url = new URL(`${base.replace(/\/+$/, "")}/ws/analytics`);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
