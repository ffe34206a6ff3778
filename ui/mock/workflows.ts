/** What the mock API tells of workflows: the list of all, and each with its executions counted. */
import type { Execution, Workflow, WorkflowList, WorkflowListed } from "../src/api/types.ts";
import { WORKFLOWS } from "./data.ts";

const FAILED = ["failed", "timeout"];

function listed(id: string, name: string, executions: Execution[]): WorkflowListed {
  // The newest first, as they are made.
  const last = executions.find((run) => run.workflow_id === id && run.started_at !== null);
  return {
    id,
    name,
    kind: "workflow",
    version: null,
    owner_id: null,
    group: null,
    is_active: true,
    schedule: null,
    timeout_ms: null,
    next_run_at: null,
    tags: {},
    running: executions.filter((run) => run.workflow_id === id && run.status === "running").length,
    detections_open: 0,
    last_execution: last
      ? { id: last.id, attempt: last.attempt, status: last.status, started_at: last.started_at ?? last.event_time }
      : null,
  };
}

export function workflowList(executions: Execution[], asOf: string): WorkflowList {
  const workflows = executions.length === 0 ? [] : WORKFLOWS.map(({ id, name }) => listed(id, name, executions));
  return { workflows, total: workflows.length, is_cut: false, as_of: asOf, as_of_lsn: executions.length };
}

/** Null for one that there is not. */
export function workflowNow(id: string, executions: Execution[], asOf: string): Workflow | null {
  const found = workflowList(executions, asOf).workflows.find((workflow) => workflow.id === id);
  if (!found) return null;
  const runs = executions.filter((run) => run.workflow_id === id);
  const ended = runs.filter(({ status }) => status === "success" || FAILED.includes(status));
  const sinceSuccess = ended.findIndex(({ status }) => status === "success");
  return {
    ...found,
    executions: runs.length,
    consecutive_failures: sinceSuccess < 0 ? ended.length : sinceSuccess,
    as_of: asOf,
    as_of_lsn: executions.length,
  };
}
