import type { FailureState } from "../../api/types.ts";
import { Icon } from "../../widgets/Icon.tsx";
import { tip } from "../../widgets/tip.ts";
import { STATE } from "./data.ts";
import classes from "./Failures.module.css";

/** How a fault comes and goes, as icon and word; the tooltip says what that means. */
export function StateChip({ state }: { state: FailureState }) {
  const { word, icon, about } = STATE[state];
  return (
    <span className={classes.state} data-state={state} {...tip(about)}>
      <Icon name={icon} size={12} />
      {word}
    </span>
  );
}
