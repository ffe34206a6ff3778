import { ActionIcon } from "@mantine/core";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Icon } from "../widgets/Icon.tsx";
import classes from "./Month.module.css";
import { dayAfter, plusMonths, weeksOf } from "./month.ts";

interface Props {
  /** The days that the range has now, if its ends are known. */
  from: string | null;
  to: string | null;
  today: string;
  onPick: (day: string) => void;
}

const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

function worded(day: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options }).format(new Date(day));
}

/** A month to pick days from: by pointer, or by arrows, Home, End, Page up and Page down. */
export function Month({ from, to, today, onPick }: Props) {
  const [cursor, setCursor] = useState(to ?? from ?? today);
  const isByKey = useRef(false);
  const table = useRef<HTMLTableElement>(null);
  const month = worded(cursor, { month: "long", year: "numeric" });

  // The focus goes where the keys have moved the cursor, to another month too.
  useEffect(() => {
    if (isByKey.current) table.current?.querySelector<HTMLElement>(`[data-day="${cursor}"]`)?.focus();
    isByKey.current = false;
  }, [cursor]);

  const onKeyDown = (event: KeyboardEvent) => {
    const next = event.ctrlKey || event.metaKey || event.altKey ? null : dayAfter(event.key, cursor);
    if (next === null) return;
    event.preventDefault();
    isByKey.current = true;
    setCursor(next);
  };
  const turn = (months: -1 | 1) => setCursor(plusMonths(cursor, months));
  return (
    <div>
      <div className={classes.head}>
        <ActionIcon variant="subtle" aria-label="Month before" onClick={() => turn(-1)}>
          <Icon name="left" />
        </ActionIcon>
        <span aria-live="polite">{month}</span>
        <ActionIcon variant="subtle" aria-label="Month after" onClick={() => turn(1)}>
          <Icon name="right" />
        </ActionIcon>
      </div>
      <table ref={table} className={classes.month} aria-label={month}>
        <thead>
          <tr>
            {WEEKDAYS.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeksOf(cursor).map((week) => (
            <tr key={week[0]}>
              {week.map((day) => (
                <td key={day} data-inside={(from && to && from <= day && day <= to) || undefined}>
                  <button
                    type="button"
                    data-day={day}
                    data-other={day.slice(0, 7) !== cursor.slice(0, 7) || undefined}
                    aria-label={worded(day, { weekday: "long", day: "numeric", month: "long", year: "numeric" })}
                    aria-current={day === today ? "date" : undefined}
                    aria-pressed={day === from || day === to}
                    tabIndex={day === cursor ? 0 : -1}
                    onKeyDown={onKeyDown}
                    onClick={() => {
                      setCursor(day);
                      onPick(day);
                    }}
                  >
                    {Number(day.slice(-2))}
                  </button>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
