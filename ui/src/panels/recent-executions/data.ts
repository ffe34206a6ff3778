/** The rows under the charts. Pure. */
import type { ExecutionFilter } from "../../api/requests.ts";
import type { Execution } from "../../api/types.ts";
import { DEFAULT_ROWS, type OverviewSearch, timeOf } from "../../time/view.ts";

export function rowsFilter(search: OverviewSearch): ExecutionFilter {
  const time = search.rows_from && search.rows_to ? { from: search.rows_from, to: search.rows_to } : timeOf(search);
  const filter: ExecutionFilter = { limit: search.rows ?? DEFAULT_ROWS };
  if (time.from && time.to) {
    filter.from = time.from;
    filter.to = time.to;
  } else if (time.period) filter.period = time.period;
  if (search.status) filter.status = search.status.join(",");
  if (search.workflow) filter.workflow_id = search.workflow;
  if (search.trigger) filter.trigger_type = search.trigger;
  if (search.q) filter.search = search.q;
  return filter;
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
