import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { ExecutionDetail } from "../../api/types.ts";
import { ChartFrame } from "../../charts/frame/ChartFrame.tsx";
import { duration, percent } from "../../format/format.ts";
import { useTokens } from "../../theme/useTokens.ts";
import { Panel } from "../../widgets/Panel.tsx";
import type { UsualStep } from "./data.ts";
import { ResourceRows } from "./ResourceRows.tsx";
import { hostsOf, resourceLines } from "./resources.ts";
import { StepRow } from "./StepRow.tsx";
import classes from "./Waterfall.module.css";
import { KIND_WORD, shapeWaterfall, spanOf, stepsOfTry, type TimeShare, ticksOf, timeByKind } from "./waterfall.ts";
import { waterfallKeys, waterfallOption } from "./waterfallPicture.ts";
import { waterfallTable } from "./waterfallTable.ts";

/** About that of a row; the table of the same steps has as much room. */
const ROW_PX = 44;
const TABLE_MIN_PX = 200;

interface Props {
  detail: ExecutionDetail;
  now: Date;
  /** How long steps usually take, by name. */
  usual: ReadonlyMap<string, UsualStep>;
}

/** Where the time went, step by step; what was used meanwhile, on the same axis. */
export function Waterfall({ detail, now, usual }: Props) {
  const [isAll, { toggle }] = useDisclosure(false);
  const tokens = useTokens();
  const own = stepsOfTry(detail);
  const steps = isAll ? detail.steps : own;
  const { execution } = detail;
  const rows = shapeWaterfall({ execution, steps }, now);
  const span = spanOf(execution, steps, now);
  const lines = resourceLines(detail.resources, span);
  const hosts = hostsOf(detail.resources);
  const length = span ? span.to - span.from : 0;
  const ticks = ticksOf(length).map((ms) => ({ ms, left: length > 0 ? (ms / length) * 100 : 0 }));
  return (
    <Panel flush className={classes.timeline}>
      <ChartFrame
        title="Timeline"
        subtitle="Steps in the order in which they started"
        height={Math.max(TABLE_MIN_PX, rows.length * ROW_PX)}
        table={() => waterfallTable(rows, usual)}
        drawing={rows.length > 0 ? (look) => waterfallOption(rows, length, look) : undefined}
        keys={waterfallKeys(rows, tokens)}
        actions={
          own.length < detail.steps.length && (
            <Button variant="default" size="compact-sm" aria-pressed={isAll} onClick={toggle}>
              {isAll ? `Only attempt ${execution.attempt}` : `All ${detail.attempts.length} attempts`}
            </Button>
          )
        }
      >
        {rows.length > 0 && (
          <Legend shares={timeByKind(steps, now)} hasUsual={rows.some(({ name }) => usual.has(name))} />
        )}
        {rows.length === 0 && (
          <p className={classes.empty}>
            No step was sent for this execution. Records of type <code>step</code> with its id show where the time goes.
          </p>
        )}
        {(rows.length > 0 || lines.length > 0) && (
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col" className={classes.step}>
                  Step
                </th>
                <th scope="col" className={classes.status}>
                  Status
                </th>
                <th scope="col" className={classes.figure}>
                  Duration
                </th>
                <th scope="col" className={classes.track}>
                  <span className="visually-hidden">Timeline</span>
                  <span className={classes.axis} aria-hidden="true">
                    {ticks.map(({ ms, left }) => (
                      <span key={ms} style={{ left: `${left}%` }} data-end={left > 92 || undefined}>
                        {ms === 0 ? "0" : duration(ms)}
                      </span>
                    ))}
                  </span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <StepRow key={row.key} row={row} usual={usual.get(row.name)} ticks={ticks.map(({ left }) => left)} />
              ))}
            </tbody>
            {lines.length > 0 && (
              <ResourceRows
                lines={lines}
                hosts={hosts}
                samples={detail.resources.length}
                ticks={ticks.map(({ left }) => left)}
              />
            )}
          </table>
        )}
        {lines.length === 0 && rows.length > 0 && (
          <p className={classes.empty}>No resource sample was sent for this execution.</p>
        )}
      </ChartFrame>
    </Panel>
  );
}

function Legend({ shares, hasUsual }: { shares: readonly TimeShare[]; hasUsual: boolean }) {
  return (
    <ul className={classes.legend} aria-label="Where the time went">
      {shares.map(({ kind, ms, share }) => (
        <li key={kind}>
          <span className={classes.swatch} data-kind={kind} aria-hidden="true" />
          {KIND_WORD[kind]} <b>{duration(ms)}</b> <span className="muted">{percent(share)}</span>
        </li>
      ))}
      {hasUsual && (
        <li>
          <span className={classes.usualSwatch} aria-hidden="true" />
          <span className="muted">where the step usually ends</span>
        </li>
      )}
    </ul>
  );
}
