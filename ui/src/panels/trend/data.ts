/** "Executions by status over time": what to ask, and the chart's model. Pure. */
import type { Answer, Query } from "../../api/types.ts";
import type { Series, TimeChartModel } from "../../charts/model.ts";
import type { BucketSize } from "../../format/time.ts";
import { rangeLabel } from "../../format/time.ts";
import { STATUS_WORD, STATUSES, type Tokens } from "../../theme/tokens.ts";
import { type Frame, unitOf } from "../kpis/data.ts";

export function trendQuery(frame: Frame): Query {
  return { source: "executions", measures: STATUSES.map((status) => `count_${status}`), ...frame };
}

const SIZES: readonly BucketSize[] = ["minute", "hour", "day", "week", "month"];

export function sizeOf(granularity: string | null): BucketSize {
  return SIZES.find((size) => size === granularity) ?? "day";
}

/** The start of the bucket after the last one. */
function endOfLast(start: string, size: BucketSize): string {
  const at = new Date(start);
  if (size === "month") at.setUTCDate(at.getUTCDate() + 32);
  const days = { minute: 0, hour: 0, day: 1, week: 7, month: 0 }[size];
  const ms = { minute: 60_000, hour: 3_600_000, day: 0, week: 0, month: 0 }[size];
  return new Date(at.getTime() + days * 86_400_000 + ms).toISOString();
}

export function shapeTrend(answer: Answer, tokens: Tokens, now: Date): TimeChartModel {
  const { columns, rows, meta } = answer;
  const size = sizeOf(meta.granularity);
  const timeIndex = columns.findIndex(({ role }) => role === "time");
  const starts = rows.map((row) => String(row[timeIndex]));
  const ends = starts.map((start, index) => starts[index + 1] ?? endOfLast(start, size));
  const [from, to] = [Date.parse(meta.from), Date.parse(meta.to)];

  const partial = new Set<number>();
  const unknown = new Map<number, string>();
  starts.forEach((start, index) => {
    const [begin, end] = [Date.parse(start), Date.parse(ends[index] ?? start)];
    if (begin < from || end > to) partial.add(index);
    const gap = meta.gaps.find((each) => Date.parse(each.from) <= begin && Date.parse(each.to) >= end);
    if (gap) unknown.set(index, gap.reason);
  });

  const series: Series[] = [];
  columns.forEach((column, index) => {
    const status = STATUSES.find((each) => column.name === `count_${each}`);
    if (!status) return;
    const values = rows.map((row) => {
      const cell = row[index];
      return typeof cell === "number" ? cell : null;
    });
    // A status that never occurs takes no room in the legend.
    if (values.some((value) => (value ?? 0) > 0)) {
      series.push({ name: status, label: STATUS_WORD[status], color: tokens.status[status], values });
    }
  });

  const measure = columns.find(({ role }) => role === "measure");
  return {
    title: "Executions by status over time",
    subtitle: `Executions per ${size} · ${rangeLabel(meta.from, meta.to, meta.timezone, now)}`,
    unit: measure ? unitOf(measure) : "count",
    size,
    zone: meta.timezone,
    starts,
    ends,
    series,
    partial,
    unknown,
  };
}
