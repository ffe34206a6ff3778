import { expect, it } from "vitest";
import { answerOf } from "../../test/answer.ts";
import { shapeStatuses } from "./data.ts";

const measures = ["count_failed", "count_success", "count_running"];

it("shares out all executions, in the order of the statuses", () => {
  const shares = shapeStatuses(answerOf({ dimensions: ["time"], measures, rows: [], totals: [1, 3, 0] }));
  expect(shares).toEqual([
    { status: "success", count: 3, share: 75 },
    { status: "failed", count: 1, share: 25 },
  ]);
});

it("has none where nothing ran", () => {
  expect(shapeStatuses(answerOf({ dimensions: ["time"], measures, rows: [], totals: [0, 0, 0] }))).toEqual([]);
});
