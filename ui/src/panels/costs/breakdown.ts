/** What the money went to: by action or by workflow. Pure. */
import { columnOf, groupsOf, otherOf, totalOf } from "../../api/rows.ts";
import type { Answer, CompareWith, Query } from "../../api/types.ts";
import { colorsOf, OTHER } from "../../charts/colors.ts";
import type { DonutChartModel, Item } from "../../charts/model.ts";
import { rangeLabel } from "../../format/time.ts";
import type { Tokens } from "../../theme/tokens.ts";
import type { Frame } from "../../view/current.ts";

export const COST_DIMENSIONS = ["action_type", "workflow"] as const;
export type CostDimension = (typeof COST_DIMENSIONS)[number];

export const COST_DIMENSION_WORD: Record<CostDimension, string> = { action_type: "By action", workflow: "By workflow" };

/** A donut shows eight parts at most; the last is the rest. */
const PARTS = 7;

export function breakdownQuery(dimension: CostDimension, frame: Frame, compare?: CompareWith): Query {
  return {
    source: "costs",
    measures: ["amount"],
    dimensions: [dimension],
    limit: PARTS,
    other: true,
    ...frame,
    ...(compare ? { compare } : {}),
  };
}

/** "browser_minutes" reads "Browser minutes"; names of actions are the senders' own. */
export function actionWord(action: string | null): string {
  if (!action) return "No action";
  const words = action
    .split(/[_\s-]+/)
    .map((word) => (ABBREVIATIONS.has(word.toLowerCase()) ? word.toUpperCase() : word))
    .join(" ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const ABBREVIATIONS = new Set(["llm", "api", "gpu", "cpu", "ocr", "sms"]);

export function shapeBreakdown(dimension: CostDimension, answer: Answer, tokens: Tokens, now: Date): DonutChartModel {
  const { from, to, timezone } = answer.meta;
  const groups = groupsOf(answer);
  // The same colours as in the chart over time.
  const colors = colorsOf([...groups.map((group) => group.text(dimension) ?? ""), OTHER], dimension, tokens);
  const items = groups.map((group): Item => {
    const name = group.text(dimension);
    return {
      name: name ?? "",
      color: colors.get(name ?? ""),
      label: dimension === "workflow" ? (group.text("workflow_name") ?? name ?? "No workflow") : actionWord(name),
      value: group.number("amount"),
      ...(answer.comparison ? { before: group.before("amount") } : {}),
    };
  });
  const other = otherOf(answer, "amount");
  return {
    title: dimension === "workflow" ? "Costs by workflow" : "Costs by action",
    subtitle: `${columnOf(answer, "amount")?.label ?? ""} in USD, by when it arose · ${rangeLabel(from, to, timezone, now)}`,
    unit: "usd",
    itemTitle: dimension === "workflow" ? "Workflow" : "Action",
    items: other === null ? items : [...items, { name: OTHER, label: "Other", value: other, color: colors.get(OTHER) }],
    total: totalOf(answer, "amount"),
  };
}
