import { describe, expect, it } from "vitest";
import { makeExecutions, makeSteps } from "../../../mock/data.ts";
import type { Step } from "../../api/types.ts";
import { factLines, rangeOf, shapeWaterfall, spanOf, sumCosts } from "./data.ts";

const now = Date.parse("2026-11-22T12:00:00Z");
const runs = makeExecutions(now, 3);
const run = (status: string) => {
  const found = runs.find((each) => each.status === status);
  if (!found) throw new Error(`no ${status} run in the mock`);
  return { ...found, metadata: {} };
};

describe("shapeWaterfall", () => {
  it("keeps every bar inside the run", () => {
    const execution = run("success");
    for (const row of shapeWaterfall({ execution, steps: makeSteps(execution) }, new Date(now))) {
      expect(row.bar?.left).toBeGreaterThanOrEqual(0);
      expect((row.bar?.left ?? 0) + (row.bar?.width ?? 0)).toBeLessThanOrEqual(100.0001);
    }
  });
  it("says what failed", () => {
    const execution = run("failed");
    const rows = shapeWaterfall({ execution, steps: makeSteps(execution) }, new Date(now));
    expect(rows.filter(({ state }) => state === "failed")).toHaveLength(1);
    expect(rows.at(-1)?.error).toContain(execution.error_type);
  });
  it("has no bar for a step without times", () => {
    const execution = { ...run("success"), started_at: null, completed_at: null };
    const step = { ...(makeSteps(execution)[0] as Step), started_at: null, ended_at: null };
    expect(shapeWaterfall({ execution, steps: [step] }, new Date(now))[0]?.bar).toBeNull();
  });
});

it("a running execution lasts until now", () => {
  expect(spanOf(run("running"), [], new Date(now))?.to).toBe(now);
});

it("does not call unknown cost zero", () => {
  expect(sumCosts([])).toEqual({ usd: null, credits: null, hasEstimate: false });
});

it("summarises samples and metadata", () => {
  expect(rangeOf([null, 1, 3])).toEqual({ min: 1, avg: 2, max: 3 });
  expect(rangeOf([null])).toBeNull();
  expect(factLines({ a: "x", b: { c: 1 } })).toEqual([
    ["a", "x"],
    ["b", '{"c":1}'],
  ]);
});
