import { expect, it } from "vitest";
import type { Answer, Execution, FailureDetail } from "../../api/types.ts";
import { examplesOf, failureQueries, versionBars, workflowBars } from "./data.ts";

it("asks about the fault alone, and compares where that is wanted", () => {
  const frame = () => ({ time: { period: "week" as const }, timezone: "UTC", filters: [] });
  const asked = failureQueries({ frame, compare: "previous_period" }, "f1");
  for (const { filters } of Object.values(asked))
    expect(filters).toEqual([{ field: "error_fingerprint", op: "eq", value: "f1" }]);
  expect(asked.totals.compare).toBe("previous_period");
  expect(failureQueries({ frame, compare: undefined }, "f1").totals).not.toHaveProperty("compare");
});

it("shows different messages, the newest of each", () => {
  const runs = ["a", "b", "a", null, "c", "d"].map((error_message, index) => ({ id: `e${index}`, error_message }));
  const found = examplesOf(runs as Execution[], 3);
  expect(found.map(({ message, execution }) => [message, execution.id])).toEqual([
    ["a", "e0"],
    ["b", "e1"],
    ["c", "e4"],
  ]);
});

it("names workflows as far as they have names", () => {
  const failure = {
    workflows: [
      { workflow_id: "a", workflow_name: "Alpha", count: 3 },
      { workflow_id: "b", workflow_name: null, count: 1 },
    ],
  } as FailureDetail["failure"];
  expect(workflowBars({ failure }).items).toEqual([
    { name: "a", label: "Alpha", value: 3 },
    { name: "b", label: "b", value: 1 },
  ]);
});

it("tells versions of different workflows apart", () => {
  const answer = {
    columns: ["workflow", "workflow_name", "version", "count"].map((name) => ({ name })),
    rows: [
      ["a", "Alpha", "1.0", 3],
      ["b", null, null, 1],
    ],
    comparison: null,
    meta: { has_more: false },
  } as unknown as Answer;
  expect(versionBars(answer).items).toEqual([
    { name: "a\n1.0", label: "Alpha 1.0", value: 3 },
    { name: "b\n", label: "b without a version", value: 1 },
  ]);
});
