import type { ReactNode } from "react";
import classes from "./EmptyState.module.css";

interface Props {
  /** Why there is nothing, as a short sentence. */
  title: string;
  /** What would be here, and how it gets here. */
  children?: ReactNode;
  /** The one button, link or command that fills it. */
  action?: ReactNode;
}

/** Nothing to show: why, and what to do. */
export function EmptyState({ title, children, action }: Props) {
  return (
    <div className={classes.empty}>
      <p className={classes.title}>{title}</p>
      {children && <div className={classes.text}>{children}</div>}
      {action && <div className={classes.action}>{action}</div>}
    </div>
  );
}
