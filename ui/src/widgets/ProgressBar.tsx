import type { CSSProperties } from "react";
import classes from "./ProgressBar.module.css";

interface Props {
  /** What is done, 0 to 1; null if nobody knows. */
  done: number | null;
  /** What goes on. Left out where the text beside says how far it is. */
  label?: string;
  /** In pixels. */
  height?: number;
}

/** How far something is. */
export function ProgressBar({ done, label, height = 4 }: Props) {
  const percent = done === null ? undefined : Math.round(done * 100);
  const progress = label
    ? {
        role: "progressbar",
        "aria-label": label,
        "aria-valuenow": percent,
        "aria-valuemin": 0,
        "aria-valuemax": 100,
      }
    : { "aria-hidden": true };
  return (
    <span {...progress} className={classes.bar} style={{ "--bar-height": `${height}px` } as CSSProperties}>
      {done !== null && <span style={{ transform: `scaleX(${done})` }} />}
    </span>
  );
}
