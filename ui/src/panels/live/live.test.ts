import type { ActiveExecution, ExecutionEvent, MetricsWindow } from "@tacho/live";
import { describe, expect, it } from "vitest";
import { TOKENS } from "../../theme/tokens.ts";
import { doneOf, elapsedText, expectedOf, leavingAfter, narrowed, ordered, withLeaving } from "./active.ts";
import { barsOf, failureChart } from "./charts.ts";
import { wordsOf } from "./connection.ts";
import { newSince, newsOf } from "./feed.ts";
import { figuresOf } from "./figures.ts";
import { parseLiveSearch } from "./search.ts";
import { wallRows } from "./wallRows.ts";

const NOW = new Date("2026-11-23T14:00:00Z");
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1_000).toISOString();

const run = (id: string, more: Partial<ActiveExecution> = {}): ActiveExecution => ({
  id,
  attempt: 1,
  status: "running",
  lsn: 1,
  workflow_id: "invoices",
  workflow_name: "Invoice capture",
  user_id: null,
  queued_at: null,
  started_at: ago(10),
  updated_at: ago(1),
  steps_completed: null,
  steps_total: null,
  step: null,
  expected_finish_at: null,
  ...more,
});

const event = (execution_id: string, kind: ExecutionEvent["kind"], lsn = 1): ExecutionEvent => ({
  kind,
  at: ago(0),
  lsn,
  execution_id,
  attempt: 1,
  workflow_id: "invoices",
  workflow_name: "Invoice capture",
});

const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);

describe("active executions", () => {
  it("are narrowed by workflow, status and text", () => {
    const rows = [run("a"), run("b", { workflow_id: "mail", workflow_name: "Mail", status: "queued" })];
    expect(ids(narrowed(rows, { workflow: "mail" }))).toEqual(["b"]);
    expect(ids(narrowed(rows, { status: "running" }))).toEqual(["a"]);
    expect(ids(narrowed(rows, { q: "CAPTURE" }))).toEqual(["a"]);
    expect(narrowed(rows, { feed: "all" })).toBe(rows);
  });
  it("are ordered as asked, those of which it is not known at the end", () => {
    const rows = [
      run("a", { steps_completed: 1, steps_total: 4, started_at: ago(5) }),
      run("b", { started_at: ago(50) }),
      run("c", { steps_completed: 3, steps_total: 4, started_at: ago(20) }),
    ];
    expect(ids(ordered(rows, { id: "progress", desc: true }))).toEqual(["c", "a", "b"]);
    expect(ids(ordered(rows, { id: "progress", desc: false }))).toEqual(["a", "c", "b"]);
    expect(ids(ordered(rows, { id: "elapsed", desc: true }))).toEqual(["b", "c", "a"]);
    expect(ordered(rows, null)).toBe(rows);
  });
  it("say how far they are and when they should be done", () => {
    expect(doneOf(run("a", { steps_completed: 9, steps_total: 4 }))).toBe(1);
    expect(doneOf(run("a", { steps_completed: 2 }))).toBeNull();
    expect(elapsedText(run("a", { started_at: ago(61.7) }), NOW)).toBe("1\u00A0m\u00A001\u00A0s");
    expect(expectedOf(run("a", { expected_finish_at: ago(-20) }), NOW)).toEqual({
      text: "in 20\u00A0s",
      isOverdue: false,
    });
    expect(expectedOf(run("a", { expected_finish_at: ago(5) }), NOW)).toEqual({
      text: "5\u00A0s over",
      isOverdue: true,
    });
    expect(expectedOf(run("a"), NOW)).toBeNull();
  });
  it("stay a moment when they have ended, if it is known how", () => {
    const before = [run("a"), run("b"), run("c")];
    const after = leavingAfter([], before, [run("c")], [event("a", "failed"), event("b", "progressed")], 1_000);
    expect(after.map(({ row }) => [row.id, row.outcome])).toEqual([["a", "failed"]]);
    expect(ids(withLeaving([run("c", { started_at: ago(60) })], after))).toEqual(["a", "c"]);
    expect(leavingAfter(after, [run("c")], [run("c")], [], 2_000)).toBe(after);
    expect(leavingAfter(after, [run("c")], [run("c")], [], 3_000)).toEqual([]);
  });
  it("stand on a wall by who should be done first", () => {
    const rows = [
      run("unknown"),
      run("soon", { expected_finish_at: ago(-5) }),
      run("over", { expected_finish_at: ago(5) }),
      run("waits", { status: "queued" }),
    ];
    expect(ids(wallRows(rows, 2))).toEqual(["over", "soon"]);
    expect(ids(wallRows(rows, 9))).toEqual(["over", "soon", "unknown"]);
  });
});

describe("the feed", () => {
  const events = [event("a", "started", 1), event("a", "progressed", 2), event("b", "failed", 3)];
  it("tells the newest first, of what it is narrowed to", () => {
    expect(newsOf(events, {}).map(({ lsn }) => lsn)).toEqual([3, 1]);
    expect(newsOf(events, { feed: "all" })).toHaveLength(3);
    expect(newsOf(events, { feed: "failures" }).map(({ lsn }) => lsn)).toEqual([3]);
    expect(newsOf(events, { workflow: "mail" })).toEqual([]);
  });
  it("counts what has come since", () => {
    const held = newsOf(events, {});
    expect(newSince(held, held)).toBe(0);
    expect(newSince(held, newsOf([...events, event("c", "queued", 4)], {}))).toBe(1);
    expect(newSince([], held)).toBe(2);
  });
});

it("puts points together in whole half minutes, and says which are not whole", () => {
  const start = Date.parse("2026-11-23T13:59:50Z");
  const series = { start_ms: start, step_ms: 10_000, starts: [], success: [1, 2, 3, 4, 5], failures: [0, 0, 1, 0, 1] };
  const bars = barsOf(series, start + 45_000);
  expect(bars.starts).toEqual(["2026-11-23T13:59:30.000Z", "2026-11-23T14:00:00.000Z", "2026-11-23T14:00:30.000Z"]);
  expect(bars.success).toEqual([1, 9, 5]);
  expect(bars.failures).toEqual([0, 1, 1]);
  expect([...bars.partial]).toEqual([0, 2]);
  const model = failureChart(bars, TOKENS.light, "UTC");
  expect(model.subtitle).toBe("Executions per 30 seconds · the last hour");
  expect(model.series.map(({ values }) => values)).toEqual([[0, 1, 1]]);
  expect(barsOf({ ...series, step_ms: 60_000 }, start).size).toBe("minute");
  expect(barsOf({ ...series, success: [], failures: [] }, start).starts).toEqual([]);
});

it("counts failures and timeouts together, and rates over an hour", () => {
  const window = (more: Partial<MetricsWindow>): MetricsWindow => ({
    starts: 5,
    finishes: 4,
    success: 1,
    failed: 2,
    timeout: 1,
    cancelled: 0,
    success_rate: null,
    duration_avg_ms: null,
    finishes_per_minute: 4,
    ...more,
  });
  const figures = figuresOf({
    queued: 0,
    running: 3,
    last_minute: window({}),
    last_5_minutes: window({ success_rate: 0.5 }),
    last_hour: window({ success_rate: 0.25, failed: 0, timeout: 0 }),
    series: { start_ms: 0, step_ms: 10_000, starts: [], success: [], failures: [] },
  });
  const by = Object.fromEntries(figures.map((figure) => [figure.name, figure]));
  expect(by.failed).toMatchObject({ value: 3, tone: "bad", others: [{ text: "3" }, { text: "0" }] });
  expect(by.success_rate).toMatchObject({ value: 25, span: "hour" });
  expect(by.success_rate?.others.map(({ text }) => text)).toEqual(["–", "50.0\u00A0%"]);
  expect(by.running).toMatchObject({ value: 3, span: "now" });
});

it("says how the connection stands", () => {
  const waiting = { kind: "waiting", until: 3_500, attempt: 2, reason: "It was lost." } as const;
  expect(wordsOf({ kind: "open" }, "stream", 0, 5_000)).toMatchObject({ standing: "live", text: "Live" });
  expect(wordsOf(waiting, "stream", 1_000, 5_000)).toMatchObject({ text: "Reconnecting in 3 s", canRetry: true });
  expect(wordsOf(waiting, "stream", 4_000, 5_000).text).toBe("Reconnecting");
  expect(wordsOf({ kind: "refused", reason: "No." }, "poll", 0, 5_000)).toEqual({
    standing: "polling",
    text: "Polling every 5 s",
    reason: "No.",
    canRetry: true,
  });
});

it("understands an address, and drops what it does not", () => {
  expect(parseLiveSearch({ workflow: "w", status: "running", q: "x", feed: "all", wall: "1" })).toEqual({
    workflow: "w",
    status: "running",
    q: "x",
    feed: "all",
    wall: 1,
  });
  expect(parseLiveSearch({ status: "failed", feed: "ends", wall: "yes" })).toEqual({});
});
