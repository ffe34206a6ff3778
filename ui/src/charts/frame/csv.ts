/** CSV by RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe in front. */
import type { Cell, Table } from "./table.ts";

function cell(value: Cell): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function toCsv(header: string[], rows: Cell[][]): string {
  return [header, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

/** The values as they are, unrounded and in the unit in which they came. */
export function tableCsv({ rowTitle, keyTitles, rows, columns }: Table): string {
  return toCsv(
    [...(keyTitles ?? [rowTitle]), ...columns.map(({ label }) => label)],
    rows.map(({ name, keys }, index) => [...(keys ?? [name]), ...columns.map(({ values }) => values[index] ?? null)]),
  );
}

export function fileName(title: string, extension: string): string {
  const slug = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return `${slug || "chart"}.${extension}`;
}
