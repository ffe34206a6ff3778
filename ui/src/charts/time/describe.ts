/** A bucket in words: for tooltips, for a screen reader, for the table and the exported file. Pure. */
import { exact } from "../../format/format.ts";
import { bucketName } from "../../format/time.ts";
import type { TipContent, TipRow } from "../frame/Tip.tsx";
import { bucketTotal, hasTotal, type TimeChartModel, unitOfSeries } from "../model.ts";

/** How many values are read out: more than this nobody keeps in mind. */
const SPOKEN_MAX = 6;

export function nameOf(model: TimeChartModel, index: number): string {
  const start = model.starts[index];
  return start ? bucketName(start, model.ends[index] ?? null, model.size, model.zone) : "";
}

/** What happened in a bucket. */
export function marksAt(model: TimeChartModel, index: number): string {
  return (model.marks ?? [])
    .filter((mark) => mark.index === index)
    .map(({ label }) => label)
    .join(", ");
}

/**
 * The values of a bucket, the left axis first, on each axis the greatest first. A part of a stack that is zero is left
 * out, a line at zero is not.
 */
export function tooltipRows(model: TimeChartModel, index: number, hidden: ReadonlySet<string>): TipRow[] {
  if (model.unknown.has(index)) return [];
  return model.series
    .filter((series) => {
      if (hidden.has(series.name)) return false;
      const isPart = series.shape !== "line" && model.series.length > 1;
      return !isPart || Boolean(series.values[index]) || Boolean(series.before?.[index]);
    })
    .sort(
      (a, b) =>
        Number(a.isRight ?? false) - Number(b.isRight ?? false) ||
        (b.values[index] ?? Number.NEGATIVE_INFINITY) - (a.values[index] ?? Number.NEGATIVE_INFINITY),
    )
    .map((series) => {
      const unit = unitOfSeries(model, series);
      return {
        name: series.name,
        label: series.label,
        color: series.color,
        text: exact(series.values[index] ?? null, unit),
        before: series.before ? exact(series.before[index] ?? null, unit) : null,
      };
    });
}

/** The total of the stack, where there is one to tell. */
export function totalText(model: TimeChartModel, index: number, hidden: ReadonlySet<string>): string | null {
  return hasTotal(model) && !model.unknown.has(index) ? exact(bucketTotal(model, index, hidden), model.unit) : null;
}

export function bandText({ band, unit }: TimeChartModel, index: number): string | null {
  const [low, high] = [band?.low[index] ?? null, band?.high[index] ?? null];
  return band && low !== null && high !== null ? `${exact(low, unit)} – ${exact(high, unit)}` : null;
}

export function noteOf(model: TimeChartModel, index: number): string | null {
  const unknown = model.unknown.get(index);
  if (unknown) return `Not known: ${unknown}`;
  return model.partial.has(index) ? "Covered only in part" : null;
}

/** One sentence that a screen reader says when the cursor comes to a bucket. */
export function announce(model: TimeChartModel, index: number, hidden: ReadonlySet<string>): string {
  const events = marksAt(model, index);
  const happened = events ? `; ${events}` : "";
  const unknown = model.unknown.get(index);
  if (unknown) return `${nameOf(model, index)}: not known, ${unknown}${happened}`;
  const rows = tooltipRows(model, index, hidden);
  const total = totalText(model, index, hidden);
  const parts = [
    ...(total === null ? [] : [`total ${total}`]),
    ...rows
      .slice(0, SPOKEN_MAX)
      .map(({ label, text, before }) => `${label} ${text}${before ? `, before ${before}` : ""}`),
    ...(rows.length > SPOKEN_MAX ? [`and ${rows.length - SPOKEN_MAX} more`] : []),
  ];
  const band = bandText(model, index);
  const expected = band ? `; ${model.band?.label} ${band}` : "";
  const note = model.partial.has(index) ? "; covered only in part" : "";
  return `${nameOf(model, index)}: ${parts.join("; ") || "nothing"}${expected}${happened}${note}`;
}

/** All of it for the tip beside the cross-hair. */
export function tipOf(model: TimeChartModel, index: number, hidden: ReadonlySet<string>): TipContent {
  const band = bandText(model, index);
  const events = marksAt(model, index);
  const note = noteOf(model, index);
  return {
    title: nameOf(model, index),
    rows: tooltipRows(model, index, hidden),
    total: totalText(model, index, hidden),
    notes: [...(band ? [`${model.band?.label} ${band}`] : []), ...(events ? [events] : []), ...(note ? [note] : [])],
  };
}
