import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Execution } from "../../api/types.ts";
import { duration, exact, exactCount, money, UNKNOWN } from "../../format/format.ts";
import type { TableColumn } from "../../widgets/DataTable.tsx";
import { useNow } from "../../widgets/now.ts";
import { StatusMark } from "../../widgets/StatusMark.tsx";
import { Time } from "../../widgets/Time.tsx";
import { Unknown } from "../../widgets/Unknown.tsx";
import { elapsedMs, triggerWord, workflowTitle } from "../recent-executions/data.ts";
import { COLUMN_CHOICES } from "./columns.ts";
import classes from "./Rows.module.css";

const NONE = <Unknown />;

function Elapsed({ execution }: { execution: Execution }) {
  const now = useNow();
  const ms = elapsedMs(execution, now);
  if (ms == null) return NONE;
  return execution.duration_ms == null ? <span className="muted">{duration(ms)} so far</span> : duration(ms);
}

function Steps({ execution: { steps_completed: done, steps_total: total } }: { execution: Execution }) {
  if (done == null && total == null) return NONE;
  return `${done ?? UNKNOWN} of ${total ?? UNKNOWN}`;
}

function Fault({ execution }: { execution: Execution }) {
  const { error_type, error_message, error_fingerprint } = execution;
  if (!error_type && !error_message) return null;
  const text = (
    <>
      {error_type && <b>{error_type}</b>} {error_message}
    </>
  );
  return (
    <span className={classes.error} title={error_message ?? undefined}>
      {error_fingerprint ? (
        <Link to="/failures/$fingerprint" params={{ fingerprint: error_fingerprint }}>
          {text}
        </Link>
      ) : (
        text
      )}
    </span>
  );
}

const CELLS: Record<string, (run: Execution) => ReactNode> = {
  workflow: (run) => (
    <Link
      to="/executions/$id"
      params={{ id: run.id }}
      search={{ attempt: run.attempt }}
      className={classes.workflow}
      data-row-open
    >
      {workflowTitle(run)}
    </Link>
  ),
  status: (run) => <StatusMark status={run.status} quiet />,
  duration: (run) => <Elapsed execution={run} />,
  trigger: (run) => triggerWord(run.trigger_type),
  started: (run) => <Time at={run.started_at ?? run.queued_at ?? run.event_time} />,
  error: (run) => <Fault execution={run} />,
  cost: (run) => (run.cost_usd == null ? NONE : money(run.cost_usd)),
  version: (run) => run.workflow_version ?? NONE,
  user: (run) => run.user_id ?? NONE,
  steps: (run) => <Steps execution={run} />,
  items: (run) => (run.items_processed == null ? NONE : exactCount(run.items_processed)),
  attempt: (run) => run.attempt,
  credits: (run) => (run.credits == null ? NONE : exact(run.credits, "credits")),
  variant: (run) => run.variant ?? NONE,
  tags: (run) => (
    <span className={classes.tags}>
      {Object.entries(run.tags).map(([name, value]) => (
        <span key={name} className={classes.tag}>
          {name}: {String(value)}
        </span>
      ))}
    </span>
  ),
  id: (run) => <code>{run.id}</code>,
};

const FIGURES = ["duration", "cost", "steps", "items", "attempt", "credits"];
/** Columns by whose values the server can order the rows. */
const ORDERED = ["duration", "cost", "started"];

/** The table's columns, as chosen. Which they are is in the address, so the table's own chooser has none. */
export function rowColumns(chosen: readonly string[]): TableColumn<Execution>[] {
  return COLUMN_CHOICES.filter(({ id }) => chosen.includes(id)).map(({ id, label }) => ({
    id,
    header: label,
    cell: CELLS[id] ?? (() => null),
    align: FIGURES.includes(id) ? "right" : undefined,
    isFixed: true,
    isSortable: ORDERED.includes(id),
  }));
}
