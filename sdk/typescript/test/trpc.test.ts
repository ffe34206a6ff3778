/** The unmodified tRPC client from npm, typed by `AppRouter`, against the server. */
import { createTRPCClient, httpBatchLink, httpLink, isTRPCClientError } from "@trpc/client";
import superjson from "superjson";
import { beforeAll, describe, expect, expectTypeOf, inject, it } from "vitest";
import type { AppRouter, ExecutionStatsResult, PlainAppRouter, TrendMetric } from "../src/analytics.ts";
import { Tacho } from "../src/tacho.ts";
import { dates, shapes, texts } from "./appendix.ts";
import { expectCount } from "./rows.ts";

/** A task with a number for its id, as the document has it, that the member owns; and one with a word that she does not. */
const TASK = 1_000_000 + Math.floor(Math.random() * 1_000_000);
const OTHER = `invoices-${crypto.randomUUID().slice(0, 8)}`;
const MINUTE = 60_000;

beforeAll(async () => {
  const tacho = new Tacho({ url: inject("url"), apiKey: inject("key"), onRejected: (one) => expect.fail(one.message) });
  const now = Date.now();
  const run = (task: string | number, place: number, more: object) => ({
    type: "execution" as const,
    id: `${task}/${place}`,
    workflow_id: String(task),
    trigger_type: "scheduled" as const,
    started_at: new Date(now - place * 30 * MINUTE),
    completed_at: new Date(now - place * 30 * MINUTE + place * 1000),
    status: "success" as const,
    steps_completed: 5,
    steps_total: 5,
    ...more,
  });
  await tacho.send([
    {
      type: "workflow",
      id: String(TASK),
      name: "Daily Report",
      kind: "browser_task",
      owner_id: "mia@acme.example",
      is_active: true,
      schedule: { cron: "0 6 * * *", timezone: "Europe/Berlin" },
    },
    run(TASK, 1, { status: "failed", error_message: "Timeout waiting for element", steps_completed: 3 }),
    run(TASK, 2, { status: "timeout" }),
    ...Array.from({ length: 10 }, (_, index) => run(TASK, index + 3, {})),
    { ...run(TASK, 0, { status: "running", steps_completed: 2 }), completed_at: undefined } as never,
    run(OTHER, 1, {}),
    { type: "cost", id: `${TASK}/cost`, execution_id: `${TASK}/3`, timestamp: new Date(now - MINUTE), amount_usd: 0.5 },
  ]);
  await tacho.close();
  await expectCount(String(TASK), 13);
  await expectCount(OTHER, 1);
});

interface Seen {
  method: string;
  url: URL;
  status: number;
}

/** Where the client asks, and what came of each of its requests. */
function way(key: string | null = inject("key")) {
  const seen: Seen[] = [];
  return {
    seen,
    options: {
      url: `${inject("url")}/trpc`,
      headers: key === null ? {} : { authorization: `Bearer ${key}` },
      fetch: async (input: RequestInfo | URL | string, init?: RequestInit) => {
        const response = await fetch(input, init);
        seen.push({ method: init?.method ?? "GET", url: new URL(String(input)), status: response.status });
        return response;
      },
    },
  };
}

function withDates(link: "single" | "batched" = "batched", key?: string | null) {
  const { seen, options } = way(key);
  const make = link === "single" ? httpLink : httpBatchLink;
  return { seen, trpc: createTRPCClient<AppRouter>({ links: [make({ ...options, transformer: superjson })] }) };
}

function withTexts(link: "single" | "batched" = "batched", key?: string | null) {
  const { seen, options } = way(key);
  const make = link === "single" ? httpLink : httpBatchLink;
  return { seen, trpc: createTRPCClient<PlainAppRouter>({ links: [make(options)] }) };
}

type Client = ReturnType<typeof withDates>["trpc"] | ReturnType<typeof withTexts>["trpc"];

/** All seven at once, with their defaults where they have any. */
async function allSeven({ analytics }: Client) {
  const [stats, metrics, usage, cost, trends, sockets, cache] = await Promise.all([
    analytics.getExecutionStats.query(),
    analytics.getTaskMetrics.query({ taskId: TASK }),
    analytics.getUsageStats.query({ groupBy: "week" }),
    analytics.getCostAnalysis.query(),
    analytics.getPerformanceTrends.query({ metrics: ["success_rate"] }),
    analytics.getWebSocketStats.query(),
    analytics.getCacheStats.query(),
  ]);
  return {
    getExecutionStats: stats,
    getTaskMetrics: metrics,
    getUsageStats: usage,
    getCostAnalysis: cost,
    getPerformanceTrends: trends,
    getWebSocketStats: sockets,
    getCacheStats: cache,
  };
}

describe.each(["single", "batched"] as const)("all seven, %s", (link) => {
  it.each(["with superjson", "without"] as const)("%s", async (transformer) => {
    const { seen, trpc } = transformer === "without" ? withTexts(link) : withDates(link);
    const answers = await allSeven(trpc);
    const expected = shapes(transformer === "without" ? texts : dates);
    for (const name of Object.keys(expected) as (keyof typeof expected)[]) {
      const { error } = expected[name].safeParse(answers[name]);
      expect(error?.issues, name).toBeUndefined();
    }
    expect(seen).toHaveLength(link === "single" ? 7 : 1);
    for (const { method, status } of seen) expect({ method, status }).toEqual({ method: "GET", status: 200 });
  });
});

describe("what is answered", () => {
  it("is typed: Date with superjson, text without", () => {
    type WithDates = Awaited<
      ReturnType<ReturnType<typeof withDates>["trpc"]["analytics"]["getExecutionStats"]["query"]>
    >;
    type WithTexts = Awaited<
      ReturnType<ReturnType<typeof withTexts>["trpc"]["analytics"]["getExecutionStats"]["query"]>
    >;
    expectTypeOf<WithDates>().toEqualTypeOf<ExecutionStatsResult>();
    expectTypeOf<WithTexts["dateRange"]["start"]>().toEqualTypeOf<string>();
    expectTypeOf<WithTexts["totalExecutions"]>().toEqualTypeOf<number>();
    const { analytics } = withDates().trpc;
    // @ts-expect-error: there is no such period
    void (() => analytics.getExecutionStats.query({ period: "decade" }));
    // @ts-expect-error: taskId is required
    void (() => analytics.getTaskMetrics.query({ period: "day" }));
    // @ts-expect-error: it is a query
    void (() => analytics.getCacheStats.mutate());
  });

  it("is about the period asked for, else the document's default", async () => {
    const { analytics } = withDates().trpc;
    const [week, month, year] = await Promise.all([
      analytics.getExecutionStats.query(),
      analytics.getUsageStats.query(),
      analytics.getExecutionStats.query({ period: "year" }),
    ]);
    expect([week.period, month.period, month.groupBy, year.period]).toEqual(["week", "month", "day", "year"]);
    const days = (range: { start: Date; end: Date }) => (range.end.getTime() - range.start.getTime()) / 86_400_000;
    expect(days(week.dateRange)).toBeCloseTo(7, 1);
    expect(days(year.dateRange)).toBeGreaterThan(364.9);
    expect(Math.abs(week.dateRange.end.getTime() - Date.now())).toBeLessThan(5 * MINUTE);
  });

  it("takes undefined for what is left out", async () => {
    const input = { period: "day" as const, taskId: undefined };
    const [date, text] = await Promise.all([
      withDates().trpc.analytics.getExecutionStats.query(input),
      withTexts().trpc.analytics.getExecutionStats.query(input),
    ]);
    expect([date.period, text.period]).toEqual(["day", "day"]);
  });

  it("is right for one task", async () => {
    const { analytics } = withDates().trpc;
    const stats = await analytics.getExecutionStats.query({ taskId: TASK });
    expect(stats).toMatchObject({
      totalExecutions: 13,
      successCount: 10,
      failedCount: 1,
      timeoutCount: 1,
      runningCount: 1,
      successRate: 83.3,
      failureRate: 16.7,
    });
    const metrics = await analytics.getTaskMetrics.query({ taskId: TASK });
    expect(metrics).toMatchObject({
      taskId: TASK,
      taskName: "Daily Report",
      execution: { total: 13, success: 10, failed: 1, successRate: 83.3 },
      currentStatus: { isActive: true, isRunning: true, consecutiveFailures: 2 },
    });
    expect(metrics.currentStatus.nextRun?.getTime()).toBeGreaterThan(Date.now());
    expect(metrics.recentExecutions).toHaveLength(10);
    expect(metrics.recentExecutions[0]).toMatchObject({
      id: `${TASK}/0`,
      status: "running",
      progress: { stepsCompleted: 2, stepsTotal: 5 },
    });
    expect(metrics.recentExecutions[1]).toMatchObject({ status: "failed", error: "Timeout waiting for element" });
    expect(await analytics.getTaskMetrics.query({ taskId: OTHER })).toMatchObject({ taskId: OTHER });
  });

  it("adds up", async () => {
    const { analytics } = withDates().trpc;
    const [usage, cost] = await Promise.all([
      analytics.getUsageStats.query({ period: "week", groupBy: "hour" }),
      analytics.getCostAnalysis.query({ period: "week", taskId: TASK }),
    ]);
    const sum = (pick: (point: (typeof usage.data)[number]) => number) =>
      usage.data.reduce((total, point) => total + pick(point), 0);
    expect(usage.summary).toEqual({
      totalExecutions: sum((point) => point.totalExecutions),
      totalSuccess: sum((point) => point.successCount),
      totalFailed: sum((point) => point.failedCount),
    });
    const times = usage.data.map((point) => point.period.getTime());
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(usage.data.length).toBeGreaterThanOrEqual(168);
    expect(cost.executions.total).toBe(10);
    expect(cost.breakdown.sessionCosts + cost.breakdown.durationCosts).toBeCloseTo(cost.cost.estimatedTotal, 2);
    expect(cost.actual?.total).toBeCloseTo(0.5, 6);
  });

  it.each<[TrendMetric, string[]]>([
    ["execution_count", ["anomalies", "date", "executionCount"]],
    ["success_rate", ["anomalies", "date", "successCount", "successRate"]],
    ["duration", ["anomalies", "avgDuration", "date", "maxDuration", "minDuration"]],
  ])("has the fields of the metric %s only", async (metric, fields) => {
    const { analytics } = withTexts().trpc;
    const trends = await analytics.getPerformanceTrends.query({ period: "week", metrics: [metric], taskId: TASK });
    expect(trends.metrics).toEqual([metric]);
    expect(trends.trends.map((trend) => trend.metric)).toEqual([metric]);
    expect(trends.data.length).toBeGreaterThanOrEqual(7);
    for (const point of trends.data) expect(Object.keys(point).sort()).toEqual(fields);
  });

  it("says when it comes from the cache", async () => {
    const { analytics } = withTexts().trpc;
    const ask = () => analytics.getExecutionStats.query({ period: "quarter", taskId: OTHER });
    await ask();
    expect((await ask()).fromCache).toBe(true);
  });

  it("is only what the asker may see", async () => {
    const { analytics } = withTexts("batched", inject("memberKey")).trpc;
    const own = await analytics.getExecutionStats.query();
    expect(own.totalExecutions).toBe(13);
    expect((await analytics.getTaskMetrics.query({ taskId: TASK })).taskId).toBe(TASK);
  });
});

/** What the client makes of a call that fails. */
async function failure(call: Promise<unknown>) {
  try {
    await call;
  } catch (error) {
    if (isTRPCClientError<PlainAppRouter>(error)) return error;
    throw error;
  }
  return expect.fail("it was answered");
}

describe.each(["with superjson", "without"] as const)("errors, %s", (transformer) => {
  const client = (link: "single" | "batched", key?: string | null) =>
    transformer === "without" ? withTexts(link, key) : withDates(link, key);

  it("BAD_REQUEST names every fault of the input", async () => {
    const { seen, trpc } = client("single");
    const input = { period: "decade", taskId: true } as never;
    const error = await failure(trpc.analytics.getExecutionStats.query(input));
    expect(error.data).toMatchObject({ code: "BAD_REQUEST", httpStatus: 400, path: "analytics.getExecutionStats" });
    expect(error.shape?.code).toBe(-32600);
    const issues: { path: string[]; code: string; message: string }[] = JSON.parse(error.message);
    expect(issues.map(({ path }) => path)).toEqual([["period"], ["taskId"]]);
    for (const { code, message } of issues) expect([typeof code, typeof message]).toEqual(["string", "string"]);
    expect(seen.map(({ status }) => status)).toEqual([400]);
  });

  it("BAD_REQUEST for a missing taskId", async () => {
    const error = await failure(client("batched").trpc.analytics.getTaskMetrics.query({} as never));
    expect(error.data?.code).toBe("BAD_REQUEST");
    expect(JSON.parse(error.message)).toMatchObject([{ path: ["taskId"] }]);
  });

  it.each([null, "tacho_no_such_key"])("UNAUTHORIZED for the key %s", async (key) => {
    for (const link of ["single", "batched"] as const) {
      const { seen, trpc } = client(link, key);
      const error = await failure(trpc.analytics.getCacheStats.query());
      expect(error.data).toMatchObject({ code: "UNAUTHORIZED", httpStatus: 401 });
      expect(error.shape?.code).toBe(-32001);
      expect(seen.map(({ status }) => status)).toEqual([401]);
    }
  });

  it("UNAUTHORIZED for each call of a batch", async () => {
    const { analytics } = client("batched", null).trpc;
    const calls = await Promise.allSettled([analytics.getCacheStats.query(), analytics.getExecutionStats.query()]);
    for (const call of calls) {
      expect(call).toMatchObject({ status: "rejected", reason: { data: { code: "UNAUTHORIZED" } } });
    }
  });

  it("NOT_FOUND for a task that is not there, and the same for another's", async () => {
    const { seen, trpc } = client("single", inject("memberKey"));
    const missing = await failure(trpc.analytics.getTaskMetrics.query({ taskId: 987_654_321 }));
    const foreign = await failure(trpc.analytics.getTaskMetrics.query({ taskId: OTHER }));
    for (const error of [missing, foreign]) {
      expect(error.message).toBe("Task not found or unauthorized");
      expect(error.data).toMatchObject({ code: "NOT_FOUND", httpStatus: 404 });
      expect(error.shape?.code).toBe(-32004);
    }
    // Whoever may not see a task can't tell whether it is there.
    const { requestId: _, ...data } = missing.data ?? expect.fail("no data");
    expect(foreign.data).toMatchObject(data);
    expect(seen.map(({ status }) => status)).toEqual([404, 404]);
  });

  it("NOT_FOUND for a procedure that is not there", async () => {
    const { trpc } = client("single");
    const { getNothing } = trpc.analytics as unknown as { getNothing: { query(): Promise<unknown> } };
    const error = await failure(getNothing.query());
    expect(error.message).toBe('No procedure found on path "analytics.getNothing"');
    expect(error.data).toMatchObject({ code: "NOT_FOUND", httpStatus: 404, path: "analytics.getNothing" });
  });

  it("one of a batch does not harm the others: 207", async () => {
    const { seen, trpc } = client("batched");
    const [stats, metrics, cache] = await Promise.allSettled([
      trpc.analytics.getExecutionStats.query({ period: "day" }),
      trpc.analytics.getTaskMetrics.query({ taskId: "no such task" }),
      trpc.analytics.getCacheStats.query(),
    ]);
    expect([stats.status, metrics.status, cache.status]).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(metrics).toMatchObject({ reason: { message: "Task not found or unauthorized" } });
    expect(seen.map(({ status }) => status)).toEqual([207]);
  });

  it("a batch that fails as one has one status", async () => {
    const { seen, trpc } = client("batched");
    const all = await Promise.allSettled([
      trpc.analytics.getTaskMetrics.query({ taskId: "no such task" }),
      trpc.analytics.getTaskMetrics.query({ taskId: "nor this" }),
    ]);
    expect(all.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(seen.map(({ status }) => status)).toEqual([404]);
  });
});

describe("on the wire", () => {
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${inject("url")}/trpc/${path}`, { headers: { authorization: `Bearer ${inject("key")}` }, ...init });

  it("an answer is tRPC's envelope", async () => {
    const response = await ask(`analytics.getExecutionStats?input=${encodeURIComponent('{"period":"day"}')}`);
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    expect(await response.json()).toMatchObject({ result: { data: { period: "day" } } });
  });

  it("an error has tRPC's shape, with nothing from inside", async () => {
    const response = await ask("analytics.getNothing");
    expect(response.status).toBe(404);
    const requestId = response.headers.get("x-request-id");
    expect(requestId).not.toBeNull();
    expect(await response.json()).toEqual({
      error: {
        message: 'No procedure found on path "analytics.getNothing"',
        code: -32004,
        data: { code: "NOT_FOUND", httpStatus: 404, path: "analytics.getNothing", requestId },
      },
    });
  });

  it("a query by POST is not supported", async () => {
    const headers = { authorization: `Bearer ${inject("key")}`, "content-type": "application/json" };
    const response = await ask("analytics.getCacheStats", { method: "POST", headers, body: "{}" });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET,HEAD");
  });

  it.each(["{", "[1]", "%", '"week"', "null"])("the input %s gets an answer of tRPC's", async (input) => {
    for (const batch of ["", "&batch=1"]) {
      const response = await ask(`analytics.getExecutionStats?input=${encodeURIComponent(input)}${batch}`);
      expect(response.status).toBeLessThan(500);
      const body: unknown = await response.json();
      const one = Array.isArray(body) ? body[0] : body;
      expect(Object.keys(one as object)).toEqual([response.ok ? "result" : "error"]);
    }
  });
});
