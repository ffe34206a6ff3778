/** The counts of the last hour, kept up by frames that tell only of the ten seconds that go on. Pure. */
import type { MetricsData, MetricsFrame, MetricsPoint, MetricsSeries } from "@tacho/live";

export interface LiveMetrics {
  /** When they were counted, in milliseconds since 1970, by the server's clock. */
  at: number;
  data: MetricsData;
  /** The last hour, the point that goes on included. */
  series: MetricsSeries;
}

/** How many points an hour has. */
const POINTS = 360;
const STEP_MS = 10_000;

export function metricsAfter(before: LiveMetrics | null, { at, data }: MetricsFrame): LiveMetrics {
  const known = data.series ?? before?.series ?? emptySeries(data.point);
  return { at: Date.parse(at), data, series: withPoint(known, data.point) };
}

function emptySeries({ at_ms }: MetricsPoint): MetricsSeries {
  return { start_ms: at_ms, step_ms: STEP_MS, starts: [], success: [], failures: [] };
}

/** The series with a point in its place, and as long as an hour. */
export function withPoint(series: MetricsSeries, point: MetricsPoint): MetricsSeries {
  const { start_ms, step_ms, starts, success, failures } = series;
  const index = Math.round((point.at_ms - start_ms) / step_ms);
  if (index < 0) return series;
  const skipped = Math.max(0, index + 1 - POINTS);
  const placed = (values: number[], value: number) => {
    // What was missed while nobody listened was not told; the next snapshot has it.
    const filled = Array.from({ length: Math.max(values.length, index + 1) }, (_, at) => values[at] ?? 0);
    filled[index] = value;
    return filled.slice(skipped);
  };
  return {
    start_ms: start_ms + skipped * step_ms,
    step_ms,
    starts: placed(starts, point.starts),
    success: placed(success, point.success),
    failures: placed(failures, point.failures),
  };
}
