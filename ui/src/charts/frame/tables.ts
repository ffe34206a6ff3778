/** Each kind of chart as a table. Pure; no value is left out, rounded or made up. */
import type {
  BarChartModel,
  DonutChartModel,
  GaugeChartModel,
  HeatmapChartModel,
  HistogramChartModel,
  Item,
} from "../model.ts";
import { type Column, cellText, type Table } from "./table.ts";

function itemColumns(items: Item[], unit: Column["unit"]): Column[] {
  const columns: Column[] = [{ label: "Value", unit, values: items.map(({ value }) => value) }];
  if (items.some(({ before }) => before !== undefined)) {
    columns.push({ label: "Before", unit, values: items.map(({ before }) => before ?? null) });
  }
  if (items.some(({ note }) => note)) {
    columns.push({ label: "Note", unit: null, values: items.map(({ note }) => note ?? null) });
  }
  return columns;
}

export function barTable({ items, unit, itemTitle = "Name" }: BarChartModel): Table {
  return { rowTitle: itemTitle, rows: items.map(({ label }) => ({ name: label })), columns: itemColumns(items, unit) };
}

export function donutTable({ items, unit, total, itemTitle = "Name" }: DonutChartModel): Table {
  const [value, ...others] = itemColumns(items, unit);
  const shares: Column = {
    label: "Share",
    unit: "percent",
    values: items.map(({ value }) => (value !== null && total ? (value / total) * 100 : null)),
  };
  return {
    rowTitle: itemTitle,
    rows: items.map(({ label }) => ({ name: label })),
    columns: value ? [{ ...value, total }, shares, ...others] : [],
  };
}

export function heatmapTable({ rows, columns, values, unit, rowTitle }: HeatmapChartModel): Table {
  return {
    rowTitle,
    rows: rows.map((name) => ({ name })),
    columns: columns.map((label, index) => ({ label, unit, values: values.map((row) => row[index] ?? null) })),
  };
}

export function histogramTable({ bins, marks, unit, countTitle = "Count" }: HistogramChartModel): Table {
  const counts = bins.map(({ count }) => count);
  return {
    rowTitle: "Range",
    keyTitles: ["from", "to"],
    rows: [
      ...bins.map(({ from, to }) => ({
        name: `${cellText(from, unit)} – ${cellText(to, unit)}`,
        keys: [from, to],
      })),
      ...marks.map(({ label, value }) => ({ name: label, note: cellText(value, unit), keys: [label, value] })),
    ],
    columns: [
      {
        label: countTitle,
        unit: "count",
        values: [...counts, ...marks.map(() => null)],
        total: counts.reduce((sum, count) => sum + count, 0),
      },
    ],
  };
}

export function gaugeTable({ title, value, min, max, bands, unit }: GaugeChartModel): Table {
  const limits = bands.slice(0, -1).map(({ upTo }) => upTo);
  const rows: [string, number | null][] = [
    [title, value],
    ["Least possible", min],
    ["Most possible", max],
    ...limits.map((limit): [string, number] => ["Limit", limit]),
  ];
  return {
    rowTitle: "Figure",
    rows: rows.map(([name]) => ({ name })),
    columns: [{ label: "Value", unit, values: rows.map(([, value]) => value) }],
  };
}
