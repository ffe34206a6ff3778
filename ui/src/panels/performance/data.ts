/** How fast executions are, and how that has changed: what to ask, and the charts over time. Pure. */
import type { Answer, CompareWith, Granularity, PerformanceTrends, Query } from "../../api/types.ts";
import { timeChartOf } from "../../charts/answers.ts";
import type { Band, TimeChartModel } from "../../charts/model.ts";
import type { Tokens } from "../../theme/tokens.ts";
import type { Frame } from "../../view/current.ts";
import { rankingQuery } from "../rankings/data.ts";
import { anomalyMarks } from "./anomalies.ts";
import { changesQuery } from "./changes.ts";
import { bucketsQuery } from "./distribution.ts";
import { slowestStepsQuery, waitsQuery } from "./steps.ts";

export const PERFORMANCE_MEASURES = ["duration_median", "duration_p95", "duration_p99", "success_rate"] as const;

export function performanceQuestions(
  frame: Frame,
  granularity: Granularity,
  compare: CompareWith | undefined,
): Record<"trend" | "slowest" | "changes" | "steps" | "waits" | "buckets", Query> {
  return {
    trend: {
      source: "executions",
      measures: [...PERFORMANCE_MEASURES, "count"],
      ...frame,
      granularity,
      ...(compare ? { compare } : {}),
    },
    slowest: rankingQuery("slowness", frame, compare),
    changes: changesQuery(frame, compare),
    steps: slowestStepsQuery(frame, compare),
    waits: waitsQuery(frame, compare),
    buckets: bucketsQuery(frame),
  };
}

/** The value below which a part of the ascending values lies, between its neighbours where it falls between two. */
function quantile(ascending: readonly number[], part: number): number {
  const place = (ascending.length - 1) * part;
  const [low, high] = [ascending[Math.floor(place)] ?? 0, ascending[Math.ceil(place)] ?? 0];
  return low + (high - low) * (place - Math.floor(place));
}

/** With fewer, a tenth of them is not even one. */
const BAND_MIN_VALUES = 10;

/** Where four fifths of the buckets of the range compared with lay: what was usual then. */
export function usualBand(answer: Answer, measure: string, color: string): Band | undefined {
  const index = answer.columns.findIndex(({ name }) => name === measure);
  const before = (answer.comparison?.by_row?.rows ?? [])
    .flatMap((row) => (typeof row[index] === "number" ? [row[index]] : []))
    .sort((a, b) => a - b);
  if (before.length < BAND_MIN_VALUES) return undefined;
  const [low, high] = [quantile(before, 0.1), quantile(before, 0.9)];
  return {
    label: "Usual before: 80 % of buckets",
    color,
    low: answer.rows.map(() => low),
    high: answer.rows.map(() => high),
  };
}

export function shapeDurations(
  answer: Answer,
  tokens: Tokens,
  now: Date,
  trends: PerformanceTrends | undefined,
): TimeChartModel {
  const [median = "", p95 = "", p99 = ""] = [tokens.series[0], tokens.series[1], tokens.series[3]];
  return timeChartOf(answer, {
    title: "How long executions take",
    noun: "Duration",
    tokens,
    now,
    shape: "line",
    withBefore: true,
    series: {
      duration_median: { color: median, label: "Median" },
      duration_p95: { color: p95, label: "95th percentile" },
      duration_p99: { color: p99, label: "99th percentile" },
      success_rate: null,
      count: null,
    },
    band: usualBand(answer, "duration_p95", p95),
    marks: anomalyMarks(trends, "duration"),
  });
}

export function shapeSuccess(
  answer: Answer,
  tokens: Tokens,
  now: Date,
  trends: PerformanceTrends | undefined,
): TimeChartModel {
  return timeChartOf(answer, {
    title: "How many executions succeed",
    noun: "Success rate",
    tokens,
    now,
    shape: "line",
    withBefore: true,
    series: (name) => (name === "success_rate" ? { color: tokens.status.success } : null),
    band: usualBand(answer, "success_rate", tokens.status.success),
    marks: anomalyMarks(trends, "success_rate"),
  });
}
