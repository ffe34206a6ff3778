import { describe, expect, it } from "vitest";
import type { Resource } from "../../api/types.ts";
import { hostsOf, resourceLines } from "./resources.ts";

const sample = (seconds: number, values: Partial<Resource>) =>
  ({ timestamp: new Date(seconds * 1000).toISOString(), host: "a", ...values }) as Resource;
const span = { from: 0, to: 10_000 };

describe("resourceLines", () => {
  it("lays samples on the run's own axis, oldest first", () => {
    const [cpu] = resourceLines([sample(5, { cpu_percent: 50 }), sample(0, { cpu_percent: 20 })], span);
    expect(cpu).toMatchObject({ label: "CPU", avg: 35, max: 50 });
    expect(cpu?.points).toEqual([
      { x: 0, y: 20 },
      { x: 50, y: 50 },
    ]);
  });
  it("scales what has no natural top by the most of it, and never leaves the axis", () => {
    const [memory] = resourceLines([sample(20, { memory_mb: 400 }), sample(5, { memory_mb: 100 })], span);
    expect(memory?.points).toEqual([
      { x: 50, y: 25 },
      { x: 100, y: 100 },
    ]);
  });
  it("has no line for what was never measured", () => {
    expect(resourceLines([sample(1, { gpu_percent: null })], span)).toEqual([]);
    expect(resourceLines([], null)).toEqual([]);
  });
});

it("names each host once", () => {
  expect(hostsOf([sample(1, {}), sample(2, { host: null }), sample(3, { host: "b" }), sample(4, {})])).toEqual([
    "a",
    "b",
  ]);
});
