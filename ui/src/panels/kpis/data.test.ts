import { describe, expect, it } from "vitest";
import { answerOf } from "../../test/answer.ts";
import { arrangeKpis, type KpiFrame, kpiQuery, nowQuery, pinnedBySource, runningNow, shapeKpis } from "./data.ts";

const frame: KpiFrame = {
  time: { period: "week" },
  timezone: "UTC",
  filters: [],
  granularity: "day",
  compare: "previous_period",
};

const answer = answerOf({
  dimensions: ["time"],
  measures: ["count", "success_rate", "count_failed"],
  rows: [
    ["2026-11-16T00:00:00Z", 10, 90, 1],
    ["2026-11-17T00:00:00Z", 30, null, 3],
  ],
  totals: [40, 92.5, 4],
  before: { rows: [], totals: [20, null, 2] },
});

describe("key figures", () => {
  it("are the totals of the answer, with its labels and the buckets as their shape", () => {
    const [count, rate] = shapeKpis(answer);
    expect(count).toMatchObject({ name: "count", label: "The count", value: 40, previous: 20, spark: [10, 30] });
    expect(rate).toMatchObject({ unit: "percent", value: 92.5, spark: [90, null] });
  });
  it("judge a rise in failures as bad, and of the total not at all", () => {
    const [count, , failed] = shapeKpis(answer);
    expect(failed?.change?.verdict).toBe("bad");
    expect(count?.change?.verdict).toBe("neutral");
  });
  it("say which way is better", () => {
    const [count, rate] = shapeKpis(answer);
    expect(count?.definition).toBe("What count means.");
    expect(rate?.definition).toBe("What success_rate means. Higher is better.");
  });
  it("have no change from what is not known", () => expect(shapeKpis(answer)[1]?.change).toBeNull());
  it("are compared only if asked", () => {
    expect(kpiQuery("executions", ["count"], frame).compare).toBe("previous_period");
    expect(kpiQuery("executions", ["count"], { ...frame, compare: undefined })).not.toHaveProperty("compare");
  });
});

describe("pinned metrics", () => {
  it("are asked by source, without those that are shown anyway and what names no measure", () => {
    const pinned = ["costs.credits", "executions.count", "steps.count", "costs.amount", "nonsense", "a.b.c"];
    expect([...pinnedBySource(pinned)]).toEqual([
      ["costs", ["credits", "amount"]],
      ["steps", ["count"]],
    ]);
  });
  it("come first in their own order; a source without an answer has no cards", () => {
    const kpis = arrangeKpis(
      ["costs.amount", "steps.count", "executions.count_failed"],
      [
        ["executions", { answer }],
        ["costs", { answer: answerOf({ measures: ["amount"], rows: [[5]], totals: [5] }) }],
        ["steps", {}],
      ],
    );
    expect(kpis.map(({ name }) => name)).toEqual(["amount", "count_failed", "count", "success_rate"]);
  });
});

it("counts what runs now whatever the range, and compares it with nothing", () => {
  const query = nowQuery({ ...frame, filters: [{ field: "workflow", op: "in", values: ["w"] }] });
  expect(query).toMatchObject({ time: { period: "all" }, filters: [{ field: "workflow" }] });
  const [running] = runningNow(answerOf({ measures: ["count_running", "count"], rows: [[3, 9]], totals: [3, 9] }));
  expect(running).toMatchObject({ label: "Running now", value: 3, isCompared: false });
});
