import type { ReactNode } from "react";
import classes from "./Columns.module.css";

/** Panels side by side where there is room for each. */
export function Columns({ children }: { children: ReactNode }) {
  return <div className={classes.columns}>{children}</div>;
}
