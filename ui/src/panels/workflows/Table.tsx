import { exactCount, money, percent, plural, UNKNOWN } from "../../format/format.ts";
import { DataTable, type TableSort } from "../../widgets/DataTable.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { totalsOf, type WorkflowRow } from "./data.ts";
import classes from "./Table.module.css";
import { useColumns } from "./useColumns.ts";

interface Props {
  rows: readonly WorkflowRow[];
  sort: TableSort;
  onSort: (sort: TableSort | null) => void;
  /** Executions of the range that are of none of all workflows listed. */
  beside: number;
}

export function WorkflowsTable({ rows, sort, onSort, beside }: Props) {
  const totals = totalsOf(rows);
  return (
    <DataTable
      id="workflows"
      label="Workflows"
      withView
      className={classes.table}
      columns={useColumns()}
      rows={rows}
      rowKey={({ id }) => id}
      sort={sort}
      onSort={onSort}
      totals={{
        name: plural(totals.workflows, "workflow"),
        count: exactCount(totals.count),
        success_rate: totals.successRate === null ? UNKNOWN : percent(totals.successRate),
        failures: exactCount(totals.failures),
        cost: money(totals.cost),
      }}
      footer={
        <>
          Failures are executions that failed or timed out. A dash: nothing ran in this range.
          {beside > 0 && ` ${plural(beside, "execution")} of this range belong to no workflow of the list.`}
        </>
      }
    />
  );
}

export function WorkflowsTableSkeleton() {
  return (
    <Skeleton label="the workflows">
      <div className={classes.bones}>
        {Array.from({ length: 10 }, (_, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: bones have no identity
          <Bone key={row} height="2.25rem" />
        ))}
      </div>
    </Skeleton>
  );
}
