import { type RefObject, useLayoutEffect, useState } from "react";

export interface SteadyWidths {
  /** Of each column, as a share of the table. */
  columns: string[];
  /** Under which the table does not go, in px: it was as narrow as its cells let it. Undefined where there was room. */
  least: number | undefined;
}

/**
 * Columns keep the widths that the first rows gave them, as shares of the table: otherwise they would wander while rows
 * come and go. Null until they are known, and where `isOn` is false. `key` names the columns; others are measured anew.
 */
export function useSteadyWidths(head: RefObject<HTMLElement | null>, key: string, isOn: boolean): SteadyWidths | null {
  const [steady, setSteady] = useState<(SteadyWidths & { key: string }) | null>(null);
  const isKnown = steady?.key === key;
  useLayoutEffect(() => {
    if (!isOn || isKnown || !head.current) return;
    const cells = [...head.current.querySelectorAll("th")].map((cell) => cell.getBoundingClientRect().width);
    const total = cells.reduce((sum, width) => sum + width, 0);
    const room = head.current.closest("table")?.parentElement?.clientWidth ?? total;
    const least = total > room + 1 ? total : undefined;
    if (total > 0) setSteady({ key, columns: cells.map((width) => `${(width / total) * 100}%`), least });
  }, [head, key, isOn, isKnown]);
  return isOn && isKnown ? steady : null;
}
