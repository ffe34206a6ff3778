/** What executions cost: what to ask, the figures on top, and the chart over time. Pure. */
import { totalBeforeOf, totalOf } from "../../api/rows.ts";
import type { Answer, CompareWith, Granularity, Query } from "../../api/types.ts";
import { timeChartOf } from "../../charts/answers.ts";
import type { TimeChartModel } from "../../charts/model.ts";
import type { Tokens } from "../../theme/tokens.ts";
import type { Frame } from "../../view/current.ts";
import { type Kpi, shapeKpis } from "../kpis/data.ts";
import { actionWord, breakdownQuery } from "./breakdown.ts";
import { failedWorkQuery } from "./failedWork.ts";
import type { TrendMode } from "./search.ts";
import { costlyWorkflowsQuery } from "./workflows.ts";

const MAX_SERIES = 7;

export type CostQuestions = Record<
  "costs" | "executions" | "trend" | "actions" | "workflows" | "failed" | "ever",
  Query
>;

export function costQuestions(
  frame: Frame,
  granularity: Granularity,
  compare: CompareWith | undefined,
  mode: TrendMode,
): CostQuestions {
  const compared = compare ? { compare } : {};
  return {
    costs: { source: "costs", measures: ["amount", "credits"], ...frame, granularity, ...compared },
    executions: {
      source: "executions",
      measures: ["cost_per_execution", "count"],
      ...frame,
      granularity,
      ...compared,
    },
    trend: trendQuery(mode, frame, granularity, compared),
    actions: breakdownQuery("action_type", frame, compare),
    workflows: costlyWorkflowsQuery(frame, compare),
    failed: { ...failedWorkQuery(frame, compare), granularity },
    ever: { source: "costs", measures: ["count"], time: { period: "all" }, timezone: frame.timezone },
  };
}

function trendQuery(
  mode: TrendMode,
  frame: Frame,
  granularity: Granularity,
  compared: { compare?: CompareWith },
): Query {
  if (mode === "cumulative")
    return { source: "costs", measures: ["amount.cumulative"], ...frame, granularity, ...compared };
  return {
    source: "costs",
    measures: ["amount"],
    dimensions: ["action_type"],
    limit: MAX_SERIES,
    other: true,
    ...frame,
    granularity,
  };
}

/** Credits only where somebody uses them: in this range or in the one compared with. */
export function costKpis(costs: Answer, executions: Answer | undefined, failed: Answer | undefined): Kpi[] {
  const hasCredits = Boolean(totalOf(costs, "credits") || totalBeforeOf(costs, "credits"));
  return [
    ...shapeKpis(costs, ["amount"]).map((kpi) => ({ ...kpi, label: "Total costs" })),
    ...(executions ? shapeKpis(executions, ["cost_per_execution", "count"]) : []),
    ...(failed ? shapeKpis(failed, ["amount"]).map(asFailed) : []),
    ...(hasCredits ? shapeKpis(costs, ["credits"]) : []),
  ];
}

function asFailed(kpi: Kpi): Kpi {
  return {
    ...kpi,
    name: "failed_amount",
    label: "Cost of failed work",
    definition: "Costs of executions that failed or timed out. Lower is better.",
  };
}

export function shapeCostTrend(mode: TrendMode, answer: Answer, tokens: Tokens, now: Date): TimeChartModel {
  if (mode === "cumulative") {
    return timeChartOf(answer, {
      title: "What has been spent since the range began",
      noun: "Costs so far",
      tokens,
      now,
      shape: "line",
      withBefore: true,
      series: () => ({ label: "Costs so far", hasNoSum: true }),
    });
  }
  const model = timeChartOf(answer, { title: "Costs over time by action", noun: "Costs", tokens, now });
  return {
    ...model,
    series: model.series.map((series) => ({
      ...series,
      label: series.name === "other" ? series.label : actionWord(series.name || null),
    })),
  };
}
