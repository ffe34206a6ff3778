/** Keeps a connection: comes back after its end, later and later, and says how it stands. */
import { ABNORMAL, type End, meaningOf, reasonOf, waitMs } from "./backoff.ts";
import { Link, type LinkOptions } from "./link.ts";
import type { ClientMessage, ServerMessage } from "./messages.ts";
import type { ConnectionState } from "./state.ts";
import { after } from "./timer.ts";
import { onWake } from "./wake.ts";

/** A connection that lived that long was well: the next one is waited for as after a first failure. */
const WELL_MS = 10_000;

export interface UpkeepOptions extends Omit<LinkOptions, "token"> {
  /** Asked anew for each connection. */
  token: () => string | undefined;
  random: () => number;
}

export interface UpkeepEvents {
  /** There is a new connection, which knows nothing of earlier ones. `onState` follows. */
  onReady(): void;
  onMessage(message: ServerMessage): void;
  onState(state: ConnectionState): void;
}

export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #events: UpkeepEvents;
  #state: ConnectionState = { kind: "closed" };
  #link: Link | null = null;
  #openedAt: number | null = null;
  /** Whether the connection was of use. */
  #hasServed = false;
  #failures = 0;
  /** Whether the wait is not cut short by the browser. */
  #isFirm = false;
  #cancelWait = () => {};
  #forgetWake: (() => void) | null = null;

  constructor(options: UpkeepOptions, events: UpkeepEvents) {
    this.#options = options;
    this.#events = events;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Whether messages can be sent. */
  get isOpen(): boolean {
    return this.#openedAt !== null;
  }

  /** Connects, unless it does already. */
  start(): void {
    if (this.#state.kind !== "closed") return;
    this.#forgetWake = onWake(() => this.#wake());
    this.#connect();
  }

  stop(): void {
    this.#forgetWake?.();
    this.#forgetWake = null;
    this.#cancelWait();
    this.#link?.close();
    this.#link = null;
    this.#openedAt = null;
    this.#failures = 0;
    this.#become({ kind: "closed" });
  }

  /** Tries again at once, also where it was refused. */
  retryNow(): void {
    if (this.#state.kind === "refused") this.#failures = 0;
    if (this.#state.kind === "waiting" || this.#state.kind === "refused") this.#connect();
  }

  /** Sends a message, if there is a connection; if not, `onReady` will say when there is. */
  send(message: ClientMessage): void {
    if (this.isOpen) this.#link?.send(message);
  }

  #wake(): void {
    if (this.isOpen) this.#link?.probe();
    else if (this.#state.kind === "waiting" && !this.#isFirm) this.#connect();
  }

  #connect(): void {
    this.#cancelWait();
    this.#hasServed = false;
    this.#become({ kind: "connecting" });
    let token: string | undefined;
    try {
      token = this.#options.token();
    } catch (error) {
      this.#ended({ code: ABNORMAL, reason: error instanceof Error ? error.message : "there is no token" });
      return;
    }
    this.#link = new Link(
      { ...this.#options, token },
      {
        onReady: () => {
          this.#openedAt = this.#options.now();
          this.#events.onReady();
          if (this.isOpen) this.#become({ kind: "open" });
        },
        onMessage: (message) => {
          this.#hasServed ||= "seq" in message;
          this.#events.onMessage(message);
        },
        onEnd: (end) => this.#ended(end),
      },
    );
  }

  #ended(end: End): void {
    this.#link = null;
    const { now, random } = this.#options;
    const wasWell = this.#openedAt !== null && now() - this.#openedAt >= WELL_MS;
    this.#openedAt = null;
    const meaning = meaningOf(end);
    const reason = reasonOf(end);
    if (meaning === "refused") {
      this.#become({ kind: "refused", reason });
      return;
    }
    this.#failures = wasWell || (meaning === "away" && this.#hasServed) ? 1 : this.#failures + 1;
    this.#isFirm = meaning === "crowded";
    const wait = waitMs(meaning, this.#failures, random());
    // Whoever watches goes on watching: between two connections, this alone keeps a process of Node.
    this.#cancelWait = after(wait, () => this.#connect(), true);
    this.#become({ kind: "waiting", until: now() + wait, attempt: this.#failures, reason });
  }

  #become(state: ConnectionState): void {
    if (state.kind === "closed" && this.#state.kind === "closed") return;
    this.#state = state;
    this.#events.onState(state);
  }
}
