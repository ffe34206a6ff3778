import { describe, expect, it } from "vitest";
import type { PerformanceTrends } from "../../api/types.ts";
import { answerOf } from "../../test/answer.ts";
import { TOKENS } from "../../theme/tokens.ts";
import { anomalyMarks, anomalyText } from "./anomalies.ts";
import { ENOUGH, shapeChanges } from "./changes.ts";
import { shapeDurations, shapeSuccess, usualBand } from "./data.ts";
import { shapeDistribution } from "./distribution.ts";
import { shapeSteps, shapeWaits, workflowOfStep } from "./steps.ts";

const now = new Date("2026-11-23T00:00:00Z");
const plain = (text: string | undefined) => text?.replaceAll("\u00A0", " ");

const MEASURES = ["duration_median", "duration_p95", "duration_p99", "success_rate"];
const trend = answerOf({
  dimensions: ["time"],
  measures: MEASURES,
  rows: [
    ["2026-11-16T00:00:00Z", 10, 20, 30, 90],
    ["2026-11-17T00:00:00Z", null, null, null, null],
  ],
  totals: [10, 20, 30, 90],
  before: {
    rows: Array.from({ length: 11 }, (_, day) => ["2026-11-05T00:00:00Z", 5, day * 10, 50, 80]),
    totals: [5, 50, 50, 80],
  },
});

const trends = {
  data: [
    { date: "2026-11-16T00:00:00Z", anomalies: ["duration", "execution_count"] },
    { date: "2026-11-17T00:00:00Z", anomalies: [] },
  ],
} as unknown as PerformanceTrends;

describe("durations", () => {
  const model = shapeDurations(trend, TOKENS.light, now, trends);
  it("are three lines with those of the range before, and gaps where nothing ended", () => {
    expect(model.series.map(({ name }) => name)).toEqual(MEASURES.slice(0, 3));
    expect(model.series[1]).toMatchObject({ shape: "line", values: [20, null], before: [0, 10] });
  });
  it("have a band where four fifths of the buckets before lay", () => {
    expect(model.band).toMatchObject({ low: [10, 10], high: [90, 90] });
    const { comparison, ...alone } = trend;
    expect(usualBand({ ...alone, comparison: null }, "duration_p95", "red")).toBeUndefined();
    expect(comparison?.by_row?.rows).toHaveLength(11);
  });
  it("mark the days that stand out by duration", () => {
    expect(model.marks).toEqual([{ index: 0, label: "Average duration stands out", tone: "bad" }]);
    expect(shapeSuccess(trend, TOKENS.light, now, trends).marks).toEqual([]);
    expect(anomalyMarks(undefined, "duration")).toEqual([]);
  });
});

it("says in words which days stand out", () => {
  expect(anomalyText(trends, "UTC")).toBe("Stands out: average duration on Mon 16 Nov.");
  expect(anomalyText({ ...trends, data: [] }, "UTC")).toBe("No day stands out from the others.");
});

describe("changes", () => {
  const changes = shapeChanges(
    answerOf({
      dimensions: ["workflow", "workflow_name"],
      measures: ["count", "duration_p95"],
      rows: [
        ["invoices", "Invoices", 1204, 42_000],
        ["faster", "Faster", 100, 10_000],
        ["same", "Same", 100, 10_500],
        ["rare", "Rare", ENOUGH - 1, 90_000],
        ["new", "New", 500, 90_000],
      ],
      totals: [0, 0],
      before: {
        rows: [
          ["invoices", "Invoices", 1000, 31_000],
          ["faster", "Faster", 100, 20_000],
          ["same", "Same", 100, 10_000],
          ["rare", "Rare", 100, 1_000],
          ["new", "New", null, null],
        ],
        totals: [0, 0],
      },
    }),
  );
  it("are said in words", () => {
    expect(changes.slower).toHaveLength(1);
    expect(changes.slower[0]?.name).toBe("Invoices");
    expect(plain(changes.slower[0]?.text)).toBe("95th percentile 42 s, was 31 s (+35.5 % ↑), 1,204 executions");
    expect(changes.faster.map(({ id }) => id)).toEqual(["faster"]);
  });
  it("leave out what ran too seldom, and what is new", () => expect(changes.judged).toBe(3));
  it("do not exist without a range to compare with", () => {
    const alone = answerOf({ dimensions: ["workflow"], measures: ["count", "duration_p95"], rows: [], totals: [0, 0] });
    expect(shapeChanges(alone).isAlone).toBe(true);
  });
});

describe("steps", () => {
  it("are named with their workflow, and lead to it", () => {
    const { items } = shapeSteps(
      answerOf({
        dimensions: ["workflow", "workflow_name", "step_name"],
        measures: ["duration_p95", "count", "duration_total"],
        rows: [
          ["w", "Work", "Load", 1000, 2, 1500],
          ["w", "Work", "Never ended", null, 1, null],
        ],
        totals: [1000, 3, 1500],
      }),
      now,
    );
    expect(items.map(({ label }) => label)).toEqual(["Load · Work"]);
    expect(workflowOfStep(items[0]?.name ?? "")).toBe("w");
  });
  it("wait for what they say, and are not said to be at work where nothing was told", () => {
    const { items, total } = shapeWaits(
      answerOf({
        dimensions: ["wait_kind"],
        measures: ["duration_total", "count"],
        rows: [
          ["human", 60, 1],
          ["none", 30, 1],
          [null, 10, 1],
        ],
        totals: [100, 3],
      }),
      now,
    );
    expect(items.map(({ label }) => label)).toEqual(["Waits for a person", "At work", "Kind not recorded"]);
    expect(total).toBe(100);
  });
});

describe("the distribution", () => {
  const model = shapeDistribution(
    answerOf({
      dimensions: ["duration_bucket"],
      measures: ["count"],
      rows: [
        [1000, 5],
        [null, 2],
        [0, 1],
        [100, 3],
      ],
      totals: [11],
    }),
    trend,
    now,
  );
  it("has ascending bins, and none for what has not ended", () => {
    const filled = model.bins.filter(({ count }) => count > 0);
    expect(filled.map(({ from, count }) => [from, count])).toEqual([
      [0, 1],
      [100, 3],
      [1000, 5],
    ]);
    expect(filled[2]?.to).toBeCloseTo(1122.02);
  });
  it("marks the percentiles of the trend", () => {
    expect(model.marks.map(({ value }) => value)).toEqual([10, 20, 30]);
  });
});
