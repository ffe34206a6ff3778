import type { ReactNode } from "react";
import classes from "./Waterfall.module.css";

/** A row's part of the time axis, with the axis' round moments. What is in it is said by the row's other cells. */
export function Lane({ ticks, children }: { ticks: readonly number[]; children: ReactNode }) {
  return (
    <span aria-hidden="true">
      <span className={classes.grid}>
        {ticks.map((left) => (
          <span key={left} className={classes.tick} style={{ left: `${left}%` }} />
        ))}
      </span>
      <span className={classes.lane}>{children}</span>
    </span>
  );
}
