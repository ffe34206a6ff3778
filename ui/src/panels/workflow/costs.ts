/** What a workflow costs, and what of it was for nothing. Pure. */
import { columnOf, groupsOf, otherOf, totalBeforeOf, totalOf, valuesOf } from "../../api/rows.ts";
import type { Answer } from "../../api/types.ts";
import type { BarChartModel } from "../../charts/model.ts";
import { change, percent, share } from "../../format/format.ts";
import { rangeLabel } from "../../format/time.ts";
import { type Kpi, shapeKpis } from "../kpis/data.ts";

/** Total, per execution, and what failed work cost. */
export function shapeCosts(total: Answer, failed: Answer): Kpi[] {
  const [value, previous] = [totalOf(failed, "cost"), totalBeforeOf(failed, "cost")];
  const part = share(value ?? 0, totalOf(total, "cost") ?? 0);
  return [
    ...shapeKpis(total),
    {
      name: "failed_cost",
      label: "Cost of failed work",
      definition: `What executions cost that failed or timed out${part === null ? "" : `: ${percent(part)} of all`}. Lower is better.`,
      unit: "usd",
      value,
      previous,
      change: change(value, previous, "usd", "lower"),
      isCompared: failed.comparison !== null,
      spark: valuesOf(failed, "cost"),
    },
  ];
}

export function shapeActions(actions: Answer, now: Date): BarChartModel {
  const all = totalOf(actions, "amount") ?? 0;
  const note = (amount: number | null) => {
    const part = amount === null ? null : share(amount, all);
    return part === null ? undefined : `${percent(part)} of all`;
  };
  const rest = otherOf(actions, "amount");
  const { from, to, timezone } = actions.meta;
  return {
    title: "What is paid for?",
    subtitle: `${columnOf(actions, "amount")?.label ?? "Amount"} by type of action · ${rangeLabel(from, to, timezone, now)}`,
    unit: "usd",
    itemTitle: "Type of action",
    items: [
      ...groupsOf(actions).map((group) => ({
        name: group.text("action_type") ?? "",
        label: (group.text("action_type") ?? "None told").replaceAll("_", " "),
        value: group.number("amount"),
        before: group.before("amount"),
        note: note(group.number("amount")),
      })),
      ...(rest === null ? [] : [{ name: "other", label: "Other", value: rest, note: note(rest) }]),
    ],
  };
}

/** "31.0 % of the amount is an estimate", where any is. */
export function estimateWords(actions: Answer): string | null {
  const rate = totalOf(actions, "estimate_rate");
  return rate ? `${percent(rate)} of these costs are estimates of their senders.` : null;
}
