/** What each workflow costs. Pure. */
import { groupsOf, totalOf } from "../../api/rows.ts";
import type { Answer, CompareWith, Query } from "../../api/types.ts";
import { type Change, change, share } from "../../format/format.ts";
import type { Frame } from "../../view/current.ts";

const ASKED = 200;

export function costlyWorkflowsQuery(frame: Frame, compare: CompareWith | undefined): Query {
  return {
    source: "costs",
    measures: ["amount", "distinct_executions"],
    dimensions: ["workflow"],
    order: [{ by: "amount", direction: "desc" }],
    limit: ASKED,
    ...frame,
    ...(compare ? { compare } : {}),
  };
}

export interface WorkflowCost {
  /** Null for costs that belong to no workflow. */
  id: string | null;
  name: string;
  amount: number | null;
  /** Per cent of all costs. */
  share: number | null;
  change: Change | null;
  /** The change in USD, to sort by. */
  difference: number | null;
  executions: number | null;
  perExecution: number | null;
}

export function shapeWorkflowCosts(answer: Answer): WorkflowCost[] {
  const total = totalOf(answer, "amount");
  return groupsOf(answer).map((group): WorkflowCost => {
    const [amount, before] = [group.number("amount"), group.before("amount")];
    const executions = group.number("distinct_executions");
    const id = group.text("workflow");
    return {
      id,
      name: group.text("workflow_name") ?? id ?? "No workflow",
      amount,
      share: amount === null || total === null ? null : share(amount, total),
      change: change(amount, before, "usd", "lower"),
      difference: amount === null || before === null ? null : amount - before,
      executions,
      perExecution: amount === null || !executions ? null : amount / executions,
    };
  });
}
