import { describe, expect, it } from "vitest";
import { makeExecutions, makeSteps } from "../../../mock/data.ts";
import type { Step } from "../../api/types.ts";
import { shapeWaterfall, spanOf, stepsOfTry, ticksOf, timeByKind } from "./waterfall.ts";

const now = Date.parse("2026-11-22T12:00:00Z");
const runs = makeExecutions(now, 3);
const run = (status: string) => {
  const found = runs.find((each) => each.status === status);
  if (!found) throw new Error(`no ${status} run in the mock`);
  return { ...found, metadata: {} };
};
const step = (change: Partial<Step>): Step => ({ ...(makeSteps(run("success"))[0] as Step), ...change });

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
    const rows = shapeWaterfall({ execution, steps: [step({ started_at: null, ended_at: null })] }, new Date(now));
    expect(rows[0]?.bar).toBeNull();
  });
  it("counts the tries of a step", () => {
    const steps = [
      step({ id: "1", step_id: "s", attempt: 1, started_at: "2026-11-22T11:00:00Z" }),
      step({ id: "2", step_id: "s", attempt: 2, started_at: "2026-11-22T11:01:00Z" }),
      step({ id: "3", step_id: "t", attempt: 1, started_at: "2026-11-22T11:02:00Z" }),
    ];
    const rows = shapeWaterfall({ execution: run("success"), steps }, new Date(now));
    expect(rows.map(({ attempt, attempts }) => `${attempt} of ${attempts}`)).toEqual(["1 of 2", "2 of 2", "1 of 1"]);
  });
});

describe("stepsOfTry", () => {
  const steps = [step({ id: "1", attempt: 1 }), step({ id: "2", attempt: 2 })];
  const ids = (attempts: number[], attempt: number) =>
    stepsOfTry({ execution: { ...run("success"), attempt }, attempts, steps }).map(({ id }) => id);
  it("takes those of the try that is shown", () => expect(ids([1, 2], 2)).toEqual(["2"]));
  it("takes all where one execution tried its steps again", () => expect(ids([1], 1)).toEqual(["1", "2"]));
  it("takes all where none is of the try", () => expect(ids([1, 2, 3], 3)).toEqual(["1", "2"]));
});

it("a running execution lasts until now", () => {
  expect(spanOf(run("running"), [], new Date(now))?.to).toBe(now);
});

it("tells where the time went", () => {
  const shares = timeByKind(
    [
      step({ wait_kind: "none", duration_ms: 100 }),
      step({ wait_kind: "external", duration_ms: 250 }),
      step({ wait_kind: "external", duration_ms: 50 }),
      step({ wait_kind: "unheard_of", duration_ms: 0 }),
    ],
    new Date(now),
  );
  expect(shares).toEqual([
    { kind: "active", ms: 100, share: 25 },
    { kind: "external", ms: 300, share: 75 },
  ]);
  expect(timeByKind([], new Date(now))).toEqual([]);
});

describe("ticksOf", () => {
  it("takes round moments, six at most", () => {
    expect(ticksOf(42_822)).toEqual([0, 10_000, 20_000, 30_000, 40_000]);
    expect(ticksOf(9)).toEqual([0, 2, 4, 6, 8]);
    for (const length of [0, 1, 7, 999, 60_000, 3_600_001, 86_400_000, 86_400_000 * 400])
      expect(ticksOf(length).length).toBeLessThanOrEqual(6);
  });
});
