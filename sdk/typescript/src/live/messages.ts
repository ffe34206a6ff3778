/** What client and server say besides frames. */
import type { Frame, Subscription } from "./frames.ts";

/** Which frame somebody has. */
export interface Position {
  epoch: number;
  seq: number;
}

export type ClientMessage =
  | { type: "auth"; token: string }
  | ({ type: "subscribe"; id: string; resume?: Position } & Subscription)
  | { type: "unsubscribe"; topic: string }
  | { type: "ping" };

export type ServerMessage =
  | Frame
  | { type: "ready"; organization: string }
  | { type: "subscribed"; id: string | null; topic: string }
  | { type: "unsubscribed"; topic: string }
  | { type: "pong" }
  /** `pointer` names the part of the message at fault. */
  | { type: "error"; id?: string | null; code: string; detail: string; pointer?: string | null };

/** What the server has said; null where that is no message. Kinds that this version does not know are left to the reader. */
export function parse(data: unknown): ServerMessage | null {
  if (typeof data !== "string") return null;
  try {
    const said: unknown = JSON.parse(data);
    const isMessage = typeof said === "object" && said !== null && "type" in said && typeof said.type === "string";
    return isMessage ? (said as ServerMessage) : null;
  } catch {
    return null;
  }
}
