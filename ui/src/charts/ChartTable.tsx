import { exact } from "../format/format.ts";
import { nameOf, noteOf } from "./describe.ts";
import { bucketTotal, seriesTotal, type TimeChartModel } from "./model.ts";
import classes from "./TimeChart.module.css";

/** The same values as rows, for whoever reads better than they see. */
export function ChartTable({ model, height }: { model: TimeChartModel; height: number }) {
  const none: ReadonlySet<string> = new Set();
  return (
    <section
      className={classes.tableBox}
      style={{ maxHeight: height + 40 }}
      aria-label={`${model.title}, as a table`}
      tabIndex={0}
    >
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {model.series.map(({ name, label }) => (
              <th key={name} scope="col">
                {label}
              </th>
            ))}
            <th scope="col">Total</th>
          </tr>
        </thead>
        <tbody>
          {model.starts.map((start, index) => (
            <tr key={start}>
              <th scope="row">
                {nameOf(model, index)}
                {noteOf(model, index) && <span className={classes.tipNote}> {noteOf(model, index)}</span>}
              </th>
              {model.series.map(({ name, values }) => (
                <td key={name}>{exact(values[index] ?? null, model.unit)}</td>
              ))}
              <td>{exact(bucketTotal(model, index, none), model.unit)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Total</th>
            {model.series.map((series) => (
              <td key={series.name}>{exact(seriesTotal(series), model.unit)}</td>
            ))}
            <td>
              {exact(
                model.series.reduce((sum, series) => sum + seriesTotal(series), 0),
                model.unit,
              )}
            </td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}
