import type { ExecutionDetail } from "../../api/types.ts";
import { duration } from "../../format/format.ts";
import { Icon, type IconName } from "../../widgets/Icon.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { shapeWaterfall, type WaterfallRow } from "./data.ts";
import classes from "./Waterfall.module.css";

const STATE: Record<WaterfallRow["state"], { word: string; icon: IconName; color: string }> = {
  completed: { word: "Completed", icon: "check", color: "var(--status-success)" },
  failed: { word: "Failed", icon: "cross", color: "var(--status-failed)" },
  skipped: { word: "Skipped", icon: "ban", color: "var(--status-cancelled)" },
  open: { word: "Running", icon: "half", color: "var(--status-running)" },
};

/** Where the time went, step by step. */
export function Waterfall({ detail, now }: { detail: ExecutionDetail; now: Date }) {
  const rows = shapeWaterfall(detail, now);
  return (
    <Panel
      title="Steps"
      subtitle="In the order in which they started; the bar is the step’s share of the whole run"
      flush
    >
      {rows.length === 0 ? (
        <p className={classes.empty}>
          No step was sent for this execution. Records of type <code>step</code> with its id show where the time goes.
        </p>
      ) : (
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col" className={classes.status}>
                Status
              </th>
              <th scope="col" className={classes.figure}>
                Start
              </th>
              <th scope="col" className={classes.figure}>
                Duration
              </th>
              <th scope="col" className={classes.track}>
                Timeline
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.key} row={row} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function Row({ row }: { row: WaterfallRow }) {
  const { word, icon, color } = STATE[row.state];
  const about = [row.type, row.target, row.waitsFor].filter(Boolean).join(" · ");
  return (
    <tr data-state={row.state}>
      <td>
        <span className={classes.name}>{row.name}</span>
        {row.attempt > 1 && <span className="muted"> attempt {row.attempt}</span>}
        {about && <span className={classes.about}>{about}</span>}
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
          {word}
        </span>
      </td>
      <td className={classes.figure}>{row.offsetMs == null ? "–" : `+${duration(row.offsetMs)}`}</td>
      <td className={classes.figure}>{row.durationMs == null ? "–" : duration(row.durationMs)}</td>
      <td className={classes.track}>
        {row.bar && (
          <span className={classes.lane} aria-hidden="true">
            <span
              className={classes.bar}
              data-wait={row.waitsFor != null || undefined}
              style={{
                left: `${row.bar.left}%`,
                width: `max(3px, ${row.bar.width}%)`,
                ["--bar" as string]: row.state === "completed" ? "var(--series-1)" : color,
              }}
            />
          </span>
        )}
      </td>
    </tr>
  );
}
