/** What a workflow's page has in its URL besides the common view. Pure. */
import { STATUSES, type Status } from "../../theme/tokens.ts";
import { compactObject, oneOf } from "../../view/view.ts";

export const TABS = ["overview", "steps", "versions", "failures", "cost", "schedule", "history"] as const;
export type WorkflowTab = (typeof TABS)[number];

export const TAB_LABEL: Record<WorkflowTab, string> = {
  overview: "Overview",
  steps: "Steps",
  versions: "Versions",
  failures: "Failures",
  cost: "Cost",
  schedule: "Schedule",
  history: "History",
};

export interface WorkflowSearch {
  /** Which part of the page; the overview if left out. */
  tab?: Exclude<WorkflowTab, "overview">;
  /** Which executions the history lists; all if left out. */
  status?: Status;
}

export function parseWorkflowSearch(raw: Record<string, unknown>): WorkflowSearch {
  const tab = oneOf(raw.tab, TABS);
  return compactObject<WorkflowSearch>({
    tab: tab === "overview" ? undefined : tab,
    status: oneOf(raw.status, STATUSES),
  });
}
