/** How the connection stands, in words. Pure. */
import type { ConnectionState } from "@tacho/live";

export type Standing = "live" | "polling" | "waiting";

export interface Words {
  standing: Standing;
  text: string;
  /** Why, if there is more to know. */
  reason: string | null;
  /** Whether somebody may try again at once. */
  canRetry: boolean;
}

export function wordsOf(state: ConnectionState, source: "stream" | "poll", now: number, pollEveryMs: number): Words {
  const reason = state.kind === "waiting" || state.kind === "refused" ? state.reason : null;
  const canRetry = reason !== null;
  if (source === "poll")
    return { standing: "polling", text: `Polling every ${pollEveryMs / 1_000} s`, reason, canRetry };
  if (state.kind === "open") return { standing: "live", text: "Live", reason, canRetry };
  if (state.kind !== "waiting") return { standing: "waiting", text: "Connecting", reason, canRetry };
  const seconds = Math.ceil((state.until - now) / 1_000);
  return { standing: "waiting", text: seconds > 0 ? `Reconnecting in ${seconds} s` : "Reconnecting", reason, canRetry };
}
