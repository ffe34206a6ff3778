import { useSearch } from "@tanstack/react-router";
import { LIVE_MS, useRefreshInterval } from "../session/preferences.ts";
import type { View } from "../view/view.ts";
import { useLiveState } from "./useLive.ts";

export interface LiveMode {
  /** The viewer wants it, and the page's range reaches now: what happens shows at once. */
  isWanted: boolean;
  /** There is a connection that tells what happens. */
  isOpen: boolean;
  /** How often to ask whatever happens; false is never. */
  interval: number | false;
}

/** What no event tells: costs, steps, and that time goes on. */
const BESIDE_MS = 30_000;
/** Of a range that is past, only what comes late. */
const PAST_MS = 60_000;

export function reachesNow({ from, to }: Pick<View, "from" | "to">, now: number): boolean {
  return !from || !to || Date.parse(to) > now;
}

/** How a page keeps itself up to date: by the stream while there is one, else by asking. */
export function useLiveMode({ hasRange = true } = {}): LiveMode {
  const [chosen] = useRefreshInterval();
  const isOpen = useLiveState().kind === "open";
  const view = useSearch({ strict: false }) as View;
  if (chosen !== LIVE_MS) return { isWanted: false, isOpen, interval: chosen || false };
  if (hasRange && !reachesNow(view, Date.now())) return { isWanted: false, isOpen, interval: PAST_MS };
  return { isWanted: true, isOpen, interval: isOpen ? BESIDE_MS : LIVE_MS };
}
