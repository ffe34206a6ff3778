/** WebSockets whose other end is the test. */
import { expect } from "vitest";
import type { ClientMessage } from "../../src/live/messages.ts";

export class FakeSocket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly url: string;
  /** What the client has said. */
  readonly said: ClientMessage[] = [];
  /** The code with which the client has closed it. */
  closedWith: number | null = null;
  /** Told of every message. */
  onSaid: (message: ClientMessage) => void = () => {};

  constructor(url: string) {
    this.url = url;
  }

  send(text: string): void {
    const message: ClientMessage = JSON.parse(text);
    this.said.push(message);
    this.onSaid(message);
  }

  close(code: number): void {
    this.closedWith = code;
  }

  opens(): void {
    this.onopen?.();
  }

  tells(message: unknown): void {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }

  ends(code: number, reason = ""): void {
    this.onclose?.({ code, reason });
  }

  /** What was said of that type. */
  of<Type extends ClientMessage["type"]>(type: Type): Extract<ClientMessage, { type: Type }>[] {
    return this.said.filter((message): message is Extract<ClientMessage, { type: Type }> => message.type === type);
  }

  /** Answers every subscription that waits for it, with these names or those of the channels. */
  accepts(...names: string[]): void {
    this.of("subscribe").forEach(({ id, channel }, place) => {
      this.tells({ type: "subscribed", id, topic: names[place] ?? channel });
    });
  }
}

/** Makes them, and remembers them. */
export function fakeSockets() {
  const made: FakeSocket[] = [];
  class Made extends FakeSocket {
    constructor(url: string) {
      super(url);
      made.push(this);
    }
  }
  return {
    made,
    webSocket: Made as unknown as typeof WebSocket,
    /** The one that was made last. */
    get last(): FakeSocket {
      return made.at(-1) ?? expect.fail("no connection was made");
    },
  };
}
