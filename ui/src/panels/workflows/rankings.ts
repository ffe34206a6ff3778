/** The first five of each order that people ask for. Pure. */
import type { Item } from "../../charts/model.ts";
import { plural, type Unit } from "../../format/format.ts";
import type { Figure, WorkflowRow } from "./data.ts";

export interface Ranking {
  name: string;
  title: string;
  unit: Unit;
  /** The sort of the table that shows the rest. */
  sort: string;
  items: Item[];
}

const SHOWN = 5;

/** What is only a handful of executions says little of a percentile. */
const P95_EXECUTIONS_MIN = 5;

function ranking(
  rows: readonly WorkflowRow[],
  { of, ...about }: Omit<Ranking, "items"> & { of: (row: WorkflowRow) => Pick<Figure, "value" | "before"> },
): Ranking {
  const items = rows
    .map((row) => ({ row, figure: of(row) }))
    .filter(({ figure }) => (figure.value ?? 0) > 0)
    .sort((a, b) => (b.figure.value ?? 0) - (a.figure.value ?? 0))
    .slice(0, SHOWN)
    .map(({ row, figure }) => ({
      name: row.id,
      label: row.title,
      value: figure.value,
      before: figure.before,
      note: `of ${plural(row.count, "execution")}`,
    }));
  return { ...about, items };
}

export function rankingsOf(rows: readonly WorkflowRow[]): Ranking[] {
  return [
    ranking(rows, {
      name: "count",
      title: "Most executions",
      unit: "count",
      sort: "-count",
      of: ({ count }) => ({ value: count, before: null }),
    }),
    ranking(rows, {
      name: "failures",
      title: "Most failures",
      unit: "count",
      sort: "-failures",
      of: ({ failures }) => failures,
    }),
    ranking(rows, {
      name: "p95",
      title: "Slowest (95th percentile)",
      unit: "ms",
      sort: "-p95",
      of: (row) => (row.count < P95_EXECUTIONS_MIN ? { value: null, before: null } : row.p95),
    }),
    ranking(rows, { name: "cost", title: "Costliest", unit: "usd", sort: "-cost", of: ({ cost }) => cost }),
  ];
}
