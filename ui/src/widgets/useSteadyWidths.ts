import { type RefObject, useLayoutEffect, useState } from "react";

/**
 * Columns keep the widths that the first rows gave them, as shares of the table: otherwise they would wander while rows
 * come and go. Null until they are known, and where `isOn` is false. `key` names the columns; others are measured anew.
 */
export function useSteadyWidths(head: RefObject<HTMLElement | null>, key: string, isOn: boolean): string[] | null {
  const [steady, setSteady] = useState<{ key: string; widths: string[] } | null>(null);
  const isKnown = steady?.key === key;
  useLayoutEffect(() => {
    if (!isOn || isKnown || !head.current) return;
    const cells = [...head.current.querySelectorAll("th")].map((cell) => cell.getBoundingClientRect().width);
    const total = cells.reduce((sum, width) => sum + width, 0);
    if (total > 0) setSteady({ key, widths: cells.map((width) => `${(width / total) * 100}%`) });
  }, [head, key, isOn, isKnown]);
  return isOn && isKnown ? steady.widths : null;
}
