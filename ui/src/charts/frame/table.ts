/** The same values as rows: what the table view shows and what the exported file holds. Pure. */
import { exact, type Unit } from "../../format/format.ts";

export type Cell = string | number | null;

export interface Row {
  /** What the row is of, in words. */
  name: string;
  /** What else is to be known of it: "Only partly inside the range". */
  note?: string | null;
  /** What the row is of, for a machine; stands in the file instead of `name`. One for each of `keyTitles`. */
  keys?: Cell[];
}

export interface Column {
  label: string;
  unit: Unit;
  values: Cell[];
  /** What stands under it. Left out where a sum says nothing, as under a rate. */
  total?: number | null;
}

export interface Table {
  rowTitle: string;
  keyTitles?: string[];
  rows: Row[];
  columns: Column[];
}

export function cellText(value: Cell, unit: Unit): string {
  return typeof value === "string" ? value : exact(value, unit);
}

/** Whether a column is of words, which are read from the left; figures stand below each other on the right. */
export function isText({ values }: Column): boolean {
  return values.some((value) => typeof value === "string");
}

export function hasTotals(table: Table): boolean {
  return table.rows.length > 1 && table.columns.some(({ total }) => total !== undefined);
}
