/** The one live connection of the application. Its code is loaded when somebody first wants to follow something. */
import type { ConnectionState, ExecutionsFrame, LiveExecutions, LiveHandlers, Subscription } from "@tacho/live";

/** What of a connection is used here; tests stand in for it. */
export interface Connection {
  subscribe(subscription: Subscription, handlers: LiveHandlers): () => void;
  onState(listener: (state: ConnectionState) => void): () => void;
  readonly state: ConnectionState;
  /** When the server was heard last, in milliseconds since 1970. */
  readonly lastFrameAt: number | null;
  retryNow(): void;
  close(): void;
}

export interface LiveClient {
  connection: Connection;
  /** What runs now after a frame; null is before the first. */
  executionsAfter: (before: LiveExecutions | null, frame: ExecutionsFrame) => LiveExecutions;
}

async function connect(): Promise<LiveClient> {
  const { LiveConnection, LiveExecutions } = await import("@tacho/live");
  return {
    // The session's cookie says who watches.
    connection: new LiveConnection({ url: window.location.origin }),
    executionsAfter: (before, frame) => LiveExecutions.apply(before ?? LiveExecutions.empty, frame),
  };
}

const CONNECTING: ConnectionState = { kind: "connecting" };

let make = connect;
let pending: Promise<LiveClient> | null = null;
let made: LiveClient | null = null;
let state: ConnectionState = CONNECTING;
const listeners = new Set<() => void>();

function become(next: ConnectionState): void {
  state = next;
  for (const listener of listeners) listener();
}

/** Made at the first call. Where its code can't be loaded, the next call tries again. */
export function liveClient(): Promise<LiveClient> {
  if (pending) return pending;
  const own = make().then(
    (client) => {
      if (pending !== own) {
        client.connection.close();
        return client;
      }
      made = client;
      become(client.connection.state);
      client.connection.onState((next) => made === client && become(next));
      return client;
    },
    (error: unknown) => {
      if (pending === own) {
        pending = null;
        become({ kind: "refused", reason: "The live connection's code could not be loaded." });
      }
      throw error;
    },
  );
  pending = own;
  return own;
}

export const connectionStore = {
  get: () => state,
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

export function lastHeardAt(): number | null {
  return made?.connection.lastFrameAt ?? null;
}

export function retryNow(): void {
  made?.connection.retryNow();
}

/** Whoever signs in next gets a connection of their own. */
export function closeClient(): void {
  made?.connection.close();
  made = null;
  pending = null;
  become(CONNECTING);
}

/** For tests: another way to connect. */
export function connectBy(another: () => Promise<LiveClient>): void {
  closeClient();
  make = another;
}
