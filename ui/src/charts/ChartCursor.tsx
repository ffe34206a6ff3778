/** One cross-hair for all charts of a page: whichever has the pointer says the instant, the others follow. */
import { createContext, type ReactNode, useContext, useMemo, useState, useSyncExternalStore } from "react";

export interface CursorStore {
  /** The instant pointed at, in milliseconds; null when none is. */
  get: () => number | null;
  set: (instant: number | null) => void;
  subscribe: (listener: () => void) => () => void;
}

export function makeCursorStore(): CursorStore {
  let instant: number | null = null;
  const listeners = new Set<() => void>();
  return {
    get: () => instant,
    set: (next) => {
      if (next === instant) return;
      instant = next;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const StoreContext = createContext<CursorStore | null>(null);

/** Moving the cross-hair renders the charts that have it under another bucket, and nothing else. */
export function ChartCursorProvider({ children }: { children: ReactNode }) {
  const [store] = useState(makeCursorStore);
  return <StoreContext value={store}>{children}</StoreContext>;
}

/** The bucket that holds an instant; null when none does. */
export function bucketAt(begins: readonly number[], end: number, instant: number): number | null {
  let [low, high] = [0, begins.length - 1];
  if (high < 0 || instant < (begins[0] ?? 0) || instant >= end) return null;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((begins[middle] ?? 0) <= instant) low = middle;
    else high = middle - 1;
  }
  return low;
}

interface Buckets {
  starts: readonly string[];
  ends: readonly string[];
}

/** The bucket under the page's cross-hair, and how to move it. Without a provider the chart has one of its own. */
export function useChartCursor({ starts, ends }: Buckets) {
  const [own] = useState(makeCursorStore);
  const store = useContext(StoreContext) ?? own;
  const begins = useMemo(() => starts.map((start) => Date.parse(start)), [starts]);
  const end = Date.parse(ends.at(-1) ?? "");
  const index = useSyncExternalStore(store.subscribe, () => {
    const instant = store.get();
    return instant === null ? null : bucketAt(begins, end, instant);
  });
  const move = (next: number | null) => {
    const begin = next === null ? undefined : begins[next];
    const stop = next === null ? Number.NaN : Date.parse(ends[next] ?? "");
    store.set(begin === undefined ? null : begin + (stop - begin) / 2);
  };
  return { index, move };
}
