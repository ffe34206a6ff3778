/** Answers as the server gives them, from little. */
import type { Answer, Cell, Column } from "../api/types.ts";

const UNITS: Record<string, Column["unit"]> = {
  amount: "usd",
  cost: "usd",
  duration_median: "ms",
  duration_p95: "ms",
  duration_p99: "ms",
  duration_total: "ms",
  duration_avg: "ms",
  success_rate: "percent",
  failure_rate: "percent",
  minutes_saved: "minutes",
};
const DIRECTIONS: Record<string, Column["direction"]> = {
  success_rate: "higher",
  count_failed: "lower",
  duration_p95: "lower",
  amount: "lower",
};

interface Made {
  /** In the order of the cells: "time" and dimensions first. */
  dimensions?: string[];
  measures: string[];
  rows: Cell[][];
  /** Of the measures only. */
  totals: (number | null)[];
  before?: { rows: Cell[][]; totals: (number | null)[] };
  other?: Cell[];
  meta?: Partial<Answer["meta"]>;
}

export function answerOf({ dimensions = [], measures, rows, totals, before, other, meta }: Made): Answer {
  const pad = dimensions.map(() => null);
  const column = (name: string, role: Column["role"]): Column => ({
    name,
    label: `The ${name}`,
    definition: `What ${name} means.`,
    type: role === "measure" ? "number" : role === "time" ? "timestamp" : "text",
    role,
    unit: role === "measure" ? (UNITS[name] ?? "count") : null,
    direction: DIRECTIONS[name] ?? null,
  });
  return {
    columns: [
      ...dimensions.map((name) => column(name, name === "time" ? "time" : "dimension")),
      ...measures.map((name) => column(name, "measure")),
    ],
    rows,
    totals: [...pad, ...totals],
    comparison: before
      ? {
          from: "2026-11-09T00:00:00Z",
          to: "2026-11-16T00:00:00Z",
          totals: [...pad, ...before.totals],
          absolute: [],
          relative: [],
          by_row: { rows: before.rows, absolute: [], relative: [] },
        }
      : null,
    other: other ? [other] : null,
    explain: null,
    differences: null,
    meta: {
      as_of: "2026-11-23T00:00:00Z",
      as_of_lsn: 1,
      served_by: "raw",
      exact: true,
      relative_error: null,
      from_cache: false,
      elapsed_ms: 1,
      rows_read: 1,
      has_more: false,
      gaps: [],
      unattributed: 0,
      conflicts: 0,
      from: "2026-11-16T00:00:00Z",
      to: "2026-11-23T00:00:00Z",
      timezone: "UTC",
      granularity: dimensions.includes("time") ? "day" : null,
      requested_granularity: null,
      notes: [],
      ...meta,
    },
  };
}
