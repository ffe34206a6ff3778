import { bytes, duration, UNKNOWN } from "../../format/format.ts";
import { Icon, type IconName } from "../../widgets/Icon.tsx";
import { tip } from "../../widgets/tip.ts";
import { timesOf, type UsualStep } from "./data.ts";
import { Lane } from "./Lane.tsx";
import classes from "./Waterfall.module.css";
import { KIND_WORD, STATE_WORD, type StepState, type WaterfallRow } from "./waterfall.ts";

const STATE: Record<StepState, { icon: IconName; color: string }> = {
  completed: { icon: "check", color: "var(--status-success)" },
  failed: { icon: "cross", color: "var(--status-failed)" },
  skipped: { icon: "ban", color: "var(--status-cancelled)" },
  open: { icon: "half", color: "var(--status-running)" },
};

interface Props {
  row: WaterfallRow;
  usual: UsualStep | undefined;
  ticks: readonly number[];
}

/** One step: what it was, how it went, and when. */
export function StepRow({ row, usual, ticks }: Props) {
  const { icon, color } = STATE[row.state];
  const about = [row.type, row.target, row.kind === "active" ? null : KIND_WORD[row.kind].toLowerCase()];
  const data = [
    row.inputBytes == null ? null : `${bytes(row.inputBytes)} in`,
    row.outputBytes == null ? null : `${bytes(row.outputBytes)} out`,
  ];
  const times = timesOf(row.durationMs, usual?.medianMs);
  const isSlow = usual != null && row.durationMs != null && row.durationMs > usual.p95Ms;
  const facts = [
    row.offsetMs == null ? null : `Started after ${duration(row.offsetMs)}`,
    usual ? `Usually ${duration(usual.medianMs)}` : null,
    ...data,
  ].filter(Boolean);
  return (
    <tr data-state={row.state}>
      <td className={classes.step}>
        <span className={classes.name}>{row.name}</span>
        {row.attempts > 1 && (
          <span className={classes.attempt}>
            <Icon name="refresh" size={12} /> try {row.attempt} of {row.attempts}
          </span>
        )}
        <span className={classes.about}>{about.filter(Boolean).join(" · ")}</span>
        {row.error && <span className={classes.error}>{row.error}</span>}
      </td>
      <td className={classes.status}>
        <span
          className={classes.state}
          style={row.state === "failed" ? { color: "var(--status-failed-text)" } : undefined}
        >
          <span style={{ color }}>
            <Icon name={icon} />
          </span>
          {STATE_WORD[row.state]}
        </span>
      </td>
      <td className={classes.figure}>
        {row.durationMs == null ? UNKNOWN : duration(row.durationMs)}
        {isSlow && times != null && (
          <span
            className={classes.slow}
            {...tip(`Slower than 95 of 100 runs of this step; usually ${duration(usual.medianMs)}`)}
          >
            {times.toFixed(1)} × usual
          </span>
        )}
      </td>
      <td className={classes.track}>
        <div {...tip(facts.join(" · "))}>
          <Lane ticks={ticks}>
            {row.bar && (
              <span
                className={classes.bar}
                data-kind={row.kind}
                data-state={row.state}
                style={{ left: `${row.bar.left}%`, width: `max(3px, ${row.bar.width}%)` }}
              />
            )}
            {row.bar && usual && row.state !== "open" && <UsualMark row={row} usual={usual} />}
          </Lane>
        </div>
      </td>
    </tr>
  );
}

/** Where the step would usually have ended. */
function UsualMark({ row, usual }: { row: WaterfallRow; usual: UsualStep }) {
  if (!row.bar || !row.durationMs || row.bar.width <= 0) return null;
  const left = row.bar.left + (usual.medianMs / row.durationMs) * row.bar.width;
  return left > 100 ? null : <span className={classes.usual} style={{ left: `${left}%` }} />;
}
