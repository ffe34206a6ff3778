/** Charts of every kind, the same each time: what a page with many of them costs is measured on these. Pure. */
import type {
  BarChartModel,
  DonutChartModel,
  GaugeChartModel,
  HeatmapChartModel,
  HistogramChartModel,
  Series,
  TimeChartModel,
} from "../src/charts/model.ts";
import type { Tokens } from "../src/theme/tokens.ts";

export const POINTS = 1_000;

const MINUTE_MS = 60_000;
const BEGIN = Date.UTC(2026, 10, 22);

/** Numbers between 0 and 1 that look random: a linear congruential generator with the constants of Numerical Recipes. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A day's swing with noise on it, never under zero. */
function wave(seed: number, height: number): number[] {
  const random = randomOf(seed);
  return Array.from({ length: POINTS }, (_, index) => {
    const swing = 1 + Math.sin((index / POINTS) * 6 * Math.PI + seed);
    return Math.round(height * (0.4 * swing + 0.4 * random()));
  });
}

export interface TimeKind {
  shape: NonNullable<Series["shape"]>;
  series: number;
  /** With what was before, a band of what is usual, marks, and a series on the right axis. */
  isRich?: boolean;
}

export function timeModel(seed: number, { shape, series, isRich = false }: TimeKind, tokens: Tokens): TimeChartModel {
  const at = (index: number) => new Date(BEGIN + index * MINUTE_MS).toISOString();
  const all = Array.from(
    { length: series },
    (_, index): Series => ({
      name: `series-${index}`,
      label: `Series ${index + 1}`,
      color: tokens.series[index] ?? tokens.accent,
      shape,
      values: wave(seed * 10 + index, 100),
    }),
  );
  const [first] = all;
  if (isRich && first) {
    first.before = wave(seed * 10 + 8, 100);
    all.push({
      name: "cost",
      label: "Cost",
      color: tokens.text,
      shape: "line",
      isRight: true,
      values: wave(seed * 10 + 9, 20),
    });
  }
  return {
    title: `${POINTS} minutes as ${series} × ${shape}${isRich ? ", with all there is" : ""}`,
    subtitle: "Executions per minute",
    unit: "count",
    rightUnit: isRich ? "usd" : undefined,
    size: "minute",
    zone: "UTC",
    starts: Array.from({ length: POINTS }, (_, index) => at(index)),
    ends: Array.from({ length: POINTS }, (_, index) => at(index + 1)),
    series: all,
    ...(isRich
      ? {
          band: {
            label: "Usual",
            color: tokens.series[0] ?? tokens.accent,
            low: Array(POINTS).fill(20),
            high: Array(POINTS).fill(80),
          },
          marks: [200, 500, 800].map((index) => ({ index, label: "Deployed", tone: "neutral" as const })),
        }
      : {}),
    partial: new Set(),
    unknown: new Map(),
  };
}

export function barModel(seed: number, count: number): BarChartModel {
  const random = randomOf(seed);
  const values = Array.from({ length: count }, () => random() * 100).sort((a, b) => b - a);
  return {
    title: `${count} workflows by cost`,
    subtitle: "US dollars",
    unit: "usd",
    itemTitle: "Workflow",
    items: values.map((value, index) => ({
      name: String(index),
      label: `Workflow ${index + 1}`,
      value,
      before: value * (0.5 + random()),
    })),
  };
}

export function donutModel(seed: number): DonutChartModel {
  const values = wave(seed, 100).slice(0, 8);
  return {
    title: "Executions by trigger",
    subtitle: "Share of all",
    unit: "count",
    items: values.map((value, index) => ({ name: String(index), label: `Trigger ${index + 1}`, value })),
    total: values.reduce((sum, value) => sum + value, 0),
  };
}

const HOURS = 24;

export function heatmapModel(seed: number, days: number): HeatmapChartModel {
  const values = wave(seed, 200);
  return {
    title: `${days * HOURS} hours of ${days} days`,
    subtitle: "Executions by hour",
    unit: "count",
    rowTitle: "Day",
    columnTitle: "Hour",
    rows: Array.from({ length: days }, (_, day) => `Day ${day + 1}`),
    columns: Array.from({ length: HOURS }, (_, hour) => `${String(hour).padStart(2, "0")}:00`),
    values: Array.from({ length: days }, (_, day) => values.slice(day * HOURS, (day + 1) * HOURS)),
  };
}

export function histogramModel(seed: number, bins: number): HistogramChartModel {
  const random = randomOf(seed);
  const edge = (index: number) => 10 ** (1 + index / 20);
  return {
    title: `Durations in ${bins} bins`,
    subtitle: "Executions by duration",
    unit: "ms",
    countTitle: "Executions",
    bins: Array.from({ length: bins }, (_, index) => ({
      from: edge(index),
      to: edge(index + 1),
      count: Math.round(1_000 * random() * Math.exp(-(((index - bins / 2) / (bins / 5)) ** 2))),
    })),
    marks: [
      { label: "Median", value: edge(bins / 2) },
      { label: "p95", value: edge(bins * 0.8) },
    ],
  };
}

export function gaugeModel(value: number): GaugeChartModel {
  return {
    title: "Objective met",
    subtitle: "Share of executions in time",
    unit: "percent",
    value,
    min: 0,
    max: 100,
    bands: [
      { upTo: 90, tone: "bad" },
      { upTo: 99, tone: "fair" },
      { upTo: 100, tone: "good" },
    ],
  };
}
