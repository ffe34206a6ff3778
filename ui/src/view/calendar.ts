/** Days, weeks and months of a calendar, as ranges between two instants in a zone. Pure. */
import { fromWallClock, toWallClock } from "../format/time.ts";
import type { Range } from "./words.ts";

export const CALENDAR_RANGES = ["today", "yesterday", "this_week", "last_week", "this_month", "last_month"] as const;
export type CalendarRange = (typeof CALENDAR_RANGES)[number];

export const CALENDAR_WORD: Record<CalendarRange, string> = {
  today: "Today",
  yesterday: "Yesterday",
  this_week: "This week",
  last_week: "Last week",
  this_month: "This month",
  last_month: "Last month",
};

/** A date on the calendar, without a zone: what counts is its year, month and day in UTC. */
function midnight(date: Date, zone: string): string {
  const local = `${date.toISOString().slice(0, 10)}T00:00`;
  return fromWallClock(local, zone) ?? date.toISOString();
}

/** From the first midnight inside to the first one after it: a day of a change of clocks has 23 or 25 hours. Weeks begin on Monday. */
export function calendarRange(name: CalendarRange, zone: string, now: Date): Range {
  const today = new Date(`${toWallClock(now.toISOString(), zone).slice(0, 10)}T00:00Z`);
  const day = (offset: number) => new Date(today.getTime() + offset * 86_400_000);
  const monday = -((today.getUTCDay() + 6) % 7);
  const month = (offset: number) => new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + offset, 1));
  const ends: Record<CalendarRange, [Date, Date]> = {
    today: [day(0), day(1)],
    yesterday: [day(-1), day(0)],
    this_week: [day(monday), day(monday + 7)],
    last_week: [day(monday - 7), day(monday)],
    this_month: [month(0), month(1)],
    last_month: [month(-1), month(0)],
  };
  const [from, to] = ends[name];
  return { from: midnight(from, zone), to: midnight(to, zone) };
}
