import { Link } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { exactCount } from "../../format/format.ts";
import { useHold } from "../../live/useHold.ts";
import { Waiting } from "../../live/Waiting.tsx";
import { DataTable, type TableColumn } from "../../widgets/DataTable.tsx";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { useSecond } from "../../widgets/now.ts";
import { Panel } from "../../widgets/Panel.tsx";
import { ProgressBar } from "../../widgets/ProgressBar.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { StatusMark } from "../../widgets/StatusMark.tsx";
import classes from "./Active.module.css";
import {
  beganAt,
  doneOf,
  elapsedText,
  expectedOf,
  keyOf,
  narrowed,
  ORDERS,
  type Order,
  ordered,
  type Row,
  stepsText,
  titleOf,
} from "./active.ts";
import type { LiveSearch } from "./search.ts";

/** How long a row counts as new. */
const NEW_MS = 3_000;

/** What it is; a change lights its row up for a moment. */
function State({ row }: { row: Row }) {
  const status = row.outcome ?? row.status;
  const first = useRef(status);
  const [isNew] = useState(() => Math.abs(Date.now() - Date.parse(beganAt(row))) < NEW_MS);
  return (
    <span
      data-flash={isNew || first.current !== status ? status : undefined}
      data-leaving={row.outcome ? true : undefined}
    >
      <StatusMark status={status} />
    </span>
  );
}

function Progress({ row }: { row: Row }) {
  const done = doneOf(row);
  const steps = stepsText(row);
  return (
    <div className={classes.progress}>
      {done !== null && <ProgressBar done={done} label={`Steps of ${titleOf(row)}`} />}
      <span className={classes.steps}>
        {steps}
        {row.step && (
          <span className={classes.step} title={row.step}>
            {steps && " · "}
            {row.step}
          </span>
        )}
        {!steps && !row.step && <span className="muted">–</span>}
      </span>
    </div>
  );
}

function Elapsed({ row }: { row: Row }) {
  return elapsedText(row, useSecond());
}

function ExpectedFinish({ row }: { row: Row }) {
  const expected = expectedOf(row, useSecond());
  if (!expected || row.outcome) return <span className="muted">–</span>;
  return (
    <span className={classes.expected} data-overdue={expected.isOverdue || undefined}>
      {expected.isOverdue && <Icon name="warning" size={12} />}
      {expected.text}
    </span>
  );
}

const COLUMNS: TableColumn<Row>[] = [
  {
    id: "workflow",
    header: "Workflow",
    isFixed: true,
    isSortable: true,
    cell: (row) => (
      <Link
        to="/executions/$id"
        params={{ id: row.id }}
        search={{ attempt: row.attempt }}
        className={classes.workflow}
        title={row.id}
        data-row-open
      >
        {titleOf(row)}
        {row.attempt > 1 && <span className="muted"> attempt {row.attempt}</span>}
      </Link>
    ),
  },
  { id: "status", header: "Status", isFixed: true, cell: (row) => <State key={keyOf(row)} row={row} /> },
  { id: "progress", header: "Progress", isSortable: true, cell: (row) => <Progress row={row} /> },
  {
    id: "elapsed",
    header: "Elapsed",
    align: "right",
    isSortable: true,
    cell: (row) => <Elapsed row={row} />,
  },
  {
    id: "expected",
    header: "Expected finish",
    align: "right",
    isSortable: true,
    cell: (row) => <ExpectedFinish row={row} />,
  },
];

interface Props {
  /** None yet: a skeleton. */
  rows: readonly Row[] | null;
  /** Of all, those that are not listed too. */
  total: number;
  search: LiveSearch;
}

/** What has not ended. Rows keep their places while somebody points at them. */
export function ActivePanel({ rows, total, search }: Props) {
  const [order, setOrder] = useState<Order | null>(null);
  const shown = useMemo(() => ordered(narrowed(rows ?? [], search), order), [rows, search, order]);
  const { rows: held, waiting, holdProps } = useHold(shown, keyOf, { of: JSON.stringify([search, order]) });
  const listed = rows?.filter(({ outcome }) => !outcome).length ?? 0;
  const isNarrowed = Boolean(search.workflow || search.q || search.status);
  return (
    <Panel
      flush
      className={classes.panel}
      title="Active executions"
      subtitle={rows ? countText(held.filter(({ outcome }) => !outcome).length, total, isNarrowed, listed) : "\u00A0"}
      actions={<Waiting count={waiting} />}
    >
      {!rows ? (
        <Skeleton label="the active executions">
          <div className={classes.bones}>
            {[1, 2, 3, 4, 5, 6].map((row) => (
              <Bone key={row} height="1.5rem" />
            ))}
          </div>
        </Skeleton>
      ) : held.length === 0 ? (
        <EmptyState title={isNarrowed ? "Nothing active matches the filters." : "Nothing runs or waits at the moment."}>
          {isNarrowed ? "Take filters off to see more." : "What starts appears here at once."}
        </EmptyState>
      ) : (
        <div {...holdProps}>
          <DataTable
            id="active"
            label="Active executions"
            withView
            className={classes.table}
            columns={COLUMNS}
            rows={held}
            rowKey={keyOf}
            sort={order}
            onSort={(next) => {
              const id = ORDERS.find((each) => each === next?.id);
              setOrder(id && next ? { id, desc: next.desc } : null);
            }}
          />
        </div>
      )}
    </Panel>
  );
}

function countText(shown: number, total: number, isNarrowed: boolean, listed: number): string {
  if (isNarrowed) return `${exactCount(shown)} of ${exactCount(Math.max(total, listed))}`;
  return total > shown
    ? `${exactCount(shown)} of ${exactCount(total)}, those that began last`
    : "Those that began last first";
}
