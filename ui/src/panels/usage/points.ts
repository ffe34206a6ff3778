/** The points of the usage as rows, and their sums. Pure. */
import { totalOf, valuesOf } from "../../api/rows.ts";
import type { Answer } from "../../api/types.ts";
import { bucketsOf } from "../../charts/answers.ts";
import { bucketName } from "../../format/time.ts";

export interface UsagePoint {
  start: string;
  end: string;
  name: string;
  executions: number | null;
  succeeded: number | null;
  /** Failed and timed out. */
  failed: number | null;
  successRate: number | null;
  totalMs: number | null;
  averageMs: number | null;
}

export interface Usage {
  /** Newest first: that is what is looked for. */
  points: UsagePoint[];
  /** The answer's own totals, which the points add up to. */
  summary: Omit<UsagePoint, "start" | "end" | "name">;
}

function sum(a: number | null, b: number | null): number | null {
  return a === null && b === null ? null : (a ?? 0) + (b ?? 0);
}

export function shapeUsage(answer: Answer): Usage {
  const { starts, ends, size, zone } = bucketsOf(answer);
  const series = (name: string) => valuesOf(answer, name);
  const [executions, succeeded, failed, timedOut] = ["count", "count_success", "count_failed", "count_timeout"].map(
    series,
  );
  const [successRate, totalMs, averageMs] = ["success_rate", "duration_total", "duration_avg"].map(series);
  const points = starts.map((start, index): UsagePoint => {
    const end = ends[index] ?? start;
    const at = (values: (number | null)[] | undefined) => values?.[index] ?? null;
    return {
      start,
      end,
      name: bucketName(start, end, size, zone),
      executions: at(executions),
      succeeded: at(succeeded),
      failed: sum(at(failed), at(timedOut)),
      successRate: at(successRate),
      totalMs: at(totalMs),
      averageMs: at(averageMs),
    };
  });
  return {
    points: points.reverse(),
    summary: {
      executions: totalOf(answer, "count"),
      succeeded: totalOf(answer, "count_success"),
      failed: sum(totalOf(answer, "count_failed"), totalOf(answer, "count_timeout")),
      successRate: totalOf(answer, "success_rate"),
      totalMs: totalOf(answer, "duration_total"),
      averageMs: totalOf(answer, "duration_avg"),
    },
  };
}
