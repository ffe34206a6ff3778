/** The faults seen last. Pure. */
import type { FailureFilter } from "../../api/requests.ts";
import type { Failure, FailureState, Period } from "../../api/types.ts";
import { plural } from "../../format/format.ts";
import { compactObject, listTimeOf, type View, type Where } from "../../view/view.ts";

const SHOWN = 5;

/** Faults can be narrowed to one workflow; nothing else of a page's filters applies to them. */
export function failuresFilter(
  view: View,
  period: Period,
  zone: string,
  where: Where | undefined,
  now: Date,
): FailureFilter {
  return compactObject<FailureFilter>({
    ...listTimeOf(view, period, now),
    timezone: zone,
    workflow_id: onlyWorkflow(where),
    order: "last_seen",
    limit: SHOWN,
  });
}

function onlyWorkflow(where: Where | undefined): string | undefined {
  const [first, ...more] = where?.workflow ?? [];
  return more.length === 0 && first ? first : undefined;
}

/** Whether the filters of the page say more than the list of faults can follow. */
export function isWider(where: Where | undefined): boolean {
  const fields = Object.keys(where ?? {});
  return fields.some((field) => field !== "workflow") || (fields.length > 0 && onlyWorkflow(where) === undefined);
}

export const STATE_WORD: Record<FailureState, string> = {
  new: "New",
  regressed: "Came back",
  ongoing: "Ongoing",
  resolved: "Resolved",
};

/** "Returns handling and 8 more" */
export function workflowsOf({ workflows, workflow_count }: Pick<Failure, "workflows" | "workflow_count">): string {
  const [first] = workflows;
  if (!first) return plural(workflow_count, "workflow");
  const name = first.workflow_name ?? first.workflow_id ?? "No workflow";
  return workflow_count > 1 ? `${name} and ${workflow_count - 1} more` : name;
}
