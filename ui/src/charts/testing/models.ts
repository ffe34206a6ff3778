/** One small model of each kind, for tests. */
import type {
  BarChartModel,
  DonutChartModel,
  GaugeChartModel,
  HeatmapChartModel,
  HistogramChartModel,
  TimeChartModel,
} from "../model.ts";

export const timeModel: TimeChartModel = {
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

/** Bars, a line on the right axis, what was before, a band and a mark. */
export const mixedModel: TimeChartModel = {
  ...timeModel,
  title: "Cost and duration",
  unit: "usd",
  rightUnit: "ms",
  series: [
    { name: "cost", label: "Cost", color: "#2B6CD4", values: [1.25, 0.5, null], before: [2, 1.5, 3] },
    { name: "p95", label: "p95", color: "#A8420B", values: [900, 1234.5, null], shape: "line", isRight: true },
  ],
  band: { label: "Expected", color: "#2B6CD4", low: [0.5, 0.25, null], high: [1.5, 2.75, null] },
  marks: [{ index: 1, label: "Version 7 deployed", tone: "neutral" }],
};

export const barModel: BarChartModel = {
  title: "Workflows by cost",
  subtitle: "US dollars",
  unit: "usd",
  itemTitle: "Workflow",
  items: [
    { name: "a", label: "Invoice capture", value: 12.345, before: 6, note: "61.7 %" },
    { name: "b", label: "Order intake", value: 7.655, before: 12.345, note: "38.3 %" },
    { name: "c", label: "Not billed", value: null, before: null },
  ],
};

export const donutModel: DonutChartModel = {
  title: "Executions by trigger",
  subtitle: "Share of all",
  unit: "count",
  total: 200,
  items: [
    { name: "schedule", label: "Schedule", value: 150 },
    { name: "webhook", label: "Webhook", value: 50 },
    { name: "manual", label: "Manual", value: null },
  ],
};

export const heatmapModel: HeatmapChartModel = {
  title: "When executions fail",
  subtitle: "Failed by hour and weekday",
  unit: "count",
  rowTitle: "Weekday",
  columnTitle: "Hour",
  rows: ["Mon", "Tue"],
  columns: ["00", "01", "02"],
  values: [
    [0, 4, 12],
    [3, null, 1],
  ],
};

export const histogramModel: HistogramChartModel = {
  title: "How long executions take",
  subtitle: "Executions by duration",
  unit: "ms",
  countTitle: "Executions",
  bins: [
    { from: 0, to: 10, count: 2 },
    { from: 10, to: 100, count: 30 },
    { from: 100, to: 1000, count: 7 },
    { from: 1000, to: 100_000, count: 1 },
  ],
  marks: [
    { label: "p50", value: 45.5 },
    { label: "p95", value: 800 },
    { label: "p99", value: 820 },
  ],
};

export const gaugeModel: GaugeChartModel = {
  title: "Objective met",
  subtitle: "Share of executions in time",
  unit: "percent",
  value: 94.56,
  min: 0,
  max: 100,
  bands: [
    { upTo: 90, tone: "bad" },
    { upTo: 99, tone: "fair" },
    { upTo: 100, tone: "good" },
  ],
};
