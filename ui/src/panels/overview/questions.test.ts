import { describe, expect, it } from "vitest";
import { overviewQuestions } from "./questions.ts";
import { parseOverviewSearch } from "./search.ts";

const context = {
  search: {},
  frame: { time: { period: "week" as const }, timezone: "UTC", filters: [] },
  granularity: "day" as const,
  compare: "previous_period" as const,
  pinned: [],
  hidden: [],
};

describe("the Overview", () => {
  it("asks for what is shown", () => {
    expect(Object.keys(overviewQuestions(context))).toEqual(["kpis", "trend", "rankings", "costs", "now"]);
    expect(Object.keys(overviewQuestions({ ...context, hidden: ["kpis", "rankings", "statuses"] }))).toEqual([
      "kpis",
      "trend",
      "costs",
      "now",
    ]);
    expect(overviewQuestions({ ...context, hidden: ["trend"] })).toHaveProperty("trend");
    expect(overviewQuestions({ ...context, hidden: ["trend", "statuses"] })).not.toHaveProperty("trend");
  });
  it("asks for pinned metrics of other sources apart", () => {
    expect(overviewQuestions({ ...context, pinned: ["steps.count"] })["pinned:steps"]).toMatchObject({
      source: "steps",
      measures: ["count"],
    });
  });
  it("ranks and breaks down as its address says", () => {
    const search = parseOverviewSearch({ top: "failures", costs_by: "workflow", overlay: "cost" });
    const { rankings, costs, trend } = overviewQuestions({ ...context, search });
    expect(rankings?.order).toEqual([{ by: "count_failed", direction: "desc" }]);
    expect(costs?.dimensions).toEqual(["workflow"]);
    expect(trend?.measures).toContain("cost");
  });
  it("has nothing in its address that is the default or not understood", () => {
    expect(parseOverviewSearch({ top: "failures", costs_by: "moon", overlay: "none", granularity: "eon" })).toEqual({});
  });
});
