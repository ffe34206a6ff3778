import { rangeLabel } from "../format/time.ts";
import classes from "./RangeLine.module.css";
import type { Range } from "./words.ts";

/** What the page covers and against what, in words. */
export function RangeLine({ shown, compared, zone }: { shown: Range | null; compared: Range | null; zone: string }) {
  const now = new Date();
  return (
    <p className={classes.range}>
      {shown && <span>{rangeLabel(shown.from, shown.to, zone, now)}</span>}
      {shown && compared && (
        <>
          {" "}
          <span>against {rangeLabel(compared.from, compared.to, zone, now)}</span>
        </>
      )}
      {shown && " · "}
      <span>{zone}</span>
    </p>
  );
}
