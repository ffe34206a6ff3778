import { describe, expect, it } from "vitest";
import type { Model } from "../../api/types.ts";
import { choicesOf, metricsOf, moved, PINNED_MAX, withPinned } from "./data.ts";

const MODEL = {
  sources: [
    { name: "executions", label: "Executions", measures: [{ name: "count", label: "Executions", definition: "All." }] },
    { name: "steps", label: "Steps", measures: [{ name: "count", label: "Steps", definition: "All steps." }] },
  ],
} as unknown as Model;

it("names a measure by its source and itself", () => {
  expect(metricsOf(MODEL).map(({ name }) => name)).toEqual(["executions.count", "steps.count"]);
});

describe("the order", () => {
  it("moves one past its neighbour", () => {
    expect(moved(["a", "b", "c"], 1, -1)).toEqual(["b", "a", "c"]);
    expect(moved(["a", "b", "c"], 1, 1)).toEqual(["a", "c", "b"]);
  });
  it("stays at the ends", () => {
    expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
    expect(moved(["a", "b"], 1, 1)).toEqual(["a", "b"]);
  });
});

it("pins once, and no more than the server keeps", () => {
  expect(withPinned(["a"], "a")).toEqual(["a"]);
  expect(withPinned(["a"], "b")).toEqual(["a", "b"]);
  const full = Array.from({ length: PINNED_MAX }, (_, index) => String(index));
  expect(withPinned(full, "one more")).toEqual(full);
});

it("offers what is not pinned yet, by source", () => {
  expect(choicesOf(metricsOf(MODEL), ["executions.count"])).toEqual([
    { group: "Steps", items: [{ value: "steps.count", label: "Steps" }] },
  ]);
});
