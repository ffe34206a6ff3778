import { Link } from "@tanstack/react-router";
import { Sparkline } from "../../charts/Sparkline.tsx";
import { exactCount } from "../../format/format.ts";
import type { TableColumn } from "../../widgets/DataTable.tsx";
import { StatusMark } from "../../widgets/StatusMark.tsx";
import { Time } from "../../widgets/Time.tsx";
import { comparedColumn } from "./comparedColumn.tsx";
import { kindWord, ownerName, type WorkflowRow } from "./data.ts";
import { NextRun } from "./NextRun.tsx";
import classes from "./Table.module.css";
import { useSpark } from "./useSparks.tsx";

function Name({ row }: { row: WorkflowRow }) {
  const facts = [kindWord(row.kind), row.group, row.is_active ? null : "Inactive"].filter(Boolean);
  return (
    <div className={classes.name}>
      <Link to="/workflows/$id" params={{ id: row.id }} className={classes.link} data-row-open>
        {row.title}
      </Link>
      <div className={classes.second}>{facts.join(" · ") || row.id}</div>
    </div>
  );
}

function LastRun({ row: { last_execution: last, running } }: { row: WorkflowRow }) {
  if (!last) return <span className="muted">Never</span>;
  return (
    <>
      <StatusMark status={last.status} quiet />
      <div className={classes.second}>
        <Time at={last.started_at} />
        {running > 1 && `, ${exactCount(running)} running`}
      </div>
    </>
  );
}

function Curve({ row: { id, count } }: { row: WorkflowRow }) {
  const counts = useSpark(count > 0 ? id : null);
  return <div className={classes.spark}>{counts && <Sparkline values={counts} color="var(--series-1)" />}</div>;
}

function instant(iso: string | null | undefined): number | null {
  return iso ? Date.parse(iso) : null;
}

/** Also the order in which a phone shows them. */
export const COLUMNS: TableColumn<WorkflowRow>[] = [
  {
    id: "name",
    header: "Workflow",
    isFixed: true,
    sortBy: ({ title }) => title.toLowerCase(),
    cell: (row) => <Name row={row} />,
  },
  {
    id: "owner",
    header: "Owner",
    sortBy: ({ owner_id }) => owner_id,
    cell: ({ owner_id }) =>
      owner_id ? (
        <span className={classes.owner} title={owner_id}>
          {ownerName(owner_id)}
        </span>
      ) : (
        <span className="muted">–</span>
      ),
  },
  {
    id: "last",
    header: "Last run",
    sortBy: ({ last_execution }) => instant(last_execution?.started_at),
    cell: (row) => <LastRun row={row} />,
  },
  {
    id: "next",
    header: "Next run",
    sortBy: ({ next_run_at }) => instant(next_run_at),
    cell: ({ next_run_at }) => <NextRun at={next_run_at} />,
  },
  { id: "activity", header: "Activity", cell: (row) => <Curve row={row} /> },
  {
    id: "count",
    header: "Executions",
    align: "right",
    isFixed: true,
    sortBy: ({ count }) => count,
    cell: ({ count }) => (count > 0 ? exactCount(count) : <span className="muted">–</span>),
  },
  comparedColumn("success_rate", "Success rate", "percent", ({ successRate }) => successRate),
  comparedColumn("failures", "Failures", "count", ({ failures }) => failures),
  comparedColumn("p95", "p95 duration", "ms", ({ p95 }) => p95),
  comparedColumn("cost", "Cost", "usd", ({ cost }) => cost),
];
