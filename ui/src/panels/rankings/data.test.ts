import { describe, expect, it } from "vitest";
import { answerOf } from "../../test/answer.ts";
import { TOKENS } from "../../theme/tokens.ts";
import { rankingQuery, shapeRanking } from "./data.ts";

const frame = { time: { period: "week" as const }, timezone: "UTC", filters: [] };
const answer = answerOf({
  dimensions: ["workflow", "workflow_name"],
  measures: ["count_failed", "count", "failure_rate"],
  rows: [
    ["w", "Work", 6, 20, 30],
    [null, null, 2, 4, 50],
    ["calm", "Calm", 0, 90, 0],
  ],
  totals: [8, 114, 7],
  before: {
    rows: [
      ["w", "Work", 3, 20, 15],
      [null, null, null, null, null],
      ["calm", "Calm", 1, 80, 1],
    ],
    totals: [4, 100, 4],
  },
});

describe("top workflows", () => {
  it("are asked for greatest first, compared if the page compares", () => {
    expect(rankingQuery("slowness", frame, "last_week")).toMatchObject({
      dimensions: ["workflow"],
      order: [{ by: "duration_p95", direction: "desc" }],
      compare: "last_week",
    });
    expect(rankingQuery("volume", frame, undefined)).not.toHaveProperty("compare");
  });
  it("by failures leave out what never failed", () => {
    const { items, unit } = shapeRanking("failures", answer, TOKENS.light, new Date(answer.meta.as_of));
    expect(unit).toBe("count");
    expect(items.map(({ label, value, before }) => [label, value, before])).toEqual([
      ["Work", 6, 3],
      ["No workflow", 2, null],
    ]);
    expect(items[0]?.color).toBe(TOKENS.light.status.failed);
    expect(items[0]?.note).toContain("30.0");
  });
});
