/** What reports can be about that know named periods only, and all workflows or one. Pure. */
import type { Period } from "../../api/types.ts";
import type { View, Where } from "../../view/view.ts";

export interface ReportScope {
  period: Period;
  taskId?: string;
}

/** The scope of the report for a view, or why there is none. */
export function reportScope(view: View, period: Period, where: Where | undefined): ReportScope | { reason: string } {
  if (view.from || view.last) return { reason: "This is known for named periods only: day, week, month and longer." };
  const { workflow = [], ...others } = where ?? {};
  if (Object.keys(others).length > 0 || workflow.length > 1)
    return { reason: "This is known for all workflows or for one only, without other filters." };
  const [taskId] = workflow;
  return { period: view.period ?? period, ...(taskId ? { taskId } : {}) };
}
