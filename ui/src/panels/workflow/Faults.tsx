import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Failure, FailureList } from "../../api/types.ts";
import { change, exactCount, money } from "../../format/format.ts";
import { DataTable, type TableColumn } from "../../widgets/DataTable.tsx";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { ErrorState } from "../../widgets/ErrorState.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { Time } from "../../widgets/Time.tsx";
import { Pattern } from "../failures/Pattern.tsx";
import { StateChip } from "../failures/StateChip.tsx";
import { Delta } from "../workflows/Delta.tsx";
import classes from "./Panels.module.css";
import type { WorkflowSearch } from "./search.ts";

const SHORT: TableColumn<Failure>[] = [
  {
    id: "fault",
    header: "Fault",
    isFixed: true,
    cell: (row) => (
      <div className={classes.fault}>
        <Link
          to="/failures/$fingerprint"
          params={{ fingerprint: row.fingerprint }}
          className={classes.plain}
          data-row-open
        >
          <Pattern pattern={row.pattern} />
        </Link>
        <div className={classes.second}>{row.error_type ?? "No error type"}</div>
      </div>
    ),
  },
  { id: "state", header: "State", cell: (row) => <StateChip state={row.state} /> },
  {
    id: "latest",
    header: "Latest",
    cell: (row) => (
      <Link
        to="/executions/$id"
        params={{ id: row.last_execution_id }}
        search={{ attempt: row.last_execution_attempt }}
        className={classes.latest}
      >
        <span className="visually-hidden">Execution, </span>
        <Time at={row.last_seen} />
      </Link>
    ),
  },
  {
    id: "count",
    header: "Failures",
    align: "right",
    sortBy: ({ count }) => count,
    cell: ({ count, count_before }) => (
      <>
        {exactCount(count)}
        <div>
          <Delta
            figure={{ value: count, before: count_before, change: change(count, count_before, "count", "lower") }}
            unit="count"
          />
        </div>
      </>
    ),
  },
];

const LONG: TableColumn<Failure>[] = [
  ...SHORT,
  {
    id: "cost",
    header: "Cost",
    align: "right",
    sortBy: ({ cost_usd }) => cost_usd,
    cell: ({ cost_usd }) => money(cost_usd),
  },
  {
    id: "first",
    header: "First seen",
    sortBy: ({ first_seen }) => Date.parse(first_seen),
    cell: ({ first_seen }) => <Time at={first_seen} />,
  },
];

interface Props {
  title: string;
  query: UseQueryResult<FailureList>;
  /** Where all of them are; without it these are all, told in full. */
  more?: WorkflowSearch;
}

/** The faults of one workflow, the most frequent first. */
export function FaultsPanel({ title, query: { data, error, refetch }, more }: Props) {
  return (
    <Panel
      flush
      title={title}
      subtitle={
        data &&
        `${exactCount(data.totals.failures)} failures of ${exactCount(data.totals.fingerprints)} faults in this range`
      }
      actions={
        more && (
          <Link to="." search={((before: object) => ({ ...before, ...more })) as never}>
            All faults
          </Link>
        )
      }
    >
      {data ? (
        data.failures.length > 0 ? (
          <DataTable
            id={more ? "workflow-faults-top" : "workflow-faults"}
            label={title}
            columns={more ? SHORT : LONG}
            rows={data.failures}
            rowKey={({ fingerprint }) => fingerprint}
            withView={!more}
          />
        ) : (
          <EmptyState title="Nothing failed in this range" />
        )
      ) : error ? (
        <ErrorState what="The faults could not be loaded" error={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton label="the faults">
          <div className={classes.bones}>
            <Bone height="12rem" />
          </div>
        </Skeleton>
      )}
    </Panel>
  );
}
