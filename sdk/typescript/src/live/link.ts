/** One WebSocket, from its making to its end: says who we are, and notices when nobody is there any more. */
import { ABNORMAL, type End } from "./backoff.ts";
import { type ClientMessage, parse, type ServerMessage } from "./messages.ts";
import { after } from "./timer.ts";

/** How long it may take until the server has let us in. */
const READY_MS_MAX = 10_000;
/** How often the server is asked whether it is there. Its own pings are not shown to pages. */
const PING_EVERY_MS = 25_000;
const PONG_MS_MAX = 10_000;
/** A silence that no server keeps: the computer slept. */
const SILENCE_MS_MAX = 75_000;

export interface LinkOptions {
  url: string;
  token: string | undefined;
  webSocket: typeof WebSocket;
  now: () => number;
}

/** What becomes of it. `onEnd` is called once, and nothing after it. */
export interface LinkEvents {
  /** The server has let us in. */
  onReady(): void;
  onMessage(message: ServerMessage): void;
  onEnd(end: End): void;
}

export class Link {
  readonly #events: LinkEvents;
  readonly #now: () => number;
  #socket: WebSocket | null = null;
  #isReady = false;
  #isOver = false;
  #heardAt: number;
  #cancelDeadline: (() => void) | null = null;
  #cancelPing = () => {};

  constructor({ url, token, webSocket, now }: LinkOptions, events: LinkEvents) {
    this.#events = events;
    this.#now = now;
    this.#heardAt = now();
    this.#expect(READY_MS_MAX);
    try {
      const socket = new webSocket(url);
      this.#socket = socket;
      socket.onopen = () => {
        if (token === undefined) this.#ready();
        else this.send({ type: "auth", token });
      };
      socket.onmessage = ({ data }) => this.#hear(parse(data));
      socket.onclose = ({ code, reason }) => this.#end({ code, reason });
    } catch (error) {
      // As every other end: once the caller knows what has ended.
      queueMicrotask(() => this.#end({ code: ABNORMAL, reason: error instanceof Error ? error.message : "" }));
    }
  }

  /** Sends a message. What is said after the end is not heard. */
  send(message: ClientMessage): void {
    this.#socket?.send(JSON.stringify(message));
  }

  /** Asks the server whether it is there; it is over if it does not say so soon. */
  probe(): void {
    if (!this.#isReady || this.#cancelDeadline !== null) return;
    this.send({ type: "ping" });
    this.#expect(PONG_MS_MAX);
  }

  /** Ends it. `onEnd` is not called. */
  close(): void {
    this.#isOver = true;
    this.#cancelDeadline?.();
    this.#cancelPing();
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  #ready(): void {
    this.#isReady = true;
    this.#met();
    this.#pingLater();
    this.#events.onReady();
  }

  #hear(message: ServerMessage | null): void {
    this.#heardAt = this.#now();
    if (this.#isReady) {
      this.#met();
      if (message !== null) this.#events.onMessage(message);
    } else if (message?.type === "ready") {
      this.#ready();
    } else if (message?.type === "error") {
      // The request had a session, whose owner may see other things than the token's.
      this.#end({ code: 1008, reason: message.detail });
    }
  }

  #pingLater(): void {
    this.#cancelPing = after(PING_EVERY_MS, () => {
      if (this.#now() - this.#heardAt > SILENCE_MS_MAX) {
        this.#end({ code: ABNORMAL, reason: "nothing was heard for long" });
        return;
      }
      this.probe();
      this.#pingLater();
    });
  }

  #expect(ms: number): void {
    this.#cancelDeadline = after(ms, () => this.#end({ code: ABNORMAL, reason: "the server does not answer" }));
  }

  #met(): void {
    this.#cancelDeadline?.();
    this.#cancelDeadline = null;
  }

  #end(end: End): void {
    if (this.#isOver) return;
    // What is not answered would take long to close: nobody waits for that.
    this.close();
    this.#events.onEnd(end);
  }
}
