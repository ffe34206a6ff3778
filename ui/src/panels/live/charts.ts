/** The last hour as charts. Pure. */
import type { MetricsSeries } from "@tacho/live";
import type { Series, TimeChartModel } from "../../charts/model.ts";
import { BUCKET_WORD, type BucketSize } from "../../format/time.ts";
import type { Tokens } from "../../theme/tokens.ts";

export const SPAN_MS = 3_600_000;
/** Bars of ten seconds would be too narrow to tell apart. */
const BAR_MS = 30_000;
const MINUTE_MS = 60_000;

export interface Bars {
  starts: string[];
  ends: string[];
  size: BucketSize;
  partial: ReadonlySet<number>;
  success: number[];
  failures: number[];
}

/** The points of a series together in bars that begin at whole half minutes. The first and the last are cut, unless they fit. */
export function barsOf({ start_ms, step_ms, success, failures }: MetricsSeries, at: number): Bars {
  const barMs = Math.max(BAR_MS, step_ms);
  const first = Math.floor(start_ms / barMs) * barMs;
  const count = success.length === 0 ? 0 : Math.floor((start_ms + (success.length - 1) * step_ms - first) / barMs) + 1;
  const sums = (values: readonly number[]) => {
    const bars = Array.from({ length: count }, () => 0);
    values.forEach((value, index) => {
      const bar = Math.floor((start_ms + index * step_ms - first) / barMs);
      bars[bar] = (bars[bar] ?? 0) + value;
    });
    return bars;
  };
  const begins = Array.from({ length: count }, (_, index) => first + index * barMs);
  const partial = new Set<number>();
  if (count > 0 && first < start_ms) partial.add(0);
  if (count > 0 && first + count * barMs > at) partial.add(count - 1);
  return {
    starts: begins.map((begin) => new Date(begin).toISOString()),
    ends: begins.map((begin) => new Date(begin + barMs).toISOString()),
    size: barMs === MINUTE_MS ? "minute" : "half_minute",
    partial,
    success: sums(success),
    failures: sums(failures),
  };
}

function modelOf(title: string, bars: Bars, zone: string, series: Series[]): TimeChartModel {
  const { starts, ends, size, partial } = bars;
  return {
    title,
    subtitle: `Executions per ${BUCKET_WORD[size]} · the last hour`,
    unit: "count",
    size,
    zone,
    starts,
    ends,
    partial,
    unknown: new Map(),
    series,
  };
}

export function throughputChart(bars: Bars, tokens: Tokens, zone: string): TimeChartModel {
  return modelOf("Executions that ended", bars, zone, [
    { name: "success", label: "Success", color: tokens.status.success, values: bars.success },
    { name: "failures", label: "Failed or timed out", color: tokens.status.failed, values: bars.failures },
  ]);
}

export function failureChart(bars: Bars, tokens: Tokens, zone: string): TimeChartModel {
  return modelOf("Executions that failed or timed out", bars, zone, [
    { name: "failures", label: "Failed or timed out", color: tokens.status.failed, values: bars.failures },
  ]);
}
