import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { workflowScheduleQuery } from "../../api/queries.ts";
import type { DueRun } from "../../api/types.ts";
import { duration, exactCount, percent, plural } from "../../format/format.ts";
import { shortTime } from "../../format/time.ts";
import { useZone } from "../../session/session.ts";
import { useView } from "../../view/useView.ts";
import { listTimeOf } from "../../view/view.ts";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { ErrorState } from "../../widgets/ErrorState.tsx";
import { Icon, type IconName } from "../../widgets/Icon.tsx";
import { useNow } from "../../widgets/now.ts";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { NextRun } from "../workflows/NextRun.tsx";
import classes from "./Schedule.module.css";
import {
  DUE_STATES,
  DUE_WORD,
  type DueState,
  kept,
  scheduleWords,
  squaresOf,
  squareWords,
  worstOf,
} from "./schedule.ts";
import type { TabProps } from "./tab.ts";

const DUE_ICON: Record<DueState, IconName> = { ran: "check", late: "clock", missed: "cross", pending: "dots" };

/** As many as can be read through. */
const MISSED_SHOWN = 50;

const DAY_MS = 86_400_000;

export function ScheduleTab({ id, live }: TabProps) {
  const { view, period } = useView();
  const zone = useZone();
  const now = useNow();
  const report = useQuery({
    ...workflowScheduleQuery(id, listTimeOf(view, period, now)),
    refetchInterval: live.interval,
  });
  const { data } = report;
  if (!data) {
    return report.error ? (
      <ErrorState what="The schedule could not be loaded" error={report.error} onRetry={() => void report.refetch()} />
    ) : (
      <Skeleton label="the schedule">
        <Panel>
          <Bone width="16rem" />
          <div style={{ height: "1rem" }} />
          <Bone height="8rem" />
        </Panel>
      </Skeleton>
    );
  }
  if (!data.schedule) {
    return (
      <Panel>
        <EmptyState title="No schedule">
          It runs when something starts it. With a schedule in its <code>workflow</code> record, what was expected and
          what was missed is shown here.
        </EmptyState>
      </Panel>
    );
  }
  const missed = data.runs.filter(({ state }) => state === "missed");
  const share = kept(data);
  return (
    <>
      <Panel
        title={data.missed > 0 ? `${plural(data.missed, "run")} missed` : "No run missed"}
        subtitle={`${scheduleWords(data.schedule)} · ${plural(data.expected, "run")} expected in this range${share === null ? "" : `, ${percent(share)} came`}; late is more than ${duration(data.grace_ms)} after`}
      >
        <ul className={classes.counts}>
          {DUE_STATES.filter((state) => data[state] > 0).map((state) => (
            <li key={state}>
              <DueMark state={state} /> <b>{exactCount(data[state])}</b>
            </li>
          ))}
        </ul>
        <ol className={classes.strip} aria-label="When it was due, oldest first">
          {squaresOf(data.runs, data.schedule.timezone ?? "UTC").map((square) => (
            <li
              key={square.name}
              className={classes.day}
              data-state={worstOf(square)}
              title={`${square.name}: ${squareWords(square)}`}
            >
              <Icon name={DUE_ICON[worstOf(square)]} size={12} />
              <span className={classes.date}>{square.label}</span>
              <span className="visually-hidden">
                {square.name}: {squareWords(square)}
              </span>
            </li>
          ))}
        </ol>
        {data.is_cut && (
          <p className={classes.note}>Only the newest {exactCount(data.runs.length)} due times are shown.</p>
        )}
      </Panel>
      <div className={classes.halves}>
        <Panel title="Missed" subtitle="Due, and nothing ran">
          {data.missed === 0 ? (
            <p className={classes.note}>None in this range.</p>
          ) : (
            <DueList runs={missed.slice(0, MISSED_SHOWN)} zone={zone} />
          )}
          {data.missed > Math.min(missed.length, MISSED_SHOWN) && (
            <p className={classes.note}>and {exactCount(data.missed - Math.min(missed.length, MISSED_SHOWN))} before</p>
          )}
        </Panel>
        <Panel title="Late" subtitle="Ran, but not on time">
          {data.late === 0 ? (
            <p className={classes.note}>None in this range.</p>
          ) : (
            <DueList runs={data.runs.filter(({ state }) => state === "late").slice(0, MISSED_SHOWN)} zone={zone} />
          )}
        </Panel>
        <Panel title="Due next" subtitle={`In ${zone}`}>
          {data.next.length === 0 ? (
            <p className={classes.note}>Nothing: it is not active, or its schedule has no next time.</p>
          ) : (
            <ol className={classes.list}>
              {data.next.map((at) => (
                <li key={at}>
                  {shortTime(at, zone, now)}{" "}
                  {Date.parse(at) - now.getTime() < DAY_MS && (
                    <span className="muted">
                      <NextRun at={at} />
                    </span>
                  )}
                </li>
              ))}
            </ol>
          )}
        </Panel>
      </div>
    </>
  );
}

function DueMark({ state }: { state: DueState }) {
  return (
    <span className={classes.mark} data-state={state}>
      <Icon name={DUE_ICON[state]} size={14} />
      {DUE_WORD[state]}
    </span>
  );
}

function DueList({ runs, zone }: { runs: readonly DueRun[]; zone: string }) {
  const now = useNow();
  return (
    <ul className={classes.list}>
      {runs.map(({ due_at, execution, delay_ms }) => (
        <li key={due_at}>
          {execution ? (
            <Link to="/executions/$id" params={{ id: execution.id }} search={{ attempt: execution.attempt }}>
              {shortTime(due_at, zone, now)}
            </Link>
          ) : (
            shortTime(due_at, zone, now)
          )}{" "}
          {delay_ms !== null && <span className="muted">{duration(delay_ms)} late</span>}
        </li>
      ))}
    </ul>
  );
}
