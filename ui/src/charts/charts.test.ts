import { describe, expect, it } from "vitest";
import { TOKENS } from "../theme/tokens.ts";
import { fileName, tableCsv, toCsv } from "./frame/csv.ts";
import { bucketTotal, seriesTotal, type TimeChartModel } from "./model.ts";
import { sparkPath } from "./sparkPath.ts";
import { announce, noteOf, tooltipRows } from "./time/describe.ts";
import { bandWidth, cursorAfter, indexAt, labelEvery, middleOf, plotOf } from "./time/geometry.ts";
import { timeOption } from "./time/options.ts";
import { timeTable } from "./time/table.ts";

const model: TimeChartModel = {
  title: "Executions by status over time",
  subtitle: "Executions per hour",
  unit: "count",
  size: "hour",
  zone: "UTC",
  starts: ["2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z", "2026-11-22T12:00:00Z"],
  ends: ["2026-11-22T11:00:00Z", "2026-11-22T12:00:00Z", "2026-11-22T13:00:00Z"],
  series: [
    { name: "success", label: "Success", color: "#0F7B5F", values: [8, 5, null] },
    { name: "failed", label: "Failed", color: "#B3261E", values: [0, 7, null] },
  ],
  partial: new Set([1]),
  unknown: new Map([[2, "the store was down"]]),
};
const none: ReadonlySet<string> = new Set();
const plot = plotOf(344, 260, 1);

describe("geometry", () => {
  it("finds the bucket under every middle", () => {
    for (let index = 0; index < 3; index++) expect(indexAt(plot, 3, middleOf(plot, 3, index))).toBe(index);
  });
  it("is nowhere beside the plot", () => {
    expect(indexAt(plot, 3, plot.left - 1)).toBeNull();
    expect(indexAt(plot, 3, plot.width)).toBeNull();
    expect(indexAt(plot, 0, 100)).toBeNull();
  });
  it("thins labels until they fit", () => {
    const step = labelEvery(plot, 168, 58);
    expect(step * bandWidth(plot, 168)).toBeGreaterThanOrEqual(58);
  });
  it("moves the cursor and stops at the ends", () => {
    expect(cursorAfter("ArrowRight", null, 3)).toBe(0);
    expect(cursorAfter("ArrowLeft", null, 3)).toBe(2);
    expect(cursorAfter("ArrowRight", 2, 3)).toBe(2);
    expect(cursorAfter("ArrowLeft", 0, 3)).toBe(0);
    expect(cursorAfter("x", 1, 3)).toBeNull();
  });
});

describe("words", () => {
  it("lists the greatest first and leaves zero out", () => {
    expect(tooltipRows(model, 1, none).map(({ name }) => name)).toEqual(["failed", "success"]);
    expect(tooltipRows(model, 0, none).map(({ name }) => name)).toEqual(["success"]);
    expect(tooltipRows(model, 1, new Set(["failed"])).map(({ name }) => name)).toEqual(["success"]);
  });
  it("says a bucket in one sentence", () => {
    expect(announce(model, 0, none)).toBe("Sun 22 Nov, 10:00–11:00: total 8; Success 8");
    expect(announce(model, 1, none)).toContain("only partly inside the range");
    expect(announce(model, 2, none)).toBe("Sun 22 Nov, 12:00–13:00: not known, the store was down");
  });
  it("notes what is partial or unknown", () => {
    expect(noteOf(model, 0)).toBeNull();
    expect(noteOf(model, 2)).toContain("the store was down");
  });
  it("adds up what is shown", () => {
    expect(bucketTotal(model, 1, none)).toBe(12);
    expect(bucketTotal(model, 1, new Set(["failed"]))).toBe(5);
    expect(model.series.map((each) => seriesTotal(model, each))).toEqual([13, 7]);
  });
});

describe("CSV", () => {
  it("quotes, disarms formulas, and leaves unknown empty", () => {
    expect(toCsv(["a"], [["x,y"], ['say "hi"'], ["=1+1"], [-3], [null]])).toBe(
      'a\r\n"x,y"\r\n"say ""hi"""\r\n\'=1+1\r\n-3\r\n\r\n',
    );
  });
  it("has a row per bucket", () => {
    const lines = tableCsv(timeTable(model)).trim().split("\r\n");
    expect(lines[0]).toBe("from,to,Success,Failed,Total");
    expect(lines[3]).toBe("2026-11-22T12:00:00Z,2026-11-22T13:00:00Z,,,");
  });
  it("names files after the chart", () => expect(fileName("Cost & more", "csv")).toBe("cost-more.csv"));
});

describe("timeOption", () => {
  const look = { tokens: TOKENS.light, width: 344, height: 260, scale: 1, isStill: true };
  it("draws from zero, in status colours, and not at all when unknown", () => {
    const option = timeOption(model, none, look) as {
      animation: boolean;
      yAxis: { min: number };
      series: {
        id: string;
        itemStyle: { color: string };
        data: { value: number | null; itemStyle?: { opacity: number } }[];
      }[];
    };
    expect(option.animation).toBe(false);
    expect(option.yAxis.min).toBe(0);
    expect(option.series.map(({ itemStyle }) => itemStyle.color)).toEqual(["#0F7B5F", "#B3261E"]);
    expect(option.series[0]?.data[2]?.value).toBeNull();
    expect(option.series[0]?.data[1]?.itemStyle?.opacity).toBeLessThan(1);
  });
  it("leaves hidden series out", () => {
    const { series } = timeOption(model, new Set(["success"]), look) as { series: { id: string }[] };
    expect(series.map(({ id }) => id)).toEqual(["failed"]);
  });
});

describe("sparkPath", () => {
  it("stays inside its box and breaks where nothing is known", () => {
    const { line, area, last } = sparkPath([1, null, 3, 2], 90, 30, true);
    expect(line.match(/M/g)).toHaveLength(2);
    expect(area.match(/Z/g)).toHaveLength(2);
    expect(last?.x).toBe(90);
  });
  it("is empty without values", () => expect(sparkPath([null], 90, 30, true).line).toBe(""));
  it("draws an even line where all are equal", () => expect(sparkPath([5, 5], 90, 30, false).line).toBe("M0 28L90 28"));
});
