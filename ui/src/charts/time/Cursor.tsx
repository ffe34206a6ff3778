import type { TimeChartModel } from "../model.ts";
import { nameOf, noteOf, tooltipRows, totalText } from "./describe.ts";
import classes from "./time.module.css";

/** The cross-hair and its values, sorted. */
export function Cursor({
  model,
  hidden,
  index,
  x,
  plot,
}: {
  model: TimeChartModel;
  hidden: ReadonlySet<string>;
  index: number;
  x: number;
  plot: { width: number; top: number; bottom: number };
}) {
  const total = totalText(model, index, hidden);
  const note = noteOf(model, index);
  const band = x > plot.width / 2;
  return (
    <>
      <div className={classes.hair} style={{ left: x, top: plot.top, bottom: plot.bottom }} />
      <div className={classes.tip} style={band ? { right: plot.width - x + 12 } : { left: x + 12 }} aria-hidden="true">
        <div className={classes.tipTitle}>{nameOf(model, index)}</div>
        <dl className={classes.tipRows}>
          {tooltipRows(model, index, hidden).map(({ name, label, color, text }) => (
            <div key={name}>
              <dt>
                <span className={classes.swatch} style={{ color }} />
                {label}
              </dt>
              <dd>{text}</dd>
            </div>
          ))}
          {total !== null && (
            <div className={classes.tipTotal}>
              <dt>Total</dt>
              <dd>{total}</dd>
            </div>
          )}
        </dl>
        {note && <div className={classes.tipNote}>{note}</div>}
      </div>
    </>
  );
}
