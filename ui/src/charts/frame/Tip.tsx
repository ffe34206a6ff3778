import classes from "./Tip.module.css";

export interface TipRow {
  name: string;
  label: string;
  text: string;
  color?: string;
  /** What it was in the range compared with. */
  before?: string | null;
}

export interface TipContent {
  title: string;
  rows: TipRow[];
  total?: string | null;
  notes?: string[];
}

interface Props extends TipContent {
  x: number;
  y?: number;
  /** Of the plot: the tip stands on the side where there is more room. */
  width: number;
  height: number;
}

/** The values under the cursor. A screen reader is told them in a sentence instead. */
export function Tip({ x, y = 0, width, height, title, rows, total, notes = [] }: Props) {
  const side = x > width / 2 ? { right: width - x + 12 } : { left: x + 12 };
  const room = Math.max(x, width - x) - 16;
  const level = y > height / 2 ? { bottom: Math.max(0, height - y) } : { top: y };
  const hasBefore = rows.some(({ before }) => before != null);
  return (
    <div className={classes.tip} style={{ ...side, ...level, maxWidth: Math.min(room, 420) }} aria-hidden="true">
      <div className={classes.title}>{title}</div>
      {rows.length > 0 && (
        <div className={classes.rows} data-before={hasBefore || undefined}>
          {rows.map(({ name, label, text, color, before }) => (
            <div key={name} className={classes.row}>
              <span className={classes.label}>
                {color && <span className={classes.swatch} style={{ background: color }} />}
                <span>{label}</span>
              </span>
              <span className={classes.value}>{text}</span>
              {hasBefore && <span className={classes.before}>{before ?? ""}</span>}
            </div>
          ))}
          {total && (
            <div className={`${classes.row} ${classes.total}`}>
              <span className={classes.label}>Total</span>
              <span className={classes.value}>{total}</span>
              {hasBefore && <span />}
            </div>
          )}
        </div>
      )}
      {notes.map((note) => (
        <div key={note} className={classes.note}>
          {note}
        </div>
      ))}
    </div>
  );
}
