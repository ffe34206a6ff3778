import { useMemo, useSyncExternalStore } from "react";
import { COLUMNS } from "./columns.tsx";

/** What a narrow screen leaves to the workflow's own page: below which width, in pixels. The least missed first. */
const LEFT_OUT: readonly [number, string][] = [
  [1380, "activity"],
  [1280, "owner"],
  [1180, "next"],
  [1100, "cost"],
];
/** Below it a row is a card, with room for all but the curve. */
const CARDS_BELOW = 768;

function subscribe(listener: () => void): () => void {
  window.addEventListener("resize", listener);
  return () => window.removeEventListener("resize", listener);
}

function leftOut(): number {
  const width = window.innerWidth;
  return LEFT_OUT.filter(([below, id]) => (width < CARDS_BELOW ? id === "activity" : width < below)).length;
}

export function useColumns() {
  const count = useSyncExternalStore(subscribe, leftOut);
  return useMemo(() => {
    const ids = LEFT_OUT.slice(0, count).map(([, id]) => id);
    return COLUMNS.filter(({ id }) => !ids.includes(id));
  }, [count]);
}
