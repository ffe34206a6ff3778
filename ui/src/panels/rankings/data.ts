/** The workflows that stand out: by volume, failures, slowness or cost. Pure. */
import { columnOf, groupsOf, totalOf } from "../../api/rows.ts";
import type { Answer, CompareWith, Query } from "../../api/types.ts";
import type { BarChartModel, Item } from "../../charts/model.ts";
import { exactCount, percent, plural, share } from "../../format/format.ts";
import { rangeLabel } from "../../format/time.ts";
import type { Tokens } from "../../theme/tokens.ts";
import type { Frame } from "../../view/current.ts";

/** The first is what the panel begins with: what to look at first. */
export const RANKINGS = ["failures", "volume", "slowness", "cost"] as const;
export type Ranking = (typeof RANKINGS)[number];

export const RANKING_WORD: Record<Ranking, string> = {
  volume: "Volume",
  failures: "Failures",
  slowness: "Slowness",
  cost: "Cost",
};

const TITLE: Record<Ranking, string> = {
  volume: "Workflows that run most",
  failures: "Workflows that fail most",
  slowness: "Slowest workflows",
  cost: "Workflows that cost most",
};

const MEASURE: Record<Ranking, string> = {
  volume: "count",
  failures: "count_failed",
  slowness: "duration_p95",
  cost: "cost",
};

const SHOWN = 10;

export function rankingQuery(ranking: Ranking, frame: Frame, compare: CompareWith | undefined): Query {
  const measure = MEASURE[ranking];
  return {
    source: "executions",
    measures: measure === "count" ? ["count", "failure_rate"] : [measure, "count", "failure_rate"],
    dimensions: ["workflow"],
    order: [{ by: measure, direction: "desc" }],
    limit: SHOWN,
    ...frame,
    ...(compare ? { compare } : {}),
  };
}

export function shapeRanking(ranking: Ranking, answer: Answer, tokens: Tokens, now: Date): BarChartModel {
  const measure = MEASURE[ranking];
  const column = columnOf(answer, measure);
  const total = totalOf(answer, measure);
  const { from, to, timezone } = answer.meta;
  const items = groupsOf(answer).flatMap((group): Item[] => {
    const value = group.number(measure);
    // A workflow that never failed does not belong among those that fail most.
    if (!value) return [];
    const runs = group.number("count") ?? 0;
    const rate = group.number("failure_rate");
    const part = total === null ? null : share(value, total);
    const note: Record<Ranking, string> = {
      volume: part === null ? "" : `${percent(part)} of all`,
      failures: rate === null ? "" : `failure rate ${percent(rate)}`,
      slowness: `over ${plural(runs, "execution")}`,
      cost: part === null ? "" : `${percent(part)} of all, ${exactCount(runs)} executions`,
    };
    return [
      {
        name: group.text("workflow") ?? "",
        label: group.text("workflow_name") ?? group.text("workflow") ?? "No workflow",
        value,
        ...(answer.comparison ? { before: group.before(measure) } : {}),
        note: note[ranking],
        ...(ranking === "failures" ? { color: tokens.status.failed } : {}),
      },
    ];
  });
  return {
    title: TITLE[ranking],
    subtitle: `${column?.label ?? ""} · ${rangeLabel(from, to, timezone, now)}`,
    unit: column?.unit ?? null,
    itemTitle: "Workflow",
    items,
  };
}
