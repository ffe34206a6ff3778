import { useRouter } from "@tanstack/react-router";
import { type KeyboardEvent, type MouseEvent, type ReactNode, useRef } from "react";
import { exact } from "../format/format.ts";
import { useTokens } from "../theme/useTokens.ts";
import classes from "./bars/bars.module.css";
import { type BarPlace, barPlaces } from "./bars/layout.ts";
import { barOption, ROW_PX } from "./bars/option.ts";
import { ChartFrame } from "./frame/ChartFrame.tsx";
import { cursorAfter } from "./frame/cursor.ts";
import { barTable } from "./frame/tables.ts";
import type { BarChartModel } from "./model.ts";

interface Props {
  model: BarChartModel;
  /** The height that a longer list scrolls in. All rows are shown if left out. */
  height?: number;
  onPick?: (name: string) => void;
  /** Where a row leads; then it is a link. */
  hrefOf?: (name: string) => string | undefined;
  actions?: ReactNode;
}

/** Things compared by one number: rows that are bars, each a button or a link to what is behind it. */
export function BarChart({ model, height, onPick, hrefOf, actions }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const tokens = useTokens();
  const { title, subtitle, unit, items } = model;
  const places = barPlaces(model);
  const hasBefore = items.some(({ before }) => before != null);
  const hasNotes = items.some(({ note }) => note);

  const onKeyDown = (event: KeyboardEvent) => {
    const rows = [...(list.current?.querySelectorAll<HTMLElement>("[data-bar]") ?? [])];
    const current = rows.indexOf(document.activeElement as HTMLElement);
    const next = cursorAfter(event.key, current < 0 ? null : current, rows.length);
    if (event.ctrlKey || event.metaKey || event.altKey || next === null) return;
    event.preventDefault();
    rows[next]?.focus();
  };

  return (
    <ChartFrame
      title={title}
      subtitle={subtitle}
      height={height ?? Math.max(ROW_PX, items.length * ROW_PX)}
      table={() => barTable(model)}
      drawing={(look) => barOption(model, look)}
      keys={hasBefore ? [{ color: tokens.text, label: "In the range compared with" }] : []}
      actions={actions}
    >
      {items.length === 0 ? (
        <p className={classes.nothing}>Nothing in this range</p>
      ) : (
        <ul
          ref={list}
          className={classes.bars}
          data-notes={hasNotes || undefined}
          style={height ? { maxHeight: `${height / 16}rem` } : undefined}
          aria-label={title}
          onKeyDown={onKeyDown}
        >
          {places.map((place) => (
            <li key={place.item.name}>
              <Row place={place} href={hrefOf?.(place.item.name)} onPick={onPick}>
                <span className={classes.label} title={place.item.label}>
                  {place.item.label}
                </span>
                <Bar place={place} />
                <span className={classes.value}>{exact(place.item.value, unit)}</span>
                {place.item.before != null && (
                  <span className="visually-hidden">, before {exact(place.item.before, unit)}</span>
                )}
                {hasNotes && (
                  <span className={classes.note} title={place.item.note}>
                    {place.item.note}
                  </span>
                )}
              </Row>
            </li>
          ))}
        </ul>
      )}
      {hasBefore && (
        <p className={classes.key}>
          <span className={classes.keyMark} /> in the range compared with
        </p>
      )}
    </ChartFrame>
  );
}

function Bar({ place: { item, from, length, before } }: { place: BarPlace }) {
  return (
    <span className={classes.track} aria-hidden="true">
      <span
        className={classes.bar}
        style={{
          left: `${from}%`,
          // What is there is seen, however little it is.
          width: item.value ? `max(2px, ${length}%)` : 0,
          background: item.color ?? "var(--series-1)",
        }}
      />
      {before !== null && <span className={classes.before} style={{ left: `${before}%` }} />}
    </span>
  );
}

interface RowProps {
  place: BarPlace;
  href?: string;
  onPick?: (name: string) => void;
  children: ReactNode;
}

function Row({ place: { item }, href, onPick, children }: RowProps) {
  const router = useRouter({ warn: false });
  const follow = (event: MouseEvent) => {
    // Another tab or window is the browser's business.
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (onPick) onPick(item.name);
    else if (href) router.history.push(href);
  };
  if (href !== undefined) {
    return (
      <a className={classes.row} data-bar href={href} onClick={follow}>
        {children}
      </a>
    );
  }
  if (onPick) {
    return (
      <button type="button" className={classes.row} data-bar onClick={() => onPick(item.name)}>
        {children}
      </button>
    );
  }
  return (
    <div className={classes.row} data-bar tabIndex={-1}>
      {children}
    </div>
  );
}
