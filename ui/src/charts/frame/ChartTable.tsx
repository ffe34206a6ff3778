import classes from "./ChartTable.module.css";
import { cellText, hasTotals, isText, type Table } from "./table.ts";

interface Props {
  title: string;
  table: Table;
  maxHeight: number;
}

/** The values as rows, for whoever reads better than they see. Each cell carries its value unrounded; figures stand on the right. */
export function ChartTable({ title, table, maxHeight }: Props) {
  const { rowTitle, rows, columns } = table;
  return (
    <section
      className={classes.box}
      style={{ maxHeight: `${maxHeight / 16}rem` }}
      aria-label={`${title}, as a table`}
      tabIndex={0}
    >
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{rowTitle}</th>
            {columns.map((column) => (
              <th key={column.label} scope="col" data-text={isText(column) || undefined}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, note }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a chart have no other identity than their place
            <tr key={index}>
              <th scope="row">
                {name}
                {note && <span className={classes.note}> {note}</span>}
              </th>
              {columns.map((column) => {
                const value = column.values[index] ?? null;
                return (
                  <td key={column.label} data-text={isText(column) || undefined}>
                    <data value={value ?? ""}>{cellText(value, column.unit)}</data>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
        {hasTotals(table) && (
          <tfoot>
            <tr>
              <th scope="row">Total</th>
              {columns.map(({ label, unit, total }) => (
                <td key={label}>{total !== undefined && <data value={total ?? ""}>{cellText(total, unit)}</data>}</td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
    </section>
  );
}
