import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import {
  columnVisibilityFeature,
  createSortedRowModel,
  rowSortingFeature,
  sortFn_alphanumeric,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { type ReactNode, useMemo, useRef, useState } from "react";
import { useShortcuts } from "../shell/shortcuts.tsx";
import classes from "./DataTable.module.css";
import { Icon } from "./Icon.tsx";

export interface TableColumn<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** What it sorts by; without it the column does not sort. */
  sortBy?: (row: Row) => string | number | null;
  align?: "right";
  /** Columns that a row cannot do without are not in the chooser. */
  isFixed?: boolean;
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
  footer?: ReactNode;
  className?: string;
  /** Switches for density and columns. */
  withView?: boolean;
}

const features = tableFeatures({
  rowSortingFeature,
  columnVisibilityFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric },
});

interface Settings {
  isCompact: boolean;
  hidden: string[];
}

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
  footer,
  className,
  withView = false,
}: Props<Row>) {
  const [settings, setSettings] = useLocalStorage<Settings>({
    key: `tacho.table.${id}`,
    defaultValue: { isCompact: false, hidden: [] },
    getInitialValueInEffect: false,
  });
  const [sorting, setSorting] = useState<{ id: string; desc: boolean }[]>([]);
  const body = useRef<HTMLTableSectionElement>(null);

  const definitions = useMemo(
    () =>
      columns.map((column) => ({
        id: column.id,
        header: column.header,
        accessorFn: (row: Row) => column.sortBy?.(row) ?? undefined,
        enableSorting: Boolean(column.sortBy),
        sortUndefined: "last" as const,
      })),
    [columns],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: rows,
    getRowId: rowKey,
    state: { sorting, columnVisibility: Object.fromEntries(settings.hidden.map((hidden) => [hidden, false])) },
    onSortingChange: setSorting,
  });
  const shown = columns.filter((column) => !settings.hidden.includes(column.id));

  const step = (by: 1 | -1) => {
    const openers = [...(body.current?.querySelectorAll<HTMLElement>("[data-row-open]") ?? [])];
    const at = openers.indexOf(document.activeElement as HTMLElement);
    openers[at < 0 ? (by === 1 ? 0 : openers.length - 1) : at + by]?.focus();
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
      {withView && (
        <div className={classes.view}>
          <Menu closeOnItemClick={false}>
            <Menu.Target>
              <Tooltip label="Columns and density">
                <ActionIcon variant="subtle" c="var(--muted)" aria-label="Columns and density">
                  <Icon name="columns" />
                </ActionIcon>
              </Tooltip>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.CheckboxItem
                checked={settings.isCompact}
                onChange={(isCompact) => setSettings((before) => ({ ...before, isCompact }))}
              >
                Compact rows
              </Menu.CheckboxItem>
              <Menu.Divider />
              <Menu.Label>Columns</Menu.Label>
              {columns
                .filter(({ isFixed }) => !isFixed)
                .map((column) => (
                  <Menu.CheckboxItem
                    key={column.id}
                    checked={!settings.hidden.includes(column.id)}
                    onChange={(isShown) =>
                      setSettings((before) => ({
                        ...before,
                        hidden: isShown
                          ? before.hidden.filter((each) => each !== column.id)
                          : [...before.hidden, column.id],
                      }))
                    }
                  >
                    {column.header}
                  </Menu.CheckboxItem>
                ))}
            </Menu.Dropdown>
          </Menu>
        </div>
      )}
      <table className={classes.table} role="table" aria-label={label} data-compact={settings.isCompact || undefined}>
        <thead role="rowgroup">
          <tr role="row">
            {shown.map((column) => {
              const sorted = sorting.find((each) => each.id === column.id);
              return (
                <th
                  key={column.id}
                  role="columnheader"
                  data-align={column.align}
                  aria-sort={sorted ? (sorted.desc ? "descending" : "ascending") : undefined}
                >
                  {column.sortBy ? (
                    <button
                      type="button"
                      className={classes.sort}
                      onClick={() => table.getColumn(column.id)?.toggleSorting()}
                    >
                      {column.header}
                      <span aria-hidden="true">{sorted ? (sorted.desc ? " ↓" : " ↑") : ""}</span>
                    </button>
                  ) : (
                    column.header
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody ref={body} role="rowgroup">
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id} role="row" data-current={isCurrent?.(row.original) || undefined}>
              {shown.map((column) => (
                <td
                  key={column.id}
                  role="cell"
                  data-align={column.align}
                  data-column={column.id}
                  data-label={column.header}
                >
                  {column.cell(row.original)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {footer && <div className={classes.footer}>{footer}</div>}
    </div>
  );
}
