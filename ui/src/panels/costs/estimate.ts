/** What sessions are estimated to cost, beside what was recorded. Pure. */
import type { CostAnalysis } from "../../api/types.ts";
import { percent } from "../../format/format.ts";

export interface Estimate {
  /** Whether anything was recorded to set beside it. */
  hasActual: boolean;
  rows: { label: string; estimated: number | null; actual: number | null }[];
  /** "60 % less than estimated"; null without an actual amount. */
  difference: string | null;
  notes: string[];
}

export function shapeEstimate({ cost, breakdown, actual }: CostAnalysis): Estimate {
  const total = actual?.total ?? null;
  return {
    hasActual: actual !== null,
    rows: [
      { label: "Total", estimated: cost.estimatedTotal, actual: total },
      { label: "Per execution", estimated: cost.costPerExecution, actual: actual?.costPerExecution ?? null },
      { label: "For sessions", estimated: breakdown.sessionCosts, actual: null },
      { label: "For their duration", estimated: breakdown.durationCosts, actual: null },
      { label: "Of failed executions", estimated: null, actual: actual?.failedTotal ?? null },
    ],
    difference: differenceText(actual?.differencePercent ?? null),
    notes: [...cost.notes, ...(actual?.notes ?? [])].map(inWords),
  };
}

/** The notes name fields of the answer; the table beside them says what they are. */
const FIELD_WORD: Record<string, string> = {
  sessionCosts: "“For sessions”",
  durationCosts: "“For their duration”",
  failedTotal: "“Of failed executions”",
};

function inWords(note: string): string {
  return note.replaceAll(/\b(sessionCosts|durationCosts|failedTotal)\b/g, (field) => FIELD_WORD[field] ?? field);
}

function differenceText(byPercent: number | null): string | null {
  if (byPercent === null) return null;
  if (byPercent === 0) return "As much as estimated";
  return `${percent(Math.abs(byPercent))} ${byPercent < 0 ? "less" : "more"} than estimated`;
}
