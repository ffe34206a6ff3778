import { PLACEHOLDER_ABOUT, patternParts } from "./data.ts";
import classes from "./Failures.module.css";

/** The message of a fault, with what differs each time marked. */
export function Pattern({ pattern }: { pattern: string | null }) {
  if (!pattern) return <span className="muted">No message</span>;
  return (
    <span className={classes.pattern}>
      {patternParts(pattern).map(({ text, isPlaceholder, at }) =>
        isPlaceholder ? (
          <span key={at} className={classes.placeholder} title={PLACEHOLDER_ABOUT[text] ?? "Different each time"}>
            {text}
          </span>
        ) : (
          <span key={at}>{text}</span>
        ),
      )}
    </span>
  );
}
