import { describe, expect, it } from "vitest";
import { answerOf } from "../../test/answer.ts";
import { TOKENS } from "../../theme/tokens.ts";
import {
  shapeActive,
  shapeTriggers,
  shapeVolume,
  shapeYield,
  USAGE_MEASURES,
  usageKpis,
  usageQuestions,
} from "./data.ts";
import { shapeHeatmap, whereOfCell } from "./heatmap.ts";
import { shapeUsage } from "./points.ts";
import { parseUsageSearch } from "./search.ts";
import { shapeShares } from "./shares.ts";

const now = new Date("2026-11-23T00:00:00Z");
const frame = { time: { period: "week" as const }, timezone: "UTC", filters: [] };

/** Two days of usage, by measure; what is not named was 0. */
function usageOf(days: Record<string, number | null>[], totals: Record<string, number | null>) {
  const of = (values: Record<string, number | null>) =>
    USAGE_MEASURES.map((name) => (name in values ? values[name] : 0));
  return answerOf({
    dimensions: ["time"],
    measures: USAGE_MEASURES,
    rows: days.map((day, index) => [`2026-11-${16 + index}T00:00:00Z`, ...(of(day) as number[])]),
    totals: of(totals) as number[],
  });
}

const usage = usageOf(
  [
    { count: 10, count_success: 7, count_failed: 2, count_timeout: 1, success_rate: 70, duration_total: 100 },
    { count: 5, count_success: 5, success_rate: 100, duration_total: 50 },
  ],
  { count: 15, count_success: 12, count_failed: 2, count_timeout: 1, success_rate: 80, duration_total: 150 },
);

describe("the points", () => {
  const { points, summary } = shapeUsage(usage);
  it("add up to the summary, which is the answer's own", () => {
    for (const figure of ["executions", "succeeded", "failed", "totalMs"] as const)
      expect(points.reduce((sum, point) => sum + (point[figure] ?? 0), 0)).toBe(summary[figure]);
    expect(summary).toMatchObject({ executions: 15, failed: 3, successRate: 80 });
  });
  it("are newest first", () => {
    expect(points.map(({ start }) => start)).toEqual(["2026-11-17T00:00:00Z", "2026-11-16T00:00:00Z"]);
  });
  it("tell unknown from none", () => {
    const { points: unknown } = shapeUsage(
      usageOf([{ count: null, count_failed: null, count_timeout: null }], { count: null }),
    );
    expect(unknown[0]).toMatchObject({ executions: null, failed: null });
  });
});

describe("the charts", () => {
  it("show volume by status, and nothing else of the answer", () => {
    const { series } = shapeVolume(usage, TOKENS.light, now);
    expect(series.map(({ name }) => name)).toEqual(["success", "failed", "timeout"]);
  });
  it("do not add up what is counted again in every bucket", () => {
    const { series } = shapeActive(usage, TOKENS.light, now);
    expect(series.map(({ name, hasNoSum }) => [name, hasNoSum])).toEqual([
      ["distinct_workflows", true],
      ["distinct_users", true],
    ]);
  });
  it("show the yield only as far as it was recorded", () => {
    const saved = usageOf([{ minutes_saved: 4 }], { minutes_saved: 4 });
    expect(shapeYield(saved, TOKENS.light, now).series.map(({ name }) => name)).toEqual(["minutes_saved"]);
    expect(usageKpis(saved)).toContain("minutes_saved");
    expect(usageKpis(usage)).not.toContain("minutes_saved");
  });
  it("name triggers as everywhere", () => {
    const answer = answerOf({
      dimensions: ["time", "trigger_type"],
      measures: ["count"],
      rows: [
        ["2026-11-16T00:00:00Z", "scheduled", 2],
        ["2026-11-16T00:00:00Z", null, 1],
      ],
      totals: [3],
    });
    expect(shapeTriggers(answer, TOKENS.light, now).series.map(({ label }) => label)).toEqual([
      "Schedule",
      "No trigger",
    ]);
  });
});

describe("the hours of the week", () => {
  const answer = answerOf({
    dimensions: ["weekday", "hour_of_day"],
    measures: ["count"],
    rows: [
      [1, 10, 3],
      [7, 23, 9],
    ],
    totals: [12],
    meta: { timezone: "Europe/Berlin" },
  });
  it("begin on Monday and say their zone", () => {
    const { model } = shapeHeatmap(answer, now);
    expect([model.rows[0], model.values[0]?.[10], model.values[6]?.[23], model.values[3]?.[3]]).toEqual([
      "Monday",
      3,
      9,
      0,
    ]);
    expect(model.subtitle).toContain("Europe/Berlin");
  });
  it("lead to their executions", () => {
    expect(whereOfCell(6, 23)).toEqual({ weekday: ["7"], hour_of_day: ["23"] });
  });
  it("have a busiest one, which may end at midnight", () => {
    expect(shapeHeatmap(answer, now).busiest?.replaceAll("\u00A0", " ")).toBe(
      "Busiest: Sunday, 23:00–00:00, 9 executions",
    );
    expect(shapeHeatmap({ ...answer, rows: [] }, now).busiest).toBeNull();
  });
});

it("shares out executions by group, the rest last", () => {
  const { items } = shapeShares(
    "workflow_group",
    answerOf({
      dimensions: ["workflow_group"],
      measures: ["count"],
      rows: [
        ["Sales", 6],
        [null, 3],
      ],
      totals: [10],
      other: [null, 1],
    }),
    now,
  );
  expect(items.map(({ label, value }) => [label, value])).toEqual([
    ["Sales", 6],
    ["No group", 3],
    ["Other", 1],
  ]);
});

it("asks as its address says", () => {
  expect(parseUsageSearch({ by: "workflow_kind" })).toEqual({ by: "workflow_kind" });
  expect(parseUsageSearch({ by: "workflow_group" })).toEqual({});
  expect(usageQuestions(frame, "day", undefined, "workflow_kind").shares.dimensions).toEqual(["workflow_kind"]);
  expect(usageQuestions(frame, "day", undefined, "workflow_kind").usage.measures.length).toBeLessThanOrEqual(20);
});
