/** The same from questions and lists, for where no live connection can be had. Pure. */
import type { ActiveExecution, MetricsWindow } from "@tacho/live";
import { totalOf, valuesOf } from "../api/rows.ts";
import type { Answer, BatchAnswer, Execution, Query } from "../api/types.ts";
import { isProblem } from "../api/types.ts";
import type { LiveMetrics } from "./metrics.ts";

const MINUTE_MS = 60_000;
/** In the order of the windows: minutes. */
const WINDOWS = [1, 5, 60] as const;
const MEASURES = ["count", "count_success", "count_failed", "count_timeout", "count_cancelled"];

/** One batch. What has ended is counted by when it began: questions know no other time. */
export function polledQueries(): Query[] {
  const windows = WINDOWS.map(
    (minutes): Query => ({
      source: "executions",
      measures: [...MEASURES, "duration_avg"],
      time: { last: `${minutes}m` },
    }),
  );
  return [
    ...windows,
    { source: "executions", measures: MEASURES, time: { last: "1h" }, granularity: "minute" },
    { source: "executions", measures: ["count_running", "count_queued"], time: { period: "all" } },
  ];
}

export function polledMetrics({ answers, as_of }: BatchAnswer): LiveMetrics | null {
  const known = answers.map((answer) => (isProblem(answer) ? null : answer));
  const [minute, five, hour, series, now] = known;
  if (!minute || !five || !hour || !series || !now) return null;
  const points = pointsOf(series);
  return {
    at: Date.parse(as_of),
    data: {
      queued: totalOf(now, "count_queued") ?? 0,
      running: totalOf(now, "count_running") ?? 0,
      last_minute: windowOf(minute, 1),
      last_5_minutes: windowOf(five, 5),
      last_hour: windowOf(hour, 60),
      series: points,
    },
    series: points,
  };
}

function windowOf(answer: Answer, minutes: number): MetricsWindow {
  const count = (name: string) => totalOf(answer, name) ?? 0;
  const [success, failed, timeout, cancelled] = ["success", "failed", "timeout", "cancelled"].map((status) =>
    count(`count_${status}`),
  ) as [number, number, number, number];
  const judged = success + failed + timeout;
  return {
    starts: count("count"),
    finishes: judged + cancelled,
    success,
    failed,
    timeout,
    cancelled,
    success_rate: judged > 0 ? success / judged : null,
    duration_avg_ms: totalOf(answer, "duration_avg"),
    finishes_per_minute: (judged + cancelled) / minutes,
  };
}

function pointsOf(answer: Answer): LiveMetrics["series"] {
  const values = (name: string) => valuesOf(answer, name).map((value) => value ?? 0);
  const [failed, timeout] = [values("count_failed"), values("count_timeout")];
  const time = answer.columns.findIndex(({ role }) => role === "time");
  return {
    start_ms: Date.parse(String(answer.rows[0]?.[time] ?? answer.meta.from)),
    step_ms: MINUTE_MS,
    starts: values("count"),
    success: values("count_success"),
    failures: failed.map((count, index) => count + (timeout[index] ?? 0)),
  };
}

/** A listed execution that has not ended, as frames tell it. Lists know neither its step nor when it should end. */
export function activeOf(run: Execution): ActiveExecution {
  return {
    id: run.id,
    attempt: run.attempt,
    status: run.status === "queued" ? "queued" : "running",
    lsn: 0,
    workflow_id: run.workflow_id,
    workflow_name: run.workflow_name,
    user_id: run.user_id,
    queued_at: run.queued_at,
    started_at: run.started_at,
    updated_at: run.event_time,
    steps_completed: run.steps_completed,
    steps_total: run.steps_total,
    step: null,
    expected_finish_at: null,
  };
}
