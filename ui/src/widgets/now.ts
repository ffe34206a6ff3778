import { useSyncExternalStore } from "react";

/** A clock that all who look at it share, so that they move together. It runs while somebody looks. */
function ticking(everyMs: number) {
  let now = Date.now();
  let timer: ReturnType<typeof setInterval> | undefined;
  const listeners = new Set<() => void>();
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    timer ??= setInterval(() => {
      now = Date.now();
      for (const each of listeners) each();
    }, everyMs);
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  };
  const get = () => {
    // Nobody has looked for a while.
    if (timer === undefined && Date.now() - now > everyMs) now = Date.now();
    return now;
  };
  return { subscribe, get };
}

/** Relative times move rarely, so that a resting table rests. */
const calm = ticking(10_000);
const seconds = ticking(1_000);

/** The time, to ten seconds. */
export function useNow(): Date {
  return new Date(useSyncExternalStore(calm.subscribe, calm.get));
}

/** The time, to a second: for what goes on. */
export function useSecond(): Date {
  return new Date(useSyncExternalStore(seconds.subscribe, seconds.get));
}
