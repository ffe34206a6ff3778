import classes from "./Exports.module.css";

/** How much is done, from 0 to 1; null is not known. */
export function ProgressBar({ done, label }: { done: number | null; label: string }) {
  const percent = done == null ? undefined : Math.round(done * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      className={classes.progress}
    >
      <span style={{ width: `${percent ?? 0}%` }} />
    </div>
  );
}
