import { expect, it } from "vitest";
import { failuresFilter, isWider, workflowsOf } from "./data.ts";

const now = new Date("2026-11-23T12:00:00Z");

it("asks for the faults seen last, of the one workflow that is filtered by", () => {
  expect(failuresFilter({}, "week", "UTC", { workflow: ["w"] }, now)).toEqual({
    period: "week",
    timezone: "UTC",
    workflow_id: "w",
    order: "last_seen",
    limit: 5,
  });
  expect(failuresFilter({}, "week", "UTC", { workflow: ["v", "w"] }, now)).not.toHaveProperty("workflow_id");
});

it("knows when the page is narrowed further than faults can be", () => {
  expect(isWider(undefined)).toBe(false);
  expect(isWider({ workflow: ["w"] })).toBe(false);
  expect(isWider({ workflow: ["v", "w"] })).toBe(true);
  expect(isWider({ workflow: ["w"], trigger_type: ["api"] })).toBe(true);
});

it("names the workflow that is hit most", () => {
  const one = { workflow_id: "w", workflow_name: "Work", count: 3 };
  expect(workflowsOf({ workflows: [one], workflow_count: 1 })).toBe("Work");
  expect(workflowsOf({ workflows: [one], workflow_count: 4 })).toBe("Work and 3 more");
});
