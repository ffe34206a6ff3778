import { expect, it } from "vitest";
import { makeExecutions, makeSteps } from "../../../mock/data.ts";
import { tableCsv } from "../../charts/frame/csv.ts";
import { shapeWaterfall } from "./waterfall.ts";
import { waterfallTable } from "./waterfallTable.ts";

const now = Date.parse("2026-11-22T12:00:00Z");
const execution = { ...makeExecutions(now, 3).find(({ status }) => status === "failed"), metadata: {} } as Parameters<
  typeof makeSteps
>[0];
const steps = makeSteps(execution);
const rows = shapeWaterfall({ execution, steps } as Parameters<typeof shapeWaterfall>[0], new Date(now));

it("has every step with its own duration, in the order in which they started", () => {
  const { rows: names, columns } = waterfallTable(rows, new Map());
  const durations = columns.find(({ label }) => label === "Duration")?.values;
  expect(names.map(({ name }, index) => [name, durations?.[index]])).toEqual(
    steps.map((step) => [step.step_name, step.duration_ms]),
  );
});

it("says how long a step usually takes where that is known, and leaves out what no step has", () => {
  const labels = (usual: Parameters<typeof waterfallTable>[1]) =>
    waterfallTable(rows, usual).columns.map(({ label }) => label);
  expect(labels(new Map())).not.toContain("Usual duration");
  expect(labels(new Map([[rows[0]?.name ?? "", { medianMs: 5, p95Ms: 9 }]]))).toContain("Usual duration");
});

it("is a file with a line for each try of each step", () => {
  const lines = tableCsv(waterfallTable(rows, new Map())).trimEnd().split("\r\n");
  expect(lines[0]).toMatch(/^Step,Try,Status,Started after,Duration/);
  expect(lines).toHaveLength(steps.length + 1);
});
