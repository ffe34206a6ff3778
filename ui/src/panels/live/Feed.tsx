import { Button, Select } from "@mantine/core";
import type { ExecutionEvent } from "@tacho/live";
import { Link } from "@tanstack/react-router";
import { memo, useMemo, useRef, useState } from "react";
import { exactCount } from "../../format/format.ts";
import { clock, exactTime } from "../../format/time.ts";
import { STATUS_AFTER } from "../../live/patch.ts";
import { useHold } from "../../live/useHold.ts";
import { useZone } from "../../session/session.ts";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { Icon, STATUS_ICON } from "../../widgets/Icon.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { titleOf } from "./active.ts";
import classes from "./Feed.module.css";
import { detailOf, EVENT_WORD, eventKey, FEED_WORD, newSince, newsOf } from "./feed.ts";
import { FEEDS, type Feed, type LiveSearch } from "./search.ts";

interface Props {
  events: readonly ExecutionEvent[];
  /** Nothing is told at the moment: the page asks by itself. */
  isCutOff: boolean;
  search: LiveSearch;
  onFeed: (feed: Feed | undefined) => void;
}

/** What happens, the newest first. It stops while somebody reads, or says so. */
export function FeedPanel({ events, isCutOff, search, onFeed }: Props) {
  const [isPaused, setPaused] = useState(false);
  const now = useMemo(() => newsOf(events, search), [events, search]);
  const at = useRef(now);
  const narrowing = JSON.stringify(search);
  const last = useRef(narrowing);
  // Another filter shows what it finds, whatever was held.
  if (!isPaused || last.current !== narrowing) at.current = now;
  last.current = narrowing;
  const { rows, isHeld, holdProps } = useHold(at.current, eventKey, { of: narrowing });
  const waiting = isPaused || isHeld ? newSince(rows, now) : 0;
  return (
    <Panel
      flush
      className={classes.panel}
      title="What happens"
      subtitle={
        <>
          {isCutOff ? "Not told without a live connection" : isPaused ? "Paused" : "Newest first"}
          {waiting > 0 && <b className={classes.waiting}> · {exactCount(waiting)} new</b>}
        </>
      }
      actions={
        <>
          <Select
            size="xs"
            w="11rem"
            aria-label="Which events"
            data={FEEDS.map((value) => ({ value, label: FEED_WORD[value] }))}
            value={search.feed ?? FEEDS[0]}
            onChange={(value) => onFeed(FEEDS.find((each) => each === value && each !== FEEDS[0]))}
          />
          <Button variant="default" aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
            {isPaused ? "Go on" : "Pause"}
          </Button>
        </>
      }
    >
      {rows.length === 0 ? (
        <EmptyState title={isCutOff ? "Nothing was told yet." : "Nothing has happened yet."}>
          {search.workflow || search.q || search.feed ? "Other filters may show more." : undefined}
        </EmptyState>
      ) : (
        <ol className={classes.list} aria-label="Events" tabIndex={0} {...holdProps}>
          {rows.map((event) => (
            <Entry key={eventKey(event)} event={event} />
          ))}
        </ol>
      )}
    </Panel>
  );
}

const Entry = memo(function Entry({ event }: { event: ExecutionEvent }) {
  const zone = useZone();
  const status = STATUS_AFTER[event.kind];
  return (
    <li className={classes.entry} data-kind={event.kind}>
      <time className={classes.time} dateTime={event.at} title={`${exactTime(event.at, zone)} ${zone}`}>
        {clock(event.at, zone)}
      </time>
      <span className={classes.what} data-status={status}>
        <span style={{ color: `var(--status-${status})` }}>
          <Icon name={STATUS_ICON[status]} size={14} />
        </span>
        {EVENT_WORD[event.kind]}
      </span>
      <Link
        to="/executions/$id"
        params={{ id: event.execution_id }}
        search={{ attempt: event.attempt }}
        className={classes.subject}
      >
        {titleOf(event)}
      </Link>
      <span className={classes.detail}>{detailOf(event)}</span>
    </li>
  );
});
