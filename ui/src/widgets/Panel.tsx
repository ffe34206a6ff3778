import type { ReactNode } from "react";
import classes from "./Panel.module.css";

interface Props {
  title?: ReactNode;
  subtitle?: ReactNode;
  actions?: ReactNode;
  /** No padding around the body: for tables that run to the edge. */
  flush?: boolean;
  className?: string;
  children: ReactNode;
}

/** A card: 1 px border, no shadow. */
export function Panel({ title, subtitle, actions, flush = false, className, children }: Props) {
  return (
    <section className={`${classes.panel} ${className ?? ""}`} data-flush={flush || undefined}>
      {(title || actions) && (
        <header className={classes.head}>
          <div className={classes.titles}>
            {title && <h2>{title}</h2>}
            {subtitle && <div className={classes.subtitle}>{subtitle}</div>}
          </div>
          {actions && <div className={classes.actions}>{actions}</div>}
        </header>
      )}
      {children}
    </section>
  );
}
