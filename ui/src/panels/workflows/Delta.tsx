import { compact, type Unit } from "../../format/format.ts";
import classes from "./Delta.module.css";
import type { Figure } from "./data.ts";

/** In a table of many rows only what is worth a look is coloured: from 1 percentage point or 10 per cent on. */
function isNotable({ value, before }: Figure, unit: Unit): boolean {
  if (value === null || before === null) return false;
  return unit === "percent" ? Math.abs(value - before) >= 1 : Math.abs(value - before) >= Math.abs(before) / 10;
}

const VERDICT_WORD = { good: "better", bad: "worse", neutral: "" };

/** How far a figure is from the one in the range compared with, coloured by whether that is good. */
export function Delta({ figure, unit }: { figure: Figure; unit: Unit }) {
  const { value, before, change } = figure;
  if (value === null) return null;
  if (change) {
    const verdict = isNotable(figure, unit) ? change.verdict : "neutral";
    return (
      <span className={classes.delta} data-verdict={verdict} title={`Before: ${compact(before, unit)}`}>
        {change.text}
        <span className="visually-hidden"> {VERDICT_WORD[verdict]}</span>
      </span>
    );
  }
  // From nothing there is no percentage.
  return before === 0 ? <span className={classes.delta}>none before</span> : null;
}
