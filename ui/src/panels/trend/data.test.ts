import { describe, expect, it } from "vitest";
import { answerOf } from "../../test/answer.ts";
import { TOKENS } from "../../theme/tokens.ts";
import { shapeTrend, trendQuery } from "./data.ts";

const frame = { time: { period: "week" as const }, timezone: "UTC", filters: [], granularity: "day" as const };

const answer = answerOf({
  dimensions: ["time"],
  measures: ["count_success", "count_failed", "count_timeout", "cost"],
  rows: [
    ["2026-11-16T00:00:00Z", 5, 1, 0, 0.5],
    ["2026-11-17T00:00:00Z", 7, 0, 0, null],
  ],
  totals: [12, 1, 0, 0.5],
});

describe("trend", () => {
  const model = shapeTrend(answer, TOKENS.light, new Date(answer.meta.as_of));
  it("stacks each status that occurs, in its own colour", () => {
    const bars = model.series.filter(({ isRight }) => !isRight);
    expect(bars.map(({ name }) => name)).toEqual(["success", "failed"]);
    expect(bars[1]).toMatchObject({ color: TOKENS.light.status.failed, values: [1, 0] });
  });
  it("lays what was chosen over it, on an axis of its own", () => {
    expect(model.series.find(({ name }) => name === "cost")).toMatchObject({
      shape: "line",
      isRight: true,
      values: [0.5, null],
    });
    expect([model.unit, model.rightUnit]).toEqual(["count", "usd"]);
  });
  it("asks for the overlay only if there is one", () => {
    expect(trendQuery(frame, "none").measures).not.toContain("cost");
    expect(trendQuery(frame, "cost").measures).toContain("cost");
    expect(trendQuery(frame, "duration").measures).toContain("duration_p95");
  });
});
