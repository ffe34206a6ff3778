import { STATUS_WORD, STATUSES, type Status } from "../theme/tokens.ts";
import { Icon, STATUS_ICON } from "./Icon.tsx";
import classes from "./StatusMark.module.css";

export function isStatus(value: unknown): value is Status {
  return STATUSES.some((status) => status === value);
}

/** A status as icon and word. `quiet` leaves the normal case uncoloured, for dense tables. */
export function StatusMark({ status, quiet = false }: { status: Status; quiet?: boolean }) {
  return (
    <span className={classes.mark} data-status={quiet && status === "success" ? undefined : status}>
      <span className={classes.icon} style={{ color: `var(--status-${status})` }}>
        <Icon name={STATUS_ICON[status]} />
      </span>
      {STATUS_WORD[status]}
    </span>
  );
}
