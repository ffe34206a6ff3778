import { useQuery } from "@tanstack/react-query";
import { workflowsListQuery } from "../../api/queries.ts";
import type { Where } from "../../view/view.ts";
import { triggerWord } from "../recent-executions/data.ts";

/** Names change rarely. */
const STALE_MS = 5 * 60_000;

/** All workflows, with their names; asked for only when somebody needs them. */
export function useWorkflowNames(isNeeded: boolean) {
  return useQuery({ ...workflowsListQuery, enabled: isNeeded, staleTime: STALE_MS });
}

/** What filtered values are called, where they are ids or words of the API. */
export function useNames(where: Where | undefined): (field: string, value: string) => string | undefined {
  const workflows = useWorkflowNames(Boolean(where?.workflow));
  return (field, value) => {
    if (field === "trigger_type") return triggerWord(value);
    if (field !== "workflow") return undefined;
    return workflows.data?.workflows.find(({ id }) => id === value)?.name ?? undefined;
  };
}
