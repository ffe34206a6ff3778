import type { ReactNode } from "react";
import classes from "./Nothing.module.css";

/** Why a chart shows nothing, in the middle of where it would. */
export function Nothing({ children }: { children: ReactNode }) {
  return <p className={classes.nothing}>{children}</p>;
}
