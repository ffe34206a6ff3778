import { Button, Select } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import type { Failure, FailureList } from "../../api/types.ts";
import { Sparkline } from "../../charts/Sparkline.tsx";
import { change, exactCount, money } from "../../format/format.ts";
import { DataTable, type TableColumn } from "../../widgets/DataTable.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { Time } from "../../widgets/Time.tsx";
import { Unknown } from "../../widgets/Unknown.tsx";
import classes from "./Failures.module.css";
import { Pattern } from "./Pattern.tsx";
import { StateChip } from "./StateChip.tsx";
import { type FailureOrder, PAGE_SIZE } from "./search.ts";

interface Props {
  list: FailureList;
  /** How many there are, beyond this page too. */
  total: number;
  sparks: ReadonlyMap<string, (number | null)[]>;
  order: FailureOrder;
  onOrder: (order: FailureOrder) => void;
  offset: number;
  onOffset: (offset: number | undefined) => void;
  actions: ReactNode;
  empty: ReactNode;
}

export const ORDERS: readonly { value: FailureOrder; label: string }[] = [
  { value: "count", label: "Most frequent" },
  { value: "last_seen", label: "Last seen" },
  { value: "first_seen", label: "First seen last" },
  { value: "cost", label: "Costliest" },
];

/** The faults themselves, a page at a time. */
export function Faults({ list, total, sparks, order, onOrder, offset, onOffset, actions, empty }: Props) {
  const columns = useMemo(() => faultColumns(sparks), [sparks]);
  const last = offset + list.failures.length;
  return (
    <Panel
      flush
      title="Faults"
      subtitle="Failures with the same error type and the same pattern of the message"
      actions={
        <div className={classes.controls}>
          {actions}
          <Select
            size="xs"
            w="9.5rem"
            aria-label="Order"
            data={ORDERS.map(({ value, label }) => ({ value, label }))}
            value={order}
            onChange={(value) => onOrder(value as FailureOrder)}
          />
        </div>
      }
    >
      {list.failures.length === 0 ? (
        empty
      ) : (
        <DataTable
          id="faults"
          label="Faults"
          withView
          className={classes.table}
          columns={columns}
          rows={list.failures}
          rowKey={(row) => row.fingerprint}
          sort={{ id: order, desc: true }}
          onSort={(sort) => onOrder(ORDERS.find(({ value }) => value === sort?.id)?.value ?? "count")}
          footer={
            <div className={classes.footer}>
              <span>
                {exactCount(offset + 1)}–{exactCount(last)} of {exactCount(total)}
              </span>
              <span className={classes.pager}>
                {offset > 0 && (
                  <Button variant="default" onClick={() => onOffset(Math.max(0, offset - PAGE_SIZE) || undefined)}>
                    Previous
                  </Button>
                )}
                {list.next_offset != null && (
                  <Button variant="default" onClick={() => onOffset(list.next_offset ?? undefined)}>
                    Next
                  </Button>
                )}
              </span>
            </div>
          }
        />
      )}
    </Panel>
  );
}

function faultColumns(sparks: ReadonlyMap<string, (number | null)[]>): TableColumn<Failure>[] {
  return [
    {
      id: "fault",
      header: "Fault",
      isFixed: true,
      cell: (row) => (
        <span className={classes.fault}>
          <Link
            to="/failures/$fingerprint"
            params={{ fingerprint: row.fingerprint }}
            data-row-open
            className={classes.open}
          >
            <Pattern pattern={row.pattern} />
          </Link>
          <span className={classes.about}>{row.error_type ?? "No error type"}</span>
        </span>
      ),
    },
    { id: "state", header: "State", isFixed: true, cell: (row) => <StateChip state={row.state} /> },
    { id: "count", header: "Failures", align: "right", isSortable: true, cell: (row) => <Count row={row} /> },
    { id: "trend", header: "Over the range", cell: (row) => <Trend values={sparks.get(row.fingerprint)} /> },
    { id: "last_seen", header: "Last seen", isSortable: true, cell: (row) => <Time at={row.last_seen} /> },
    { id: "first_seen", header: "First seen", isSortable: true, cell: (row) => <Time at={row.first_seen} /> },
    { id: "workflows", header: "Workflows", cell: (row) => <Workflows row={row} /> },
    {
      id: "cost",
      header: "Cost",
      align: "right",
      isSortable: true,
      cell: (row) => (row.cost_usd > 0 ? money(row.cost_usd) : <Unknown />),
    },
  ];
}

function Count({ row }: { row: Failure }) {
  const delta = change(row.count, row.count_before, "count", "lower");
  return (
    <span className={classes.count}>
      <b>{exactCount(row.count)}</b>
      <span className={classes.delta} data-verdict={delta?.verdict}>
        {delta ? delta.text : row.count_before === 0 && row.count > 0 ? "none before" : ""}
      </span>
    </span>
  );
}

function Trend({ values }: { values: (number | null)[] | undefined }) {
  if (!values || values.length < 2) return null;
  return (
    <span className={classes.spark}>
      <Sparkline values={values} color="var(--status-failed)" />
    </span>
  );
}

function Workflows({ row: { workflows, workflow_count } }: { row: Failure }) {
  const [first] = workflows;
  if (!first) return <Unknown />;
  return (
    <span
      className={classes.workflows}
      title={workflows.map((each) => each.workflow_name ?? each.workflow_id).join(", ")}
    >
      <span>{first.workflow_name ?? first.workflow_id}</span>
      {workflow_count > 1 && <span className="muted">and {exactCount(workflow_count - 1)} more</span>}
    </span>
  );
}
