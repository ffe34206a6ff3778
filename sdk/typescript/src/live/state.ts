/** How a connection stands, and who is told what. Types only. */
import type { Frame, LiveProblem } from "./frames.ts";

export type ConnectionState =
  | { kind: "connecting" }
  | { kind: "open" }
  /** It was lost, or could not be made. `until` is when it is tried again, in milliseconds since 1970. */
  | { kind: "waiting"; until: number; attempt: number; reason: string }
  /** The server does not let us in. Not tried again until `retryNow`. */
  | { kind: "refused"; reason: string }
  /** Nothing is subscribed to. */
  | { kind: "closed" };

export interface LiveHandlers {
  /** Called with every frame. The first is a snapshot; of metrics, one that says less may come before where others watch already. */
  onFrame(frame: Frame): void;
  /** Called when the subscription can't be had, or a handler throws. */
  onProblem?(problem: LiveProblem): void;
}
