import { describe, expect, it } from "vitest";
import { elapsedMs, longestFilter, recentFilter, triggerWord, workflowTitle } from "./data.ts";

const now = new Date("2026-11-23T12:00:30Z");

describe("recent executions", () => {
  it("are of the page's range and filters", () => {
    expect(recentFilter({}, "month", undefined, now)).toEqual({ period: "month", limit: 10 });
    expect(recentFilter({ from: "a", to: "b" }, "week", { status: ["failed"] }, now)).toEqual({
      from: "a",
      to: "b",
      filters: [{ field: "status", op: "in", values: ["failed"] }],
      limit: 10,
    });
  });
  it("keep one question for a minute where the range rolls", () => {
    expect(recentFilter({ last: "1h" }, "week", undefined, now).from).toBe("2026-11-23T11:00:00.000Z");
  });
  it("may be those that took longest", () => {
    expect(longestFilter({}, "week", undefined, now)).toEqual({ period: "week", limit: 10, order: "longest" });
  });
  it("are named as well as can be", () => {
    expect(workflowTitle({ workflow_name: null, workflow_id: "w" })).toBe("w");
    expect(workflowTitle({ workflow_name: null, workflow_id: null })).toBe("No workflow");
    expect(triggerWord("scheduled")).toBe("Schedule");
    expect(triggerWord("carrier_pigeon")).toBe("carrier_pigeon");
    expect(triggerWord(null)).toBe("–");
  });
  it("count on while they run", () => {
    const started_at = new Date(now.getTime() - 5_000).toISOString();
    expect(elapsedMs({ duration_ms: null, status: "running", started_at }, now)).toBe(5_000);
    expect(elapsedMs({ duration_ms: null, status: "queued", started_at: null }, now)).toBeNull();
    expect(elapsedMs({ duration_ms: 7, status: "success", started_at }, now)).toBe(7);
  });
});
