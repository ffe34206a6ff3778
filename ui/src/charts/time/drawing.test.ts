import { describe, expect, it } from "vitest";
import type { Series, TimeChartModel } from "../model.ts";
import { lookOf } from "../testing/look.ts";
import { mixedModel, timeModel as model } from "../testing/models.ts";
import { runsOf } from "./decor.ts";
import { bandWidth, edgeOf, heightOf, indexAt, labelEvery, middleOf, plotOf, spread } from "./geometry.ts";
import { layoutOf } from "./layout.ts";
import { labelled, timeOption } from "./options.ts";
import { extremes, means, mergedBy } from "./reduce.ts";
import { axisNote, scaleOf } from "./scales.ts";

const none: ReadonlySet<string> = new Set();
const plot = plotOf(344, 260, 1, { left: 3, right: 0, end: 0 });

interface Drawn {
  animation: boolean;
  yAxis: { min: number; max: number; interval: number }[];
  series: {
    id: string;
    type: string;
    yAxisIndex?: number;
    stack?: string;
    itemStyle: { color: string };
    lineStyle?: { opacity?: number; type: unknown };
    data: { value: [number, number | null]; symbol?: string }[];
  }[];
}
const draw = (of: TimeChartModel, hidden = none, width = 600) =>
  timeOption(of, hidden, lookOf(width)) as unknown as Drawn;
const drawn = (of: TimeChartModel, id: string, width = 600) => {
  const found = draw(of, none, width).series.find((series) => series.id === id);
  if (!found) throw new Error(`${id} is not drawn`);
  return found;
};

type Sketch = Partial<Series> & Pick<Series, "values">;

function longModel(count: number, series: Sketch[]) {
  const starts = Array.from({ length: count }, (_, index) => new Date(Date.UTC(2026, 0, 1, 0, index)).toISOString());
  return {
    ...model,
    size: "minute" as const,
    starts,
    ends: [...starts.slice(1), new Date(Date.UTC(2026, 0, 1, 0, count)).toISOString()],
    partial: new Set<number>(),
    unknown: new Map<number, string>(),
    series: series.map((each, index) => ({ name: `s${index}`, label: `S${index}`, color: "#2B6CD4", ...each })),
  } satisfies TimeChartModel;
}

describe("geometry", () => {
  it("finds the bucket under every middle, and none beside the plot", () => {
    for (let index = 0; index < 3; index++) expect(indexAt(plot, 3, middleOf(plot, 3, index))).toBe(index);
    expect(indexAt(plot, 3, plot.left - 1)).toBeNull();
    expect(indexAt(plot, 3, plot.width)).toBeNull();
    expect(indexAt(plot, 0, 100)).toBeNull();
  });
  it("ends where the plot ends", () => expect(edgeOf(plot, 7, 7)).toBeCloseTo(plot.width - plot.right));
  it("stands values between the bottom and the top", () => {
    expect(heightOf(plot, { min: 0, max: 10 }, 0)).toBe(plot.height - plot.bottom);
    expect(heightOf(plot, { min: 0, max: 10 }, 10)).toBe(plot.top);
  });
  it("thins labels until they fit", () => {
    const step = labelEvery(plot, 168, 58);
    expect(step * bandWidth(plot, 168)).toBeGreaterThanOrEqual(58);
  });
  it("spreads names that would touch, and stays inside", () => {
    const placed = spread([100, 101, 250, 249], 15, 10, 240).sort((a, b) => a - b);
    for (let index = 1; index < 4; index++)
      expect((placed[index] ?? 0) - (placed[index - 1] ?? 0)).toBeGreaterThanOrEqual(15);
    expect(placed[0]).toBeGreaterThanOrEqual(10);
    expect(placed[3]).toBeLessThanOrEqual(240);
  });
  it("labels whole hours under minutes", () => {
    const long = longModel(180, [{ values: [] }]);
    const isLabelled = labelled(long, plot, 1);
    const minutes = long.starts.filter((_, index) => isLabelled(index)).map((start) => new Date(start).getUTCMinutes());
    expect(minutes.length).toBeGreaterThan(1);
    for (const minute of minutes) expect([0, 30]).toContain(minute);
  });
});

describe("an axis", () => {
  it("begins at zero for bars, areas and counts", () => {
    expect(draw(model).yAxis[0]).toMatchObject({ min: 0, max: 15 });
    expect(scaleOf([90, 95], "count", true).min).toBe(0);
    expect(scaleOf([90, 95], "percent", false)).toMatchObject({ min: 0, max: 100 });
  });
  it("shows rates in full, unless lines are all high: then it says so", () => {
    expect(scaleOf([40, 95], "percent", true)).toMatchObject({ min: 0, max: 100 });
    expect(scaleOf([94.6, 99], "percent", true)).toMatchObject({ min: 94, max: 100 });
    expect(scaleOf([0.5, 3], "percent", true)).toMatchObject({ min: 0, max: 3 });
    const rate = longModel(3, [{ values: [94.6, 99, 97], shape: "line" }]);
    expect(axisNote({ ...rate, unit: "percent" }, none)).toBe("axis from 94\u00A0%");
    expect(axisNote(model, none)).toBeNull();
  });
  it("holds what was before and what was expected", () => {
    expect(draw(mixedModel).yAxis[0]?.max).toBeGreaterThanOrEqual(3);
    expect(draw(mixedModel).yAxis[1]?.max).toBeGreaterThanOrEqual(1234.5);
  });
  it("is there where nothing is", () => {
    const nothing = longModel(4, [{ values: [null, null, null, null] }]);
    expect(draw(nothing).yAxis[0]).toMatchObject({ min: 0, max: 1 });
  });
});

describe("series", () => {
  it("have their colours, stand on each other, and are gaps where nothing is known", () => {
    expect(draw(model).animation).toBe(false);
    for (const { name, color } of model.series) {
      expect(drawn(model, name)).toMatchObject({ type: "bar", stack: "stack", itemStyle: { color } });
      expect(drawn(model, name).data[2]?.value[1]).toBeNull();
    }
  });
  it("are left out when hidden", () => {
    const ids = draw(model, new Set(["success"])).series.map(({ id }) => id);
    expect(ids).toContain("failed");
    expect(ids).not.toContain("success");
  });
  it("stand on the axis of their unit", () => {
    expect(drawn(mixedModel, "p95")).toMatchObject({ type: "line", yAxisIndex: 1 });
    expect(drawn(mixedModel, "p95").stack).toBeUndefined();
  });
  it("show the past pale and dashed", () => {
    const past = drawn(mixedModel, "stack before");
    expect(past.lineStyle?.opacity).toBe(0.4);
    expect(past.lineStyle?.type).not.toBe("solid");
    expect(past.data.map(({ value }) => value[1])).toEqual([2, 1.5, 3]);
  });
  it("show a single point as a dot", () => {
    const single = longModel(1, [{ values: [5], shape: "line" }]);
    expect(drawn(single, "s0").data[0]?.symbol).toBe("circle");
  });
});

describe("no more than the screen can show", () => {
  const values = Array.from({ length: 5000 }, (_, index) => (index === 1777 ? 999 : index % 7));
  it("draws bars that are wide enough to tell apart", () => {
    const { data } = drawn(longModel(5000, [{ values }]), "s0", 900);
    expect(data.length).toBeLessThanOrEqual(300);
    const mean = data.reduce((sum, { value }) => sum + (value[1] ?? 0), 0) / data.length;
    expect(mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / 5000, 0);
  });
  it("draws two points a pixel for a line and keeps its peak", () => {
    const { data } = drawn(longModel(5000, [{ values, shape: "line" }]), "s0", 900);
    expect(data.length).toBeLessThanOrEqual(1800);
    expect(data.map(({ value }) => value)).toContainEqual([1777, 999]);
  });
  it("leaves few points as they are", () => {
    expect(mergedBy(3, 3)).toBe(1);
    expect(mergedBy(1, 3)).toBe(3);
    expect(means([1, 2, null], 1).map(({ value }) => value)).toEqual([1, 2, null]);
    expect(extremes([1, null, 3], 1).map(({ value }) => value)).toEqual([1, null, 3]);
  });
  it("does not count the unknown as zero", () => {
    expect(means([4, null, null, null], 2).map(({ value }) => value)).toEqual([4, null]);
    expect(extremes([null, 5, null, null], 2).map(({ value }) => value)).toEqual([5, null]);
  });
});

describe("names at the ends of lines", () => {
  const lines = longModel(3, [
    { values: [1, 2, 3], shape: "line", label: "A name that is much too long for the margin" },
    { values: [3, 2, 3], shape: "line" },
  ]);
  it("stand apart beside the plot where there is room", () => {
    const { endLabels, plot: wide } = layoutOf(lines, none, lookOf(900));
    expect(endLabels.map(({ text }) => text)).toEqual(["A name that is mu…", "S1"]);
    expect(Math.abs((endLabels[0]?.y ?? 0) - (endLabels[1]?.y ?? 0))).toBeGreaterThanOrEqual(15);
    expect(wide.right).toBeGreaterThan(100);
  });
  it("are left out on a phone", () => expect(layoutOf(lines, none, lookOf(340)).endLabels).toEqual([]));
});

it("takes neighbours together", () => {
  expect(runsOf([5, 1, 2, 3])).toEqual([
    [1, 3],
    [5, 5],
  ]);
});
