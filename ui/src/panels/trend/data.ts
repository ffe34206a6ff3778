/** "Executions by status over time", with durations or costs over it. Pure. */
import type { Answer, Granularity, Query } from "../../api/types.ts";
import { type SeriesStyle, timeChartOf } from "../../charts/answers.ts";
import type { TimeChartModel } from "../../charts/model.ts";
import { STATUS_WORD, STATUSES, type Tokens } from "../../theme/tokens.ts";
import type { Frame } from "../../view/current.ts";

/** What is laid over the bars, on the right axis. */
export const OVERLAYS = ["none", "duration", "cost"] as const;
export type Overlay = (typeof OVERLAYS)[number];

export const OVERLAY_WORD: Record<Overlay, string> = {
  none: "No overlay",
  duration: "Overlay: duration (p95)",
  cost: "Overlay: cost",
};

const OVERLAY_MEASURE: Record<Overlay, string | null> = { none: null, duration: "duration_p95", cost: "cost" };

export function trendQuery(frame: Frame & { granularity: Granularity }, overlay: Overlay): Query {
  const over = OVERLAY_MEASURE[overlay];
  return {
    source: "executions",
    measures: [...STATUSES.map((status) => `count_${status}`), ...(over ? [over] : [])],
    ...frame,
  };
}

export function shapeTrend(answer: Answer, tokens: Tokens, now: Date): TimeChartModel {
  const styles: Record<string, SeriesStyle> = Object.fromEntries(
    STATUSES.map((status) => [
      `count_${status}`,
      { name: status, label: STATUS_WORD[status], color: tokens.status[status] },
    ]),
  );
  const over: SeriesStyle = { shape: "line", isRight: true, color: tokens.text };
  return timeChartOf(answer, {
    title: "Executions by status over time",
    noun: "Executions",
    tokens,
    now,
    skipsEmpty: true,
    series: { ...styles, duration_p95: over, cost: over },
  });
}
