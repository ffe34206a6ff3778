import { useMemo } from "react";
import { exactCount } from "../../format/format.ts";
import { clock } from "../../format/time.ts";
import { STATUS_AFTER } from "../../live/patch.ts";
import type { LiveView } from "../../live/useLiveView.ts";
import { useZone } from "../../session/session.ts";
import { Icon, STATUS_ICON } from "../../widgets/Icon.tsx";
import { useSecond } from "../../widgets/now.ts";
import { ProgressBar } from "../../widgets/ProgressBar.tsx";
import { useTitle } from "../../widgets/title.ts";
import { doneOf, elapsedText, expectedOf, keyOf, type Row, stepsText, titleOf } from "./active.ts";
import { Charts } from "./Charts.tsx";
import { Connection } from "./Connection.tsx";
import { DETECTION_WORD, detectionsOf, subjectOf } from "./detections.ts";
import { Figures } from "./Figures.tsx";
import { detailOf, EVENT_WORD, eventKey, newsOf } from "./feed.ts";
import classes from "./Wall.module.css";
import { wallRows } from "./wallRows.ts";

/** As many as a screen of 1080 lines holds. */
const ROWS = 8;
const FINDINGS = 3;

interface Props {
  view: LiveView;
  rows: readonly Row[];
  everyMs: number;
}

/** The Live page for a room: all on one screen, nothing to press. */
export function Wall({ view, rows, everyMs }: Props) {
  useTitle("Live");
  const now = useSecond();
  const shown = wallRows(rows, ROWS);
  const findings = useMemo(() => detectionsOf(view.detections), [view.detections]);
  const news = useMemo(() => newsOf(view.events, {}).slice(0, ROWS), [view.events]);
  const more = rows.filter(({ status, outcome }) => status === "running" && !outcome).length - shown.length;
  return (
    <div className={classes.wall}>
      <div className={classes.head}>
        <h1>Live</h1>
        <Connection view={view} />
      </div>
      <div className={classes.figures}>
        <Figures metrics={view.metrics} />
      </div>
      <div className={classes.charts}>
        <Charts metrics={view.metrics} everyMs={everyMs} height={110} />
      </div>
      <div className={classes.lists}>
        <section>
          <h2>Runs now{more > 0 && <span> and {exactCount(more)} more</span>}</h2>
          {shown.length === 0 && <p className="muted">Nothing runs at the moment.</p>}
          <ul>
            {shown.map((row) => (
              <Run key={keyOf(row)} row={row} now={now} />
            ))}
          </ul>
        </section>
        <section>
          {findings.length > 0 && (
            <>
              <h2>
                Out of the ordinary{findings.length > FINDINGS && <span> {exactCount(findings.length)} findings</span>}
              </h2>
              <ul className={classes.findings}>
                {findings.slice(0, FINDINGS).map((each) => (
                  <li key={each.id}>
                    <Icon name="warning" size={14} />
                    <b>{subjectOf(each)}</b>
                    <span>{DETECTION_WORD[each.kind]}</span>
                  </li>
                ))}
              </ul>
            </>
          )}
          <h2>What happens</h2>
          <ul className={classes.news}>
            {news.slice(0, findings.length > 0 ? ROWS - FINDINGS - 1 : ROWS).map((event) => (
              <News key={eventKey(event)} event={event} />
            ))}
          </ul>
        </section>
      </div>
    </div>
  );
}

function Run({ row, now }: { row: Row; now: Date }) {
  const expected = expectedOf(row, now);
  const done = doneOf(row);
  return (
    <li className={classes.run}>
      <span className={classes.name}>{titleOf(row)}</span>
      <ProgressBar done={done} height={6} />
      <span className={classes.quiet}>{stepsText(row)}</span>
      <span>{elapsedText(row, now)}</span>
      <span className={classes.due} data-overdue={expected?.isOverdue || undefined}>
        {expected?.text}
      </span>
    </li>
  );
}

function News({ event }: { event: LiveView["events"][number] }) {
  const zone = useZone();
  const status = STATUS_AFTER[event.kind];
  return (
    <li>
      <time dateTime={event.at}>{clock(event.at, zone)}</time>
      <span style={{ color: `var(--status-${status})` }}>
        <Icon name={STATUS_ICON[status]} size={14} />
      </span>
      <span className="visually-hidden">{EVENT_WORD[event.kind]}</span>
      <span className={classes.name}>{titleOf(event)}</span>
      <span className={classes.quiet}>{detailOf(event)}</span>
    </li>
  );
}
