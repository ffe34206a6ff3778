/** Which steps are slow, and for what they wait. Pure. */
import { columnOf, groupsOf, totalOf } from "../../api/rows.ts";
import type { Answer, CompareWith, Query } from "../../api/types.ts";
import type { BarChartModel, DonutChartModel, Item } from "../../charts/model.ts";
import { duration, exactCount } from "../../format/format.ts";
import { rangeLabel } from "../../format/time.ts";
import type { Frame } from "../../view/current.ts";

const SHOWN = 10;

export function slowestStepsQuery(frame: Frame, compare: CompareWith | undefined): Query {
  return {
    source: "steps",
    measures: ["duration_p95", "count", "duration_total"],
    dimensions: ["workflow", "step_name"],
    order: [{ by: "duration_p95", direction: "desc" }],
    limit: SHOWN,
    ...frame,
    ...(compare ? { compare } : {}),
  };
}

export function waitsQuery(frame: Frame, compare: CompareWith | undefined): Query {
  return {
    source: "steps",
    measures: ["duration_total", "count"],
    dimensions: ["wait_kind"],
    ...frame,
    ...(compare ? { compare } : {}),
  };
}

/** What stands between a workflow's id and the name of a step: neither has one. */
const BETWEEN = "\u0000";

/** The workflow of a bar. */
export function workflowOfStep(name: string): string {
  return name.split(BETWEEN)[0] ?? "";
}

export function shapeSteps(answer: Answer, now: Date): BarChartModel {
  const { from, to, timezone } = answer.meta;
  return {
    title: "Slowest steps",
    subtitle: `${columnOf(answer, "duration_p95")?.label ?? ""} · ${rangeLabel(from, to, timezone, now)}`,
    unit: "ms",
    itemTitle: "Step",
    items: groupsOf(answer).flatMap((group): Item[] => {
      const value = group.number("duration_p95");
      if (value === null) return [];
      const workflow = group.text("workflow");
      const total = group.number("duration_total");
      return [
        {
          name: [workflow ?? "", group.text("step_name") ?? ""].join(BETWEEN),
          label: `${group.text("step_name") ?? "No name"} · ${group.text("workflow_name") ?? workflow ?? "No workflow"}`,
          value,
          ...(answer.comparison ? { before: group.before("duration_p95") } : {}),
          note: `${exactCount(group.number("count") ?? 0)} steps${total === null ? "" : `, ${duration(total)} together`}`,
        },
      ];
    }),
  };
}

const WAIT_WORD: Record<string, string> = {
  none: "At work",
  queue: "Waits in a queue",
  external: "Waits for another system",
  human: "Waits for a person",
  retry_backoff: "Waits before a retry",
};

export function waitWord(kind: string | null): string {
  if (kind === null) return "Kind not recorded";
  return WAIT_WORD[kind] ?? kind;
}

export function shapeWaits(answer: Answer, now: Date): DonutChartModel {
  const { from, to, timezone } = answer.meta;
  return {
    title: "Where the time goes",
    subtitle: `Time in steps by what they do or wait for · ${rangeLabel(from, to, timezone, now)}`,
    unit: "ms",
    itemTitle: "Kind of wait",
    items: groupsOf(answer).flatMap((group): Item[] => {
      const value = group.number("duration_total");
      return value === null
        ? []
        : [
            {
              name: group.text("wait_kind") ?? "",
              label: waitWord(group.text("wait_kind")),
              value,
              ...(answer.comparison ? { before: group.before("duration_total") } : {}),
            },
          ];
    }),
    total: totalOf(answer, "duration_total"),
  };
}
