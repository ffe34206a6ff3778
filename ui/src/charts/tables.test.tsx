/** Every kind of chart as a table and as a file: the values are the model's, unrounded, and none is missing. */
import { MantineProvider } from "@mantine/core";
import { fireEvent, render, screen, within } from "@testing-library/react";
import type { ReactElement } from "react";
import { describe, expect, it } from "vitest";
import { ShortcutProvider } from "../shell/shortcuts.tsx";
import { BarChart } from "./BarChart.tsx";
import { DonutChart } from "./DonutChart.tsx";
import { tableCsv } from "./frame/csv.ts";
import type { Cell, Table } from "./frame/table.ts";
import { barTable, donutTable, gaugeTable, heatmapTable, histogramTable } from "./frame/tables.ts";
import { GaugeChart } from "./GaugeChart.tsx";
import { HeatmapChart } from "./HeatmapChart.tsx";
import { HistogramChart } from "./HistogramChart.tsx";
import { TimeChart } from "./TimeChart.tsx";
import {
  barModel,
  donutModel,
  gaugeModel,
  heatmapModel,
  histogramModel,
  mixedModel,
  timeModel,
} from "./testing/models.ts";
import { timeTable } from "./time/table.ts";

function show(chart: ReactElement) {
  render(
    <MantineProvider>
      <ShortcutProvider>{chart}</ShortcutProvider>
    </MantineProvider>,
  );
}

/** The values that the cells carry, row by row; empty is unknown. */
function cellsOf(title: string): string[][] {
  fireEvent.click(screen.getByRole("button", { name: "Show as table (T)" }));
  const table = within(screen.getByRole("region", { name: `${title}, as a table` })).getByRole("table");
  const rows = [...table.querySelectorAll("tbody tr")];
  return rows.map((row) => [...row.querySelectorAll("data")].map(({ value }) => value));
}

const texts = (rows: Cell[][]) => rows.map((row) => row.map((value) => String(value ?? "")));

interface Case {
  kind: string;
  title: string;
  chart: ReactElement;
  table: Table;
  expected: Cell[][];
}

const cases: Case[] = [
  {
    kind: "bars over time",
    title: timeModel.title,
    chart: <TimeChart model={timeModel} />,
    table: timeTable(timeModel),
    expected: [
      [8, 0, 8],
      [5, 7, 12],
      [null, null, null],
    ],
  },
  {
    kind: "two axes, the past, a band and events over time",
    title: mixedModel.title,
    chart: <TimeChart model={mixedModel} />,
    table: timeTable(mixedModel),
    expected: [
      [1.25, 2, 900, 0.5, 1.5, null],
      [0.5, 1.5, 1234.5, 0.25, 2.75, "Version 7 deployed"],
      [null, 3, null, null, null, null],
    ],
  },
  {
    kind: "bars",
    title: barModel.title,
    chart: <BarChart model={barModel} />,
    table: barTable(barModel),
    expected: [
      [12.345, 6, "61.7 %"],
      [7.655, 12.345, "38.3 %"],
      [null, null, null],
    ],
  },
  {
    kind: "donut",
    title: donutModel.title,
    chart: <DonutChart model={donutModel} />,
    table: donutTable(donutModel),
    expected: [
      [150, 75],
      [50, 25],
      [null, null],
    ],
  },
  {
    kind: "heat map",
    title: heatmapModel.title,
    chart: <HeatmapChart model={heatmapModel} />,
    table: heatmapTable(heatmapModel),
    expected: heatmapModel.values,
  },
  {
    kind: "histogram",
    title: histogramModel.title,
    chart: <HistogramChart model={histogramModel} />,
    table: histogramTable(histogramModel),
    expected: [[2], [30], [7], [1], [null], [null], [null]],
  },
  {
    kind: "gauge",
    title: gaugeModel.title,
    chart: <GaugeChart model={gaugeModel} />,
    table: gaugeTable(gaugeModel),
    expected: [[94.56], [0], [100], [90], [99]],
  },
];

describe.each(cases)("$kind", ({ title, chart, table, expected }) => {
  it("has the model's values in the cells of its table", () => {
    show(chart);
    expect(cellsOf(title)).toEqual(texts(expected));
  });
  it("has the same values in its file", () => {
    const keys = table.keyTitles?.length ?? 1;
    const lines = tableCsv(table).trimEnd().split("\r\n").slice(1);
    expect(lines.map((line) => line.split(",").slice(keys))).toEqual(texts(expected));
  });
  it("has a title, and turns to its table and back by T", () => {
    show(chart);
    expect(screen.getByRole("heading", { level: 2, name: title })).toBeVisible();
    const name = `${title}, as a table`;
    fireEvent.keyDown(document.body, { key: "t" });
    expect(screen.getByRole("region", { name })).toBeVisible();
    fireEvent.keyDown(screen.getByRole("region", { name }), { key: "Escape" });
    expect(screen.queryByRole("region", { name })).toBeNull();
  });
});

it("names the bounds and marks of a histogram for a machine", () => {
  const lines = tableCsv(histogramTable(histogramModel)).split("\r\n");
  expect(lines[0]).toBe("from,to,Executions");
  expect(lines[2]).toBe("10,100,30");
  expect(lines[5]).toBe("p50,45.5,");
});

describe("totals", () => {
  it("stand under what may be added up", () => {
    expect(timeTable(timeModel).columns.map(({ total }) => total)).toEqual([13, 7, 20]);
    expect(donutTable(donutModel).columns[0]?.total).toBe(200);
  });
  it("do not stand under a duration", () => {
    expect(timeTable(mixedModel).columns.find(({ label }) => label === "p95")?.total).toBeUndefined();
  });
});
