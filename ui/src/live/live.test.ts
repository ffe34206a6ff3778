import type { ExecutionEvent, ExecutionsFrame, MetricsFrame } from "@tacho/live";
import { LiveExecutions } from "@tacho/live";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ExecutionStatus } from "../api/types.ts";
import { answerOf } from "../test/answer.ts";
import { hold } from "./hold.ts";
import { keepUp } from "./keepUp.ts";
import { metricsAfter, withEnd } from "./metrics.ts";
import { patched } from "./patch.ts";
import { polledMetrics, polledQueries } from "./polled.ts";
import { happenedAfter, isFailure } from "./useKeepUp.ts";
import { reachesNow } from "./useLiveMode.ts";

const event = (more: Partial<ExecutionEvent>): ExecutionEvent => ({
  kind: "started",
  at: "2026-11-23T14:00:00Z",
  lsn: 1,
  execution_id: "a",
  attempt: 1,
  workflow_id: "w",
  workflow_name: "W",
  ...more,
});

const frame = (more: Partial<ExecutionsFrame>): ExecutionsFrame => ({
  type: "executions",
  topic: "executions",
  epoch: 1,
  seq: 1,
  as_of_lsn: 9,
  at: "2026-11-23T14:00:00Z",
  is_snapshot: true,
  queued: 0,
  running: 0,
  executions: [],
  ended: [],
  events: [],
  ...more,
});

const told = (events: ExecutionEvent[]) => LiveExecutions.apply(LiveExecutions.empty, frame({ events }));

describe("rows that are held", () => {
  const row = (id: string, n = 0) => ({ id, n });
  const keyOf = ({ id }: { id: string }) => id;
  it("keep their places, and say what they are now", () => {
    const { rows, waiting } = hold([row("a"), row("b")], [row("b", 1), row("a")], keyOf);
    expect(rows).toEqual([row("a"), row("b", 1)]);
    expect(waiting).toBe(2);
  });
  it("neither come nor go", () => {
    const { rows, waiting } = hold([row("a"), row("b")], [row("c"), row("b")], keyOf);
    expect(rows).toEqual([row("a"), row("b")]);
    expect(waiting).toBe(2);
  });
  it("are the same list while nothing is new", () => {
    const [before, a] = [[row("a")], row("a")];
    expect(hold([a], [a], keyOf).waiting).toBe(0);
    expect(hold(before, before, keyOf).rows).toBe(before);
  });
});

describe("asking again", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("comes when something happened, and not more often than is fair", async () => {
    let behind = false;
    const ask = vi.fn(async () => {});
    const keeper = keepUp({ isBehind: () => behind, ask, leastMs: 2_500 });
    keeper.look();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ask).not.toHaveBeenCalled();
    behind = true;
    for (let look = 0; look < 10; look += 1) keeper.look();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ask).toHaveBeenCalledTimes(5);
    behind = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ask).toHaveBeenCalledTimes(5);
  });

  it("rests nine times as long as an answer takes, and ends when stopped", async () => {
    const ask = vi.fn(() => new Promise<void>((resolve) => setTimeout(resolve, 1_000)));
    const keeper = keepUp({ isBehind: () => true, ask, leastMs: 1_000 });
    keeper.look();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ask).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(9_900);
    expect(ask).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(ask).toHaveBeenCalledTimes(2);
    keeper.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it("goes on after an answer that failed", async () => {
    const ask = vi.fn(() => Promise.reject(new Error("away")));
    keepUp({ isBehind: () => true, ask, leastMs: 1_000 }).look();
    await vi.advanceTimersByTimeAsync(2_500);
    expect(ask).toHaveBeenCalledTimes(2);
  });
});

describe("what happened", () => {
  it("counts only after what is shown, and if it changes that", () => {
    const live = told([event({ lsn: 5, kind: "progressed" }), event({ lsn: 7, kind: "started" })]);
    expect(happenedAfter(live, 6)).toBe(true);
    expect(happenedAfter(live, 7)).toBe(false);
    expect(happenedAfter(told([event({ lsn: 8, kind: "progressed" })]), 7)).toBe(false);
    expect(happenedAfter(live, 0, isFailure)).toBe(false);
    expect(happenedAfter(null, 0)).toBe(false);
  });

  const run = {
    id: "a",
    attempt: 1,
    status: "running" as ExecutionStatus,
    duration_ms: null,
    error_type: null,
    completed_at: null,
    steps_completed: null,
    steps_total: null,
  };

  it("makes of a row what it is now", () => {
    const live = told([event({ lsn: 8, kind: "failed", duration_ms: 40, error_type: "E" })]);
    expect(patched([run], live, 7)).toEqual([
      { ...run, status: "failed", duration_ms: 40, error_type: "E", completed_at: "2026-11-23T14:00:00Z" },
    ]);
  });

  it("changes no row that the answer knew it of, that has ended, or that is another try", () => {
    const live = told([event({ lsn: 8, kind: "succeeded" })]);
    for (const rows of [[{ ...run, status: "failed" as ExecutionStatus }], [{ ...run, attempt: 2 }]]) {
      expect(patched(rows, live, 7)).toBe(rows);
    }
    const rows = [run];
    expect(patched(rows, live, 8)).toBe(rows);
  });
});

describe("the counts of the last hour", () => {
  const series = { start_ms: 0, step_ms: 10_000, starts: [1, 2], success: [1, 1], failures: [0, 1] };
  const told = (start_ms: number, ...starts: number[]) => ({
    start_ms,
    step_ms: 10_000,
    starts,
    success: starts.map(() => 8),
    failures: starts.map(() => 7),
  });

  it("take points in their place, and fill what was missed", () => {
    expect(withEnd(series, told(10_000, 3, 9)).starts).toEqual([1, 3, 9]);
    expect(withEnd(series, told(0, 4)).starts).toEqual([4, 2]);
    expect(withEnd(series, told(30_000, 9)).success).toEqual([1, 1, 0, 8]);
  });

  it("begin anew where the clock went back, or the points are longer", () => {
    for (const other of [told(-10_000, 9), { ...told(0, 9), step_ms: 60_000 }]) {
      expect(withEnd(series, other)).toBe(other);
    }
  });

  it("forget what is more than an hour ago", () => {
    const after = withEnd(series, told(359 * 10_000, 5, 9));
    expect(after).toMatchObject({ start_ms: 10_000 });
    expect(after.starts).toHaveLength(360);
    expect([after.starts[0], ...after.starts.slice(-2)]).toEqual([2, 5, 9]);
  });

  it("keep the series that a snapshot told", () => {
    const metrics = (is_snapshot: boolean, series: object) =>
      ({ ...frame({}), type: "metrics_update", is_snapshot, data: { series } }) as unknown as MetricsFrame;
    const first = metricsAfter(null, metrics(true, series));
    const next = metricsAfter(first, metrics(false, told(10_000, 9, 9)));
    expect(next.series.failures).toEqual([0, 7, 7]);
    expect(metricsAfter(next, metrics(true, series)).series).toBe(series);
  });
});

it("counts the same where it has to ask", () => {
  const window = answerOf({
    measures: ["count", "count_success", "count_failed", "count_timeout", "count_cancelled", "duration_avg"],
    rows: [],
    totals: [10, 6, 1, 1, 1, 500],
  });
  const minutes = answerOf({
    dimensions: ["time"],
    measures: ["count", "count_success", "count_failed", "count_timeout", "count_cancelled"],
    rows: [["2026-11-23T13:00:00Z", 4, 2, 1, 1, 0]],
    totals: [4, 2, 1, 1, 0],
  });
  const now = answerOf({ measures: ["count_running", "count_queued"], rows: [[1, 2]], totals: [1, 2] });
  const answers = [window, window, window, minutes, now];
  expect(answers).toHaveLength(polledQueries().length);
  const metrics = polledMetrics({ answers, as_of: "2026-11-23T14:00:00Z", as_of_lsn: 1 });
  expect(metrics?.data).toMatchObject({ running: 1, queued: 2 });
  expect(metrics?.data.last_5_minutes).toMatchObject({ starts: 10, finishes: 9, success_rate: 0.75 });
  expect(metrics?.series).toEqual({
    start_ms: Date.parse("2026-11-23T13:00:00Z"),
    step_ms: 60_000,
    starts: [4],
    success: [2],
    failures: [2],
  });
  const problem = { type: "", title: "", status: 400, code: "x", detail: "", request_id: "" } as never;
  expect(polledMetrics({ answers: [problem, ...answers.slice(1)], as_of: "", as_of_lsn: 1 })).toBeNull();
});

it("follows ranges that reach now", () => {
  const now = Date.parse("2026-11-23T12:00:00Z");
  expect(reachesNow({}, now)).toBe(true);
  expect(reachesNow({ from: "2026-11-23T00:00:00Z", to: "2026-11-24T00:00:00Z" }, now)).toBe(true);
  expect(reachesNow({ from: "2026-11-21T00:00:00Z", to: "2026-11-22T00:00:00Z" }, now)).toBe(false);
});
