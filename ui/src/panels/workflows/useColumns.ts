import { useViewportSize } from "@mantine/hooks";
import { useMemo } from "react";
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

export function useColumns() {
  const { width } = useViewportSize();
  const out = LEFT_OUT.filter(([below, id]) => (width < CARDS_BELOW ? id === "activity" : width < below)).length;
  return useMemo(() => {
    const ids = LEFT_OUT.slice(0, out).map(([, id]) => id);
    return COLUMNS.filter(({ id }) => !ids.includes(id));
  }, [out]);
}
