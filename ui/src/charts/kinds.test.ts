/** Where the parts of each kind of chart stand. */
import { describe, expect, it } from "vitest";
import { TOKENS } from "../theme/tokens.ts";
import { barPlaces } from "./bars/layout.ts";
import { barOption } from "./bars/option.ts";
import { colorsOf, OTHER } from "./colors.ts";
import { ringOf, sliceAt, slicesOf } from "./donut/layout.ts";
import { donutOption, donutPicture } from "./donut/option.ts";
import { distance, heatColor } from "./frame/color.ts";
import { gaugeOption, gaugePicture, shareOn, toneOf } from "./gauge/option.ts";
import { boxOf, cellAt, domainOf, gridOf, shareOf } from "./heatmap/layout.ts";
import { heatmapOption } from "./heatmap/option.ts";
import { barOf, binAt, histogramLayout, mergedBins } from "./histogram/layout.ts";
import { histogramOption } from "./histogram/option.ts";
import { lookOf } from "./testing/look.ts";
import { barModel, donutModel, gaugeModel, heatmapModel, histogramModel } from "./testing/models.ts";

const look = lookOf();
const { tokens } = look;

interface Shown {
  type: string;
  shape: Record<string, number>;
  style: Record<string, unknown>;
  children: Shown[];
}
/** The shapes that a series of an option draws. */
function shapesOf(option: object, id: string): Shown[] {
  const { series } = option as { series: { id: string; data: unknown[]; renderItem: (at: object) => Shown }[] };
  const found = series.find((each) => each.id === id);
  const made = found?.data.map((_, dataIndex) => found.renderItem({ dataIndex })) ?? [];
  return made.flatMap((shape) => (shape.type === "group" ? shape.children : [shape]));
}

describe("bars", () => {
  it("are as long as their values, from one zero", () => {
    const [first, second, third] = barPlaces(barModel);
    expect(first).toMatchObject({ from: 0, length: 100 });
    expect((second?.length ?? 0) / (first?.length ?? 1)).toBeCloseTo(7.655 / 12.345);
    expect(second?.before).toBeCloseTo(100);
    expect(third).toMatchObject({ length: 0, before: null });
  });
  it("go to the left where less than nothing", () => {
    const places = barPlaces({ ...barModel, items: [-1, 3].map((value) => ({ name: `${value}`, label: "", value })) });
    expect(places.map(({ from, length }) => [from, length])).toEqual([
      [0, 25],
      [25, 75],
    ]);
  });
  it("are all in the picture", () => {
    const rects = shapesOf(barOption(barModel, look), "bars").filter(({ type }) => type === "rect");
    expect(rects).toHaveLength(3);
  });
});

describe("a donut", () => {
  const slices = slicesOf(donutModel, tokens);
  it("is full, and each slice has its share", () => {
    expect(slices.map(({ share }) => share)).toEqual([75, 25, null]);
    expect((slices.at(-1)?.to ?? 0) - (slices[0]?.from ?? 0)).toBeCloseTo(2 * Math.PI);
  });
  it("has at most eight slices, and none is lost", () => {
    const items = Array.from({ length: 12 }, (_, index) => ({ name: `${index}`, label: `${index}`, value: 1 }));
    const many = slicesOf({ ...donutModel, total: 12, items }, tokens);
    expect(many).toHaveLength(8);
    expect(many.at(-1)).toMatchObject({ label: "5 others", value: 5, isRest: true });
  });
  it("finds the slice under a place, and none in the middle", () => {
    const ring = ringOf({ width: 200, height: 200 });
    expect(sliceAt(slices, ring, 190, 100)).toBe(0);
    expect(sliceAt(slices, ring, 30, 60)).toBe(1);
    expect(sliceAt(slices, ring, 100, 100)).toBeNull();
  });
  it("is an empty ring where there is nothing", () => {
    const option = donutOption({ ...donutModel, total: 0, items: [] }, look, null);
    expect(shapesOf(option, "slices")).toEqual([]);
    expect(shapesOf(option, "track")).toHaveLength(1);
  });
  it("has its total in the middle of its picture", () => {
    expect(shapesOf(donutPicture(donutModel, look), "middle").map(({ style }) => style.text)).toEqual(["200", "Total"]);
  });
});

describe("a heat map", () => {
  const grid = gridOf(heatmapModel, look);
  it("finds the cell under its middle", () => {
    for (let cell = 0; cell < 6; cell++) {
      const { x, y, width, height } = boxOf(grid, 3, cell);
      expect(cellAt(heatmapModel, grid, x + width / 2, y + height / 2)).toBe(cell);
    }
    expect(cellAt(heatmapModel, grid, 0, 0)).toBeNull();
  });
  it("goes from the least to the greatest value", () => {
    const domain = domainOf(heatmapModel);
    expect(domain).toEqual({ min: 0, max: 12 });
    expect(domain && shareOf(12, domain)).toBe(1);
    expect(shareOf(0, { min: 0, max: 0 })).toBe(0);
    expect(domainOf({ ...heatmapModel, values: [[null]] })).toBeNull();
  });
  it("shows the unknown as empty, not as zero", () => {
    const fills = shapesOf(heatmapOption(heatmapModel, look), "cells").map(({ style }) => style.fill);
    expect(fills[0]).toBe(heatColor(0, tokens));
    expect(fills[2]).toBe(heatColor(1, tokens));
    expect(fills[4]).toBe("none");
  });
});

describe("a histogram", () => {
  const layout = histogramLayout(histogramModel, look);
  it("gives a decade the same width everywhere", () => {
    const width = (from: number, to: number) => layout.xOf(to) - layout.xOf(from);
    expect(width(10, 100)).toBeCloseTo(width(100, 1000));
    expect(width(1000, 100_000)).toBeCloseTo(2 * width(10, 100));
  });
  it("gives what begins at zero a place at the left end", () => {
    const [first] = layout.bins;
    expect(first && barOf(layout, first).width).toBeGreaterThan(5);
    expect(layout.xOf(0)).toBe(layout.plot.left);
  });
  it("has ticks that people read as round", () => {
    const labels = layout.ticks.map(({ text }) => text.replaceAll("\u00A0", " "));
    expect(labels).toContain("1 s");
    expect(labels).toContain("1 m");
    expect(labels).not.toContain("100 s");
  });
  it.each([
    ["in the middle", [45, 50, 2_000, 2_400]],
    ["at the end", [2_000, 30_000, 60_000]],
  ])("leads no mark through the text of another, %s", (_, values) => {
    const close = { ...histogramModel, marks: values.map((value) => ({ label: "Percentile", value })) };
    const { marks } = histogramLayout(close, lookOf(600));
    for (const { x, line } of marks) {
      const crossed = marks.filter((other) => other.line > line && other.textX < x && x < other.textX + 90);
      expect(crossed).toEqual([]);
    }
    expect(new Set(marks.map(({ line }) => line)).size).toBeGreaterThan(1);
  });
  it("keeps the texts of its marks apart", () => {
    const [p50, p95, p99] = layout.marks;
    expect(p50?.line).toBe(0);
    expect(p95?.line).not.toBe(p99?.line);
  });
  it("finds the bin under its middle", () => {
    histogramModel.bins.forEach((bin, index) => {
      const { x, width } = barOf(layout, bin);
      expect(binAt(histogramModel.bins, layout, x + width / 2)).toBe(index);
    });
  });
  it("loses no count where bins are too narrow to draw", () => {
    expect(mergedBins(histogramModel.bins, 3)).toEqual([
      { from: 0, to: 1000, count: 39 },
      { from: 1000, to: 100_000, count: 1 },
    ]);
    const narrow = histogramLayout(histogramModel, lookOf(66));
    expect(narrow.bins.length).toBeLessThan(4);
    expect(narrow.bins.reduce((sum, { count }) => sum + count, 0)).toBe(40);
  });
  it("draws every bin", () => {
    expect(shapesOf(histogramOption(histogramModel, look), "bins")).toHaveLength(4);
  });
});

describe("a gauge", () => {
  it("is as full as the value is far along its scale", () => {
    const [value] = shapesOf(gaugeOption(gaugeModel, look), "value");
    expect(value?.shape.endAngle).toBeCloseTo(Math.PI * 1.9456);
    expect(value?.style.fill).toBe(tokens.status.timeout);
    expect(shareOn(gaugeModel, 1000)).toBe(1);
  });
  it("has its value in its picture", () => {
    expect(shapesOf(gaugePicture(gaugeModel, look), "figure").map(({ style }) => style.text)).toEqual(["94.6\u00A0%"]);
  });
  it("knows which part of the scale a value is in", () => {
    expect(toneOf(gaugeModel)).toBe("fair");
    expect(toneOf({ ...gaugeModel, value: 90 })).toBe("fair");
    expect(toneOf({ ...gaugeModel, value: 100 })).toBe("good");
    expect(toneOf({ ...gaugeModel, value: null })).toBeNull();
  });
});

describe("colours", () => {
  const types = ["timeout", "model_overloaded", "out_of_memory", "rate_limited", "bad_input", "login_failed", "crash"];

  it("of statuses are their own, also of measures that count them", () => {
    expect(colorsOf(["failed"], "status", TOKENS.dark).get("failed")).toBe(TOKENS.dark.status.failed);
    expect(colorsOf(["count_timeout"], null, tokens).get("count_timeout")).toBe(tokens.status.timeout);
  });
  it("of a type of error are not those of the status that is called alike", () => {
    expect(tokens.series).toContain(colorsOf(["timeout"], "error_type", tokens).get("timeout"));
  });
  it("are the same in another order, and with a rest", () => {
    const colors = colorsOf(types, "error_type", tokens);
    expect(colorsOf([OTHER, ...types.toReversed()], "error_type", tokens)).toEqual(
      new Map([...colors, [OTHER, tokens.series.at(-1)]]),
    );
  });
  it("of one chart are far from each other as long as there are enough", () => {
    for (const each of [tokens, TOKENS.dark]) {
      const colors = [...colorsOf([...types, OTHER], "error_type", each).values()];
      const pairs = colors.flatMap((one, index) => colors.slice(index + 1).map((other) => distance(one, other)));
      expect(Math.min(...pairs)).toBeGreaterThanOrEqual(48);
    }
  });
  it("come again where there are more things", () => {
    const names = Array.from({ length: 12 }, (_, index) => `workflow-${index}`);
    expect([...colorsOf(names, "workflow", tokens).values()].every((color) => tokens.series.includes(color))).toBe(
      true,
    );
  });
});
