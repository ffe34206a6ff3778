import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Execution } from "../../api/types.ts";
import { duration, exact, exactCount, money, UNKNOWN } from "../../format/format.ts";
import { Facts } from "../../widgets/Facts.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { Time } from "../../widgets/Time.tsx";
import { ProgressBar } from "../exports/ProgressBar.tsx";
import { elapsedMs, triggerWord, workflowTitle } from "../recent-executions/data.ts";
import type { CostSum } from "./data.ts";
import classes from "./Execution.module.css";

/** What is known of the run itself. What was not sent is left out where it says nothing. */
export function Summary({ execution, cost, now }: { execution: Execution; cost: CostSum; now: Date }) {
  const elapsed = elapsedMs(execution, now);
  const { queued_at, started_at, steps_completed, steps_total } = execution;
  const waited = queued_at && started_at ? Date.parse(started_at) - Date.parse(queued_at) : null;
  const usd = execution.cost_usd ?? cost.usd;
  const credits = execution.credits ?? cost.credits;
  const facts: [string, ReactNode][] = [
    ["Duration", elapsed == null ? UNKNOWN : `${duration(elapsed)}${execution.duration_ms == null ? " so far" : ""}`],
    ["Waited before start", waited == null ? UNKNOWN : duration(waited)],
    ["Started", <Time key="s" at={started_at} />],
    ["Ended", <Time key="e" at={execution.completed_at} />],
    [
      "Steps",
      steps_total == null && steps_completed == null
        ? UNKNOWN
        : `${steps_completed ?? UNKNOWN} of ${steps_total ?? UNKNOWN}`,
    ],
    ["Trigger", [triggerWord(execution.trigger_type), execution.trigger_id].filter(Boolean).join(" · ")],
    [
      "Workflow",
      execution.workflow_id ? (
        <Link key="w" to="/workflows/$id" params={{ id: execution.workflow_id }}>
          {workflowTitle(execution)}
        </Link>
      ) : (
        UNKNOWN
      ),
    ],
    ["Version", execution.workflow_version ?? UNKNOWN],
    ["User", execution.user_id ?? UNKNOWN],
    ["Cost", usd == null ? UNKNOWN : money(usd)],
    ...(credits == null ? [] : ([["Credits", exact(credits, "credits")]] as [string, ReactNode][])),
    ...(execution.items_processed == null
      ? []
      : ([["Items", exactCount(execution.items_processed)]] as [string, ReactNode][])),
    ...(execution.minutes_saved == null
      ? []
      : ([["Time saved", exact(execution.minutes_saved, "minutes")]] as [string, ReactNode][])),
    ...(execution.variant == null ? [] : ([["Variant", execution.variant]] as [string, ReactNode][])),
  ];
  return (
    <Panel className={classes.facts}>
      {execution.status === "running" && steps_total != null && steps_total > 0 && (
        <div className={classes.progress}>
          <span>
            {steps_completed ?? 0} of {steps_total} steps done
          </span>
          <ProgressBar done={(steps_completed ?? 0) / steps_total} label="Steps done" />
        </div>
      )}
      <Facts columns facts={facts} />
    </Panel>
  );
}
