import type { FailureList, FailureState } from "../../api/types.ts";
import { change, exactCount } from "../../format/format.ts";
import { Icon } from "../../widgets/Icon.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { tip } from "../../widgets/tip.ts";
import { STATE } from "./data.ts";
import classes from "./Failures.module.css";
import { STATES } from "./search.ts";

interface Props {
  totals: FailureList["totals"] | undefined;
  state: FailureState | undefined;
  onState: (state: FailureState | undefined) => void;
}

/** How much failed, in how many ways, and how the ways come and go. A state narrows the list. */
export function Totals({ totals, state, onState }: Props) {
  if (!totals) {
    return (
      <Skeleton label="the totals">
        <div className={classes.totals}>
          {[0, 1, 2, 3, 4, 5].map((index) => (
            <div key={index} className={classes.total}>
              <Bone width="5rem" height="0.75rem" />
              <Bone width="3rem" height="1.75rem" />
            </div>
          ))}
        </div>
      </Skeleton>
    );
  }
  const delta = change(totals.failures, totals.failures_before, "count", "lower");
  return (
    <ul className={classes.totals} aria-label="Totals">
      <li className={classes.total}>
        <span
          className={classes.totalLabel}
          {...tip("Executions of the range that a fault ended, beside the range before.")}
        >
          Failures
        </span>
        <span className={classes.figure}>{exactCount(totals.failures)}</span>
        <span className={classes.delta} data-verdict={delta?.verdict}>
          {delta?.text ?? "\u00A0"}
        </span>
      </li>
      <li className={classes.total}>
        <span
          className={classes.totalLabel}
          {...tip("Failures with the same type and the same pattern of the message are one fault.")}
        >
          Faults
        </span>
        <span className={classes.figure}>{exactCount(totals.fingerprints)}</span>
        <span className={classes.delta}>
          {totals.unexplained > 0 ? `${exactCount(totals.unexplained)} failed without a reason` : "\u00A0"}
        </span>
      </li>
      {STATES.map((each) => (
        <li key={each} className={classes.total} data-current={each === state || undefined}>
          <button
            {...tip(STATE[each].about)}
            type="button"
            className={classes.totalPick}
            aria-pressed={each === state}
            onClick={() => onState(each === state ? undefined : each)}
          >
            <Icon name={STATE[each].icon} size={12} />
            {STATE[each].word}
          </button>
          <span className={classes.figure}>{exactCount(totals.by_state[each])}</span>
          <span className={classes.delta}>{each === state ? "shown below" : "\u00A0"}</span>
        </li>
      ))}
    </ul>
  );
}
