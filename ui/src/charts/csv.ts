/** CSV by RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe in front. */
import type { TimeChartModel } from "./model.ts";

export type CsvCell = string | number | null;

function cell(value: CsvCell): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function toCsv(header: string[], rows: CsvCell[][]): string {
  return [header, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

export function chartCsv(model: TimeChartModel): string {
  const header = ["from", "to", ...model.series.map(({ label }) => label)];
  const rows = model.starts.map((start, index) => [
    start,
    model.ends[index] ?? null,
    ...model.series.map(({ values }) => values[index] ?? null),
  ]);
  return toCsv(header, rows);
}

export function fileName(title: string, extension: string): string {
  const slug = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return `${slug || "chart"}.${extension}`;
}
