/** How much is run, when and by whom: what to ask, and the charts over time. Pure. */
import { totalOf } from "../../api/rows.ts";
import type { Answer, CompareWith, Granularity, Query } from "../../api/types.ts";
import { timeChartOf } from "../../charts/answers.ts";
import type { TimeChartModel } from "../../charts/model.ts";
import { STATUS_WORD, STATUSES, type Tokens } from "../../theme/tokens.ts";
import type { Frame } from "../../view/current.ts";
import { triggerWord } from "../recent-executions/data.ts";
import { heatmapQuery } from "./heatmap.ts";
import type { UsageDimension } from "./search.ts";

export const USAGE_MEASURES = [
  "count",
  ...STATUSES.map((status) => `count_${status}`),
  "success_rate",
  "duration_total",
  "duration_avg",
  "distinct_workflows",
  "distinct_users",
  "items_processed",
  "minutes_saved",
];

/** The figures on top; items and time saved only if some were recorded. */
export const USAGE_KPIS = ["count", "distinct_workflows", "distinct_users", "duration_total"] as const;
const RECORDED_KPIS = ["items_processed", "minutes_saved"] as const;

const MAX_SERIES = 7;
const MAX_BARS = 12;

export function usageQuestions(
  frame: Frame,
  granularity: Granularity,
  compare: CompareWith | undefined,
  dimension: UsageDimension,
): Record<"usage" | "triggers" | "shares" | "heatmap", Query> {
  const compared = compare ? { compare } : {};
  return {
    usage: { source: "executions", measures: USAGE_MEASURES, ...frame, granularity, ...compared },
    triggers: {
      source: "executions",
      measures: ["count"],
      dimensions: ["trigger_type"],
      limit: MAX_SERIES,
      other: true,
      ...frame,
      granularity,
    },
    shares: {
      source: "executions",
      measures: ["count"],
      dimensions: [dimension],
      limit: MAX_BARS,
      other: true,
      ...frame,
      ...compared,
    },
    heatmap: heatmapQuery(frame),
  };
}

/** Whether a measure that senders may leave out was recorded at all. */
export function isRecorded(answer: Answer, measure: string): boolean {
  return (totalOf(answer, measure) ?? 0) > 0;
}

export function usageKpis(answer: Answer): string[] {
  return [...USAGE_KPIS, ...RECORDED_KPIS.filter((measure) => isRecorded(answer, measure))];
}

export function shapeVolume(answer: Answer, tokens: Tokens, now: Date): TimeChartModel {
  return timeChartOf(answer, {
    title: "Executions over time",
    noun: "Executions",
    tokens,
    now,
    skipsEmpty: true,
    series: (name) => {
      const status = STATUSES.find((each) => name === `count_${each}`);
      return status ? { name: status, label: STATUS_WORD[status], color: tokens.status[status] } : null;
    },
  });
}

export function shapeTriggers(answer: Answer, tokens: Tokens, now: Date): TimeChartModel {
  const model = timeChartOf(answer, { title: "What starts executions", noun: "Executions", tokens, now, shape: "bar" });
  return {
    ...model,
    series: model.series.map((series) => ({
      ...series,
      label: series.name === "" ? "No trigger" : series.name === "other" ? series.label : triggerWord(series.name),
    })),
  };
}

export function shapeActive(answer: Answer, tokens: Tokens, now: Date): TimeChartModel {
  const [workflows = "", users = ""] = [tokens.series[0], tokens.series[1]];
  return timeChartOf(answer, {
    title: "Active workflows and users",
    noun: "Workflows that ran and users who started them",
    tokens,
    now,
    shape: "line",
    withBefore: true,
    series: (name) => {
      if (name === "distinct_workflows") return { color: workflows, hasNoSum: true };
      return name === "distinct_users" ? { color: users, isDashed: true, hasNoSum: true } : null;
    },
  });
}

export function shapeYield(answer: Answer, tokens: Tokens, now: Date): TimeChartModel {
  const [items = "", saved = ""] = [tokens.series[0], tokens.series[2]];
  const hasItems = isRecorded(answer, "items_processed");
  return timeChartOf(answer, {
    title: hasItems ? "Items processed and time saved" : "Time saved",
    tokens,
    now,
    series: (name) => {
      if (name === "items_processed") return hasItems ? { color: items, shape: "bar" } : null;
      if (name !== "minutes_saved" || !isRecorded(answer, name)) return null;
      return hasItems ? { color: saved, shape: "line", isRight: true } : { color: saved, shape: "bar" };
    },
  });
}
