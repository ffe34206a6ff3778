import { useMediaQuery } from "@mantine/hooks";
import {
  createSortedRowModel,
  functionalUpdate,
  rowSortingFeature,
  sortFn_alphanumeric,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { type ReactNode, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useShortcuts } from "../shell/shortcuts.tsx";
import classes from "./DataTable.module.css";
import { BodyRow, HeaderCell, Spacer } from "./TableRows.tsx";
import { TableView } from "./TableView.tsx";
import { useRowWindow } from "./useRowWindow.ts";
import { useSteadyWidths } from "./useSteadyWidths.ts";
import { useTableSettings } from "./useTableSettings.ts";

export interface TableColumn<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** What it sorts by; without it the column does not sort. */
  sortBy?: (row: Row) => string | number | null;
  /** Sorts although it has no `sortBy`: the rows come in the order that `sort` names. */
  isSortable?: boolean;
  align?: "right";
  /** Columns that a row cannot do without are not in the chooser. */
  isFixed?: boolean;
}

export interface TableSort {
  id: string;
  desc: boolean;
}

interface Props<Row> {
  /** Names the table for assistive technology, and its remembered settings. */
  id: string;
  label: string;
  columns: TableColumn<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** Whether the row is the one that is open beside the table. */
  isCurrent?: (row: Row) => boolean;
  /** By what it is sorted, where the URL says it; null is the order of the rows. Both together, or neither. */
  sort?: TableSort | null;
  onSort?: (sort: TableSort | null) => void;
  /** A last row, by column id. */
  totals?: Record<string, ReactNode>;
  footer?: ReactNode;
  className?: string;
  /** Switches for density and columns, and j/k between rows; "keys" where the page has the switches elsewhere. */
  withView?: boolean | "keys";
}

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric },
});

/** Above this many rows only those near the view are drawn. */
const ALL_DRAWN_MAX = 100;

/**
 * Sticky header, sort by click and keyboard, column chooser, density, j/k between rows. A row's own link or button
 * (marked with `data-row-open`) fills the row, so that a click anywhere opens it. Under 768 px a row becomes a card:
 * the elements then lose their table display, and with it the roles that are written out here.
 */
export function DataTable<Row extends object>({
  id,
  label,
  columns,
  rows,
  rowKey,
  isCurrent,
  sort,
  onSort,
  totals,
  footer,
  className,
  withView = false,
}: Props<Row>) {
  const [settings, setSettings] = useTableSettings(id);
  const [ownSort, setOwnSort] = useState<TableSort | null>(null);
  const sorting = useMemo(() => [onSort ? sort : ownSort].filter((each) => each != null), [onSort, sort, ownSort]);
  const head = useRef<HTMLTableSectionElement>(null);
  const body = useRef<HTMLTableSectionElement>(null);

  const definitions = useMemo(
    () =>
      columns.map((column) => ({
        id: column.id,
        header: column.header,
        accessorFn: (row: Row) => column.sortBy?.(row) ?? undefined,
        enableSorting: Boolean(column.sortBy || column.isSortable),
        sortUndefined: "last" as const,
      })),
    [columns],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: rows,
    getRowId: rowKey,
    state: { sorting },
    onSortingChange: (updater) => (onSort ?? setOwnSort)(functionalUpdate(updater, sorting)[0] ?? null),
  });
  const sorted = table.getRowModel().rows;
  const { hidden, isCompact } = settings;
  const shown = useMemo(() => columns.filter((column) => !hidden.includes(column.id)), [columns, hidden]);

  const isWindowed = sorted.length > ALL_DRAWN_MAX;
  const isTable = useMediaQuery("(min-width: 768px)", true, { getInitialValueInEffect: false });
  const { drawn, reveal, firstSeen } = useRowWindow(body, sorted.length, isWindowed);
  const isWide = useMediaQuery("(min-width: 1024px)", true, { getInitialValueInEffect: false });
  const names = shown.map((column) => column.id).join();
  const widths = useSteadyWidths(head, `${names} ${isWide}`, isWindowed && isTable);

  const step = (by: 1 | -1) => {
    const at = document.activeElement?.closest<HTMLElement>("[data-index]");
    const isHere = at && body.current?.contains(at);
    const next = isHere ? Number(at.dataset.index) + by : firstSeen();
    if (next < 0 || next >= sorted.length) return;
    flushSync(() => reveal(next));
    body.current?.querySelector<HTMLElement>(`[data-index="${next}"] [data-row-open]`)?.focus();
  };
  useShortcuts(
    withView
      ? [
          { keys: "j", label: "Next row", group: "Chart and table", run: () => step(1) },
          { keys: "k", label: "Previous row", group: "Chart and table", run: () => step(-1) },
        ]
      : [],
  );

  return (
    <div className={`${classes.box} ${className ?? ""}`}>
      {withView === true && (
        <div className={classes.view}>
          <TableView columns={columns} settings={settings} onChange={setSettings} />
        </div>
      )}
      <table
        className={classes.table}
        role="table"
        aria-label={label}
        aria-rowcount={isWindowed ? sorted.length + (totals ? 2 : 1) : undefined}
        data-compact={isCompact || undefined}
        data-steady={widths ? true : undefined}
        style={{ minWidth: widths?.least }}
      >
        {widths && (
          <colgroup>
            {widths.columns.map((width, index) => (
              <col key={shown[index]?.id} style={{ width }} />
            ))}
          </colgroup>
        )}
        <thead ref={head} role="rowgroup">
          <tr role="row" aria-rowindex={isWindowed ? 1 : undefined}>
            {shown.map((column) => (
              <HeaderCell
                key={column.id}
                column={column}
                sorted={sorting.find((each) => each.id === column.id)}
                onToggle={() => table.getColumn(column.id)?.toggleSorting()}
              />
            ))}
          </tr>
        </thead>
        <tbody ref={body} role="rowgroup">
          {drawn && drawn.before > 0 && <Spacer height={drawn.before} columns={shown.length} />}
          {sorted.slice(drawn?.first, drawn?.last).map((row, index) => (
            <BodyRow
              key={row.id}
              row={row.original}
              index={(drawn?.first ?? 0) + index}
              columns={shown as TableColumn<object>[]}
              isCounted={isWindowed}
              isCurrent={isCurrent?.(row.original) ?? false}
            />
          ))}
          {drawn && drawn.after > 0 && <Spacer height={drawn.after} columns={shown.length} />}
        </tbody>
        {totals && (
          <tfoot role="rowgroup">
            <tr role="row" aria-rowindex={isWindowed ? sorted.length + 2 : undefined}>
              {shown.map((column) => (
                <td key={column.id} role="cell" data-align={column.align} data-label={column.header}>
                  {totals[column.id]}
                </td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
      {footer && <div className={classes.footer}>{footer}</div>}
    </div>
  );
}
