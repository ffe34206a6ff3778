import { Link } from "@tanstack/react-router";
import type { Workflow } from "../../api/types.ts";
import { exactCount, plural } from "../../format/format.ts";
import { exactTime, shortTime } from "../../format/time.ts";
import { useLiveRunning } from "../../live/useLive.ts";
import type { LiveMode } from "../../live/useLiveMode.ts";
import { useZone } from "../../session/session.ts";
import { CopyButton } from "../../widgets/CopyButton.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { useNow } from "../../widgets/now.ts";
import { RollingNumber } from "../../widgets/RollingNumber.tsx";
import { isStatus, StatusMark } from "../../widgets/StatusMark.tsx";
import { Time } from "../../widgets/Time.tsx";
import { kindWord, ownerName } from "../workflows/data.ts";
import { NextRun } from "../workflows/NextRun.tsx";
import classes from "./Heading.module.css";
import { scheduleWords } from "./schedule.ts";

/** Under it `NextRun` says how long; from then on, when. */
const DAY_MS = 86_400_000;

/** From this many on it is no accident. */
const LOUD_FROM = 3;

/** The name, with whether it may run. */
export function WorkflowName({ workflow, id }: { workflow: Workflow | undefined; id: string }) {
  return (
    <span className={classes.name}>
      {workflow?.name || id}
      {workflow && (
        <span className={classes.state} data-active={workflow.is_active || undefined}>
          <Icon name={workflow.is_active ? "check" : "ban"} size={12} />
          {workflow.is_active ? "Active" : "Inactive"}
        </span>
      )}
    </span>
  );
}

/** What is told of the workflow, and what it is doing now: two lines. */
export function WorkflowFacts({ workflow, live }: { workflow: Workflow; live: LiveMode }) {
  const {
    id,
    kind,
    group,
    owner_id,
    version,
    tags,
    schedule,
    next_run_at,
    last_execution,
    consecutive_failures: failures,
  } = workflow;
  const running = useLiveRunning(live.isWanted && live.isOpen, id) ?? workflow.running;
  const zone = useZone();
  const now = useNow();
  const last = last_execution;
  return (
    <div className={classes.facts}>
      <div className={classes.line}>
        <span>
          <span className="mono">{id}</span> <CopyButton text={id} label="Copy the id" />
        </span>
        {kind && <span>{kindWord(kind)}</span>}
        {group && <span>{group}</span>}
        {owner_id && <span title={owner_id}>{ownerName(owner_id)}</span>}
        {version && <span>Version {version}</span>}
        {Object.entries(tags).map(([key, value]) => (
          <span key={key} className={classes.tag}>
            {key}: {value}
          </span>
        ))}
      </div>
      <div className={classes.line}>
        <span>{schedule ? scheduleWords(schedule) : "No schedule"}</span>
        {next_run_at && (
          <span title={`${exactTime(next_run_at, zone)} ${zone}`}>
            Next run <NextRun at={next_run_at} />
            {Date.parse(next_run_at) - now.getTime() < DAY_MS && ` (${shortTime(next_run_at, zone, now)})`}
          </span>
        )}
        {failures > 0 && failures < LOUD_FROM && <span>{plural(failures, "failure")} in a row</span>}
        <span data-running={running}>
          {running > 0 ? (
            <>
              <RollingNumber value={running} text={exactCount(running)} /> running now
            </>
          ) : (
            "None running now"
          )}
        </span>
        {last && isStatus(last.status) && (
          <Link
            to="/executions/$id"
            params={{ id: last.id }}
            search={{ attempt: last.attempt }}
            className={classes.last}
          >
            Last run <StatusMark status={last.status} quiet /> <Time at={last.started_at} />
          </Link>
        )}
      </div>
    </div>
  );
}

/** Says loudly that nothing has worked for a while, with the way to the latest failure. */
export function FailingAlert({ workflow }: { workflow: Workflow }) {
  const { consecutive_failures: count, last_execution: last } = workflow;
  if (count < LOUD_FROM) return null;
  return (
    <div role="alert" className={classes.alert}>
      <Icon name="warning" size={20} />
      <div>
        <b>{plural(count, "execution")} in a row failed or timed out.</b> None has succeeded since.{" "}
        {last && (
          <Link to="/executions/$id" params={{ id: last.id }} search={{ attempt: last.attempt }}>
            Look at the last one
          </Link>
        )}
      </div>
    </div>
  );
}
