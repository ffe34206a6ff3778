/** The four figures of the Overview: what to ask, and what to show of the answer. Pure. */
import type { Answer, Cell, Column, Query } from "../../api/types.ts";
import { type Change, change, type Unit } from "../../format/format.ts";

export const KPI_MEASURES = ["count", "success_rate", "count_failed", "duration_avg"] as const;

export type Frame = Pick<Query, "time" | "granularity" | "timezone" | "filters">;

export function kpiQuery(frame: Frame, compare: boolean): Query {
  return {
    source: "executions",
    measures: [...KPI_MEASURES],
    ...frame,
    ...(compare ? { compare: "previous_period" as const } : {}),
  };
}

export interface Kpi {
  name: string;
  label: string;
  definition: string | null;
  unit: Unit;
  value: number | null;
  previous: number | null;
  change: Change | null;
  isCompared: boolean;
  spark: (number | null)[];
}

function number(cell: Cell | undefined): number | null {
  return typeof cell === "number" ? cell : null;
}

export function unitOf(column: Column): Unit {
  return column.unit ?? null;
}

export function shapeKpis(answer: Answer): Kpi[] {
  const { columns, rows, totals, comparison } = answer;
  return columns.flatMap((column, index) => {
    if (column.role !== "measure") return [];
    const unit = unitOf(column);
    const value = number(totals[index]);
    const previous = comparison ? number(comparison.totals[index]) : null;
    return [
      {
        name: column.name,
        label: column.label,
        definition: column.definition ?? null,
        unit,
        value,
        previous,
        change: change(value, previous, unit, column.direction ?? null),
        isCompared: comparison != null,
        spark: rows.map((row) => number(row[index])),
      },
    ];
  });
}

/** How many executions the range holds, whatever their status; null when the answer does not say. */
export function totalCount(answer: Answer): number | null {
  const index = answer.columns.findIndex(({ name }) => name === "count");
  return number(answer.totals[index]);
}
