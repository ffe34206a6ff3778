import { describe, expect, it } from "vitest";
import type { Answer, Cost } from "../../api/types.ts";
import { executionQueries, rawRecords, sumCosts, timesOf, type Usual, usualOf, usualSteps, verdictOf } from "./data.ts";

const run = {
  workflow_id: "w",
  event_time: "2026-11-22T12:00:00Z",
  duration_ms: 900,
  error_fingerprint: "f1",
};

function answer(columns: string[], rows: (string | number | null)[][], totals: (number | null)[] = []): Answer {
  return { columns: columns.map((name) => ({ name })), rows, totals } as unknown as Answer;
}

describe("executionQueries", () => {
  it("asks for the thirty days before the run, of its workflow alone", () => {
    const { usual } = executionQueries(run);
    expect(usual?.time).toEqual({ from: "2026-10-23T12:00:00.000Z", to: "2026-11-22T12:00:00.000Z" });
    expect(usual?.filters).toEqual([{ field: "workflow", op: "eq", value: "w" }]);
  });
  it("asks only what can be compared", () => {
    expect(Object.keys(executionQueries(run))).toEqual(["usual", "steps", "ended", "slower", "fault"]);
    expect(Object.keys(executionQueries({ ...run, duration_ms: null, error_fingerprint: null }))).toEqual([
      "usual",
      "steps",
      "ended",
    ]);
    expect(executionQueries({ ...run, workflow_id: null })).toEqual({});
    expect(executionQueries(undefined)).toEqual({});
  });
});

describe("usualOf", () => {
  const columns = ["count", "duration_median", "duration_p95", "success_rate", "cost_per_execution"];
  const usual = answer(columns, [], [200, 400, 1000, 97.5, 0.02]);
  it("tells how many were faster from those that were slower", () => {
    const found = usualOf(usual, answer(["count"], [], [190]), answer(["count"], [], [19]));
    expect(found).toEqual({
      runs: 200,
      medianMs: 400,
      p95Ms: 1000,
      successRate: 97.5,
      costUsd: 0.02,
      fasterPercent: 90,
    });
  });
  it("does not guess", () => {
    expect(usualOf(undefined, undefined, undefined)).toBeNull();
    expect(usualOf(usual, answer(["count"], [], [190]), undefined)?.fasterPercent).toBeNull();
    expect(usualOf(usual, answer(["count"], [], [0]), answer(["count"], [], [0]))?.fasterPercent).toBeNull();
  });
});

describe("verdictOf", () => {
  const usual: Usual = { runs: 100, medianMs: 400, p95Ms: 1000, successRate: null, costUsd: null, fasterPercent: null };
  it.each([
    [199, "faster"],
    [200, "usual"],
    [400, "usual"],
    [1000, "usual"],
    [1001, "slow"],
    [2001, "very_slow"],
    [null, "unknown"],
  ] as const)("%s ms is %s", (ms, verdict) => expect(verdictOf(ms, usual)).toBe(verdict));
  it("says nothing of few runs", () => expect(verdictOf(5000, { ...usual, runs: 19 })).toBe("unknown"));
});

it("knows how long steps usually take, but not from a handful", () => {
  const steps = answer(
    ["step_name", "count", "duration_median", "duration_p95"],
    [
      ["Fetch", 50, 100, 300],
      ["Rare", 3, 100, 300],
      [null, 50, 100, 300],
    ],
  );
  expect([...usualSteps(steps)]).toEqual([["Fetch", { medianMs: 100, p95Ms: 300 }]]);
  expect(usualSteps(answer(["count"], [[4]])).size).toBe(0);
});

it("compares with what is there", () => {
  expect(timesOf(240, 100)).toBeCloseTo(2.4);
  expect(timesOf(240, 0)).toBeNull();
  expect(timesOf(null, 100)).toBeNull();
});

describe("sumCosts", () => {
  it("does not call unknown cost zero", () => {
    expect(sumCosts([])).toEqual({ usd: null, credits: null, hasEstimate: false });
  });
  it("adds up, refunds too, and marks estimates", () => {
    const costs = [
      { amount_usd: 0.5, credits: null, is_estimate: false },
      { amount_usd: -0.2, credits: 3, is_estimate: true },
    ] as Cost[];
    const sum = sumCosts(costs);
    expect(sum.usd).toBeCloseTo(0.3);
    expect(sum).toMatchObject({ credits: 3, hasEstimate: true });
  });
});

it("gives the records alone, without how they were asked for", () => {
  const detail = { execution: { id: "a" }, steps: [], costs: [], resources: [], recoveries: [], as_of: "x" };
  expect(JSON.parse(rawRecords(detail as never))).toEqual({
    execution: { id: "a" },
    steps: [],
    costs: [],
    resources: [],
    recoveries: [],
  });
});
