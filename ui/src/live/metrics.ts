/** The counts of the last hour, kept up by frames that tell only of its end. Pure. */
import type { MetricsData, MetricsFrame, MetricsSeries } from "@tacho/live";

export interface LiveMetrics {
  /** When they were counted, in milliseconds since 1970, by the server's clock. */
  at: number;
  data: MetricsData;
  /** The last hour; its last point goes on. */
  series: MetricsSeries;
}

/** How many points an hour has. */
const POINTS = 360;

export function metricsAfter(before: LiveMetrics | null, { at, data, is_snapshot }: MetricsFrame): LiveMetrics {
  const series = is_snapshot || !before ? data.series : withEnd(before.series, data.series);
  return { at: Date.parse(at), data, series };
}

/** The series with points in the place of those known, and as long as an hour. */
export function withEnd(series: MetricsSeries, end: MetricsSeries): MetricsSeries {
  const first = Math.round((end.start_ms - series.start_ms) / series.step_ms);
  if (first < 0 || end.step_ms !== series.step_ms) return end;
  const length = Math.max(series.success.length, first + end.success.length);
  const skipped = Math.max(0, length - POINTS);
  const placed = (known: readonly number[], told: readonly number[]) =>
    Array.from({ length }, (_, index) => told[index - first] ?? known[index] ?? 0).slice(skipped);
  return {
    start_ms: series.start_ms + skipped * series.step_ms,
    step_ms: series.step_ms,
    starts: placed(series.starts, end.starts),
    success: placed(series.success, end.success),
    failures: placed(series.failures, end.failures),
  };
}
