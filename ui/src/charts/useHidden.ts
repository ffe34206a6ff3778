import { useState } from "react";
import type { TimeChartModel } from "./model.ts";

/** Which series of a chart are hidden, and how to hide one or show it again. */
export function useHidden({ series }: TimeChartModel) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const toggle = (name: string) =>
    setHidden((before) => {
      const after = new Set(before);
      if (!after.delete(name)) after.add(name);
      // Hiding the last one shows all again: an empty chart says nothing.
      return series.every((each) => after.has(each.name)) ? new Set() : after;
    });
  return { hidden, toggle };
}
