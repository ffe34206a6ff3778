/** The steps of a timeline as rows: what the table and the file hold. Pure. */
import type { Column, Table } from "../../charts/frame/table.ts";
import type { UsualStep } from "./data.ts";
import { KIND_WORD, STATE_WORD, type WaterfallRow } from "./waterfall.ts";

/** Every step with every value, unrounded; a column that no step has a value for is left out. */
export function waterfallTable(rows: readonly WaterfallRow[], usual: ReadonlyMap<string, UsualStep>): Table {
  const columns: Column[] = [
    { label: "Status", unit: null, values: rows.map(({ state }) => STATE_WORD[state]) },
    { label: "Started after", unit: "ms", values: rows.map(({ offsetMs }) => offsetMs) },
    { label: "Duration", unit: "ms", values: rows.map(({ durationMs }) => durationMs) },
    { label: "Usual duration", unit: "ms", values: rows.map(({ name }) => usual.get(name)?.medianMs ?? null) },
    { label: "Time spent", unit: null, values: rows.map(({ kind }) => KIND_WORD[kind]) },
    { label: "Type", unit: null, values: rows.map(({ type }) => type) },
    { label: "Target", unit: null, values: rows.map(({ target }) => target) },
    { label: "Data in", unit: "bytes", values: rows.map(({ inputBytes }) => inputBytes) },
    { label: "Data out", unit: "bytes", values: rows.map(({ outputBytes }) => outputBytes) },
    { label: "Error", unit: null, values: rows.map(({ error }) => error) },
  ];
  return {
    rowTitle: "Step",
    keyTitles: ["Step", "Try"],
    rows: rows.map(({ name, attempt, attempts }) => ({
      name,
      note: attempts > 1 ? `try ${attempt} of ${attempts}` : null,
      keys: [name, attempt],
    })),
    columns: columns.filter(({ values }) => values.some((value) => value !== null)),
  };
}
