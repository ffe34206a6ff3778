/** The rows under the charts. Pure. */
import type { ExecutionFilter } from "../../api/requests.ts";
import type { Execution, Period } from "../../api/types.ts";
import { compactObject, filtersOf, listTimeOf, type View, type Where } from "../../view/view.ts";

const SHOWN = 10;

export function recentFilter(view: View, period: Period, where: Where | undefined, now: Date): ExecutionFilter {
  return compactObject<ExecutionFilter>({
    ...listTimeOf(view, period, now),
    filters: where && filtersOf(where),
    limit: SHOWN,
  });
}

/** The same, those first that took longest. */
export function longestFilter(...of: Parameters<typeof recentFilter>): ExecutionFilter {
  return { ...recentFilter(...of), order: "longest" };
}

const TRIGGER_WORD: Record<string, string> = {
  scheduled: "Schedule",
  manual: "Manual",
  retry: "Retry",
  webhook: "Webhook",
  api: "API",
  event: "Event",
  conversation: "Conversation",
};

/** The triggers that are known by name; records may name others. */
export const TRIGGERS = Object.keys(TRIGGER_WORD);

export function triggerWord(trigger: string | null): string {
  return trigger == null ? "–" : (TRIGGER_WORD[trigger] ?? trigger);
}

/** What to call the workflow of a run, however little is known of it. */
export function workflowTitle(execution: Pick<Execution, "workflow_name" | "workflow_id">): string {
  return execution.workflow_name || execution.workflow_id || "No workflow";
}

/** How long a run took, or has been going on. */
export function elapsedMs(
  execution: Pick<Execution, "duration_ms" | "status" | "started_at">,
  now: Date,
): number | null {
  if (execution.duration_ms != null) return execution.duration_ms;
  if (execution.status !== "running" || !execution.started_at) return null;
  return Math.max(0, now.getTime() - Date.parse(execution.started_at));
}
