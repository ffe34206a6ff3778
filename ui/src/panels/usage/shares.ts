/** Whose executions they are: by group or kind of workflow. Pure. */
import { groupsOf, otherOf, totalOf } from "../../api/rows.ts";
import type { Answer } from "../../api/types.ts";
import { OTHER } from "../../charts/colors.ts";
import type { BarChartModel, Item } from "../../charts/model.ts";
import { percent, share } from "../../format/format.ts";
import { rangeLabel } from "../../format/time.ts";
import type { UsageDimension } from "./search.ts";

const KIND_WORD: Record<string, string> = {
  workflow: "Workflow",
  browser_task: "Browser task",
  bot: "Bot",
  rpa: "RPA",
  job: "Job",
};

export function shapeShares(dimension: UsageDimension, answer: Answer, now: Date): BarChartModel {
  const { from, to, timezone } = answer.meta;
  const total = totalOf(answer, "count");
  const noteOf = (value: number | null) => {
    const part = value === null || total === null ? null : share(value, total);
    return part === null ? undefined : `${percent(part)} of all`;
  };
  const items = groupsOf(answer).map((group): Item => {
    const name = group.text(dimension);
    const value = group.number("count");
    const word = dimension === "workflow_kind" && name ? (KIND_WORD[name] ?? name) : name;
    return {
      name: name ?? "",
      label: word ?? (dimension === "workflow_kind" ? "No kind" : "No group"),
      value,
      ...(answer.comparison ? { before: group.before("count") } : {}),
      note: noteOf(value),
    };
  });
  const other = otherOf(answer, "count");
  return {
    title: dimension === "workflow_kind" ? "Executions by kind of workflow" : "Executions by group",
    subtitle: `Executions · ${rangeLabel(from, to, timezone, now)}`,
    unit: "count",
    itemTitle: dimension === "workflow_kind" ? "Kind" : "Group",
    items: other === null ? items : [...items, { name: OTHER, label: "Other", value: other, note: noteOf(other) }],
  };
}
