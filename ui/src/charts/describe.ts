/** A bucket in words: for tooltips, for a screen reader, for the table and the exported file. Pure. */
import { exact } from "../format/format.ts";
import { bucketName } from "../format/time.ts";
import { bucketTotal, type TimeChartModel } from "./model.ts";

export function nameOf(model: TimeChartModel, index: number): string {
  const start = model.starts[index];
  return start ? bucketName(start, model.ends[index] ?? null, model.size, model.zone) : "";
}

export interface TooltipRow {
  name: string;
  label: string;
  color: string;
  text: string;
}

/** The values of a bucket, greatest first; what is zero is left out, what is hidden too. */
export function tooltipRows(model: TimeChartModel, index: number, hidden: ReadonlySet<string>): TooltipRow[] {
  return model.series
    .filter(({ name, values }) => !hidden.has(name) && (values[index] ?? 0) > 0)
    .sort((a, b) => (b.values[index] ?? 0) - (a.values[index] ?? 0))
    .map(({ name, label, color, values }) => ({ name, label, color, text: exact(values[index] ?? null, model.unit) }));
}

export function noteOf(model: TimeChartModel, index: number): string | null {
  const unknown = model.unknown.get(index);
  if (unknown) return `Not known: ${unknown}`;
  return model.partial.has(index) ? "Only partly inside the range" : null;
}

/** One sentence that a screen reader says when the cursor comes to a bucket. */
export function announce(model: TimeChartModel, index: number, hidden: ReadonlySet<string>): string {
  const unknown = model.unknown.get(index);
  if (unknown) return `${nameOf(model, index)}: not known, ${unknown}`;
  const parts = tooltipRows(model, index, hidden).map(({ label, text }) => `${label} ${text}`);
  const total = exact(bucketTotal(model, index, hidden), model.unit);
  const note = model.partial.has(index) ? ", only partly inside the range" : "";
  return `${nameOf(model, index)}: total ${total}${parts.length > 0 ? `; ${parts.join(", ")}` : ""}${note}`;
}
