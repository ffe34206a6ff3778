import { useSyncExternalStore } from "react";

/** Relative times move together and rarely, so that a resting table rests. */
const TICK_MS = 10_000;

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The time, to ten seconds; never before `atLeast`, so that what just happened is not in the future. */
export function useNow(): Date {
  return new Date(useSyncExternalStore(subscribe, () => now));
}
