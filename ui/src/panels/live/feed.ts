/** What has happened, as a list of news. Pure. */
import type { ExecutionEvent, ExecutionEventKind } from "@tacho/live";
import { duration } from "../../format/format.ts";
import { isWanted } from "./active.ts";
import type { Feed, LiveSearch } from "./search.ts";

export const FEED_WORD: Record<Feed, string> = {
  ends: "Starts and ends",
  failures: "Failures only",
  all: "Every step of progress too",
};

const KINDS: Record<Feed, readonly ExecutionEventKind[] | null> = {
  ends: ["queued", "started", "succeeded", "failed", "timed_out", "cancelled"],
  failures: ["failed", "timed_out"],
  all: null,
};

export const EVENT_WORD: Record<ExecutionEventKind, string> = {
  queued: "Queued",
  started: "Started",
  progressed: "Went on",
  succeeded: "Succeeded",
  failed: "Failed",
  timed_out: "Timed out",
  cancelled: "Cancelled",
};

/** More nobody reads. */
export const SHOWN_MAX = 200;

export function eventKey({ lsn, execution_id, attempt }: ExecutionEvent): string {
  return `${lsn} ${execution_id} ${attempt}`;
}

/** Those that the page is narrowed to, the newest first. */
export function newsOf(events: readonly ExecutionEvent[], search: LiveSearch): readonly ExecutionEvent[] {
  const kinds = KINDS[search.feed ?? "ends"];
  const wanted = events.filter(
    (event) => (kinds === null || kinds.includes(event.kind)) && isWanted({ ...event, id: event.execution_id }, search),
  );
  return wanted.slice(-SHOWN_MAX).reverse();
}

/** How many have come since the newest of a list that is held. */
export function newSince(held: readonly ExecutionEvent[], now: readonly ExecutionEvent[]): number {
  const [first] = held;
  if (!first) return now.length;
  const place = now.findIndex((event) => eventKey(event) === eventKey(first));
  return place < 0 ? now.length : place;
}

export function detailOf({ error_type, duration_ms }: ExecutionEvent): string {
  return [error_type, duration_ms == null ? null : duration(duration_ms)].filter(Boolean).join(" · ");
}
