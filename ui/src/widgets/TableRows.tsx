/** The rows of `DataTable`, with the roles that a card layout would take from them. */
import { memo } from "react";
import classes from "./DataTable.module.css";
import type { TableColumn, TableSort } from "./DataTable.tsx";

interface HeaderCellProps {
  column: Pick<TableColumn<never>, "header" | "align" | "sortBy" | "isSortable">;
  sorted: TableSort | undefined;
  onToggle: () => void;
}

export function HeaderCell({ column, sorted, onToggle }: HeaderCellProps) {
  return (
    <th
      role="columnheader"
      data-align={column.align}
      aria-sort={sorted ? (sorted.desc ? "descending" : "ascending") : undefined}
    >
      {column.sortBy || column.isSortable ? (
        <button type="button" className={classes.sort} onClick={onToggle}>
          {column.header}
          <span aria-hidden="true">{sorted ? (sorted.desc ? " ↓" : " ↑") : ""}</span>
        </button>
      ) : (
        column.header
      )}
    </th>
  );
}

interface BodyRowProps {
  row: object;
  index: number;
  columns: TableColumn<object>[];
  isCounted: boolean;
  isCurrent: boolean;
}

export const BodyRow = memo(function BodyRow({ row, index, columns, isCounted, isCurrent }: BodyRowProps) {
  return (
    <tr
      role="row"
      data-index={index}
      data-current={isCurrent || undefined}
      // The header is the first row.
      aria-rowindex={isCounted ? index + 2 : undefined}
    >
      {columns.map((column) => (
        <td key={column.id} role="cell" data-align={column.align} data-column={column.id} data-label={column.header}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
});

/** The room of rows that are not drawn. */
export function Spacer({ height, columns }: { height: number; columns: number }) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus
    <tr aria-hidden="true" className={classes.spacer}>
      <td colSpan={columns} style={{ height }} />
    </tr>
  );
}
