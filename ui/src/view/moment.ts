/** A moment as people write it: "2026-11-20 14:00", "20 Nov", "yesterday 9:30", "now-7d". Pure. */
import { fromWallClock, toWallClock } from "../format/time.ts";
import { dayOf, plusDays } from "./month.ts";

/** Which end of a range it is: a day without a time begins a range with its first instant, and ends one with its last. */
export type End = "from" | "to";

export type Moment = { at: string } | { problem: string };

export const EXAMPLES = "Write it as 2026-11-20 14:00, 20 Nov, yesterday or now-7d.";

const MONTHS = "january february march april may june july august september october november december".split(" ");
const RELATIVE: Record<string, number> = { yesterday: -1, today: 0, tomorrow: 1 };
const UNIT_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

const INSTANT = /^\d{4}-\d{2}-\d{2}t[\d:.]+(z|[+-]\d{2}:\d{2})$/;
const AGO = /^now(?:\s*-\s*(\d{1,5})\s*([mhdw]))?$/;
/** A time behind a day, or alone. */
const TIME = /(?:^|[\s,t]+)(\d{1,2}):(\d{2})(?::\d{2})?$/;
const YEAR_MONTH_DAY = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;
const DAY_MONTH = /^(\d{1,2})\.?\s+([a-z]{3,9})\.?,?(?:\s+(\d{4}))?$/;
const MONTH_DAY = /^([a-z]{3,9})\.?\s+(\d{1,2}),?(?:\s+(\d{4}))?$/;

/** "7d" of "now-7d"; null for anything else. */
export function agoOf(text: string): string | null {
  const [, count, unit] = AGO.exec(text.trim().toLowerCase()) ?? [];
  return Number(count) > 0 && unit ? `${Number(count)}${unit}` : null;
}

/** Without a year it is the last such day: what is looked at has been. */
function namedDay(day: string, word: string, year: string | undefined, today: string): string | null {
  const month = MONTHS.findIndex((name) => name.startsWith(word)) + 1;
  if (month === 0) return null;
  if (year) return dayOf(Number(year), month, Number(day));
  const thisYear = Number(today.slice(0, 4));
  // A 29 February may be seven years ago.
  const years = Array.from({ length: 8 }, (_, back) => thisYear - back);
  const found = years.map((each) => dayOf(each, month, Number(day)));
  return found.find((each) => each !== null && each <= today) ?? null;
}

/** Undefined where the text names no day at all, null where it names one that does not exist. */
function dayIn(text: string, today: string): string | null | undefined {
  if (text === "") return today;
  const days = RELATIVE[text];
  if (days !== undefined) return plusDays(today, days);
  const [, year, month, day] = YEAR_MONTH_DAY.exec(text) ?? [];
  if (year) return dayOf(Number(year), Number(month), Number(day));
  const [, date, word, ofYear] = DAY_MONTH.exec(text) ?? [];
  if (date && word) return namedDay(date, word, ofYear, today);
  const [, first, second, then] = MONTH_DAY.exec(text) ?? [];
  return first && second ? namedDay(second, first, then, today) : undefined;
}

/** The instant that a text means, on the calendar and the clock of a zone; or what to do where it means none. */
export function momentOf(written: string, end: End, zone: string, now: Date): Moment {
  const text = written.trim().toLowerCase();
  if (text === "") return { problem: `Say a day and a time. ${EXAMPLES}` };
  if (INSTANT.test(text) && !Number.isNaN(Date.parse(written))) return { at: new Date(written.trim()).toISOString() };
  const [isNow, count, unit] = AGO.exec(text) ?? [];
  if (isNow) return { at: new Date(now.getTime() - Number(count ?? 0) * (UNIT_MS[unit ?? ""] ?? 0)).toISOString() };
  const [time = "", hour, minute] = TIME.exec(text) ?? [];
  const day = dayIn(text.slice(0, text.length - time.length), toWallClock(now.toISOString(), zone).slice(0, 10));
  if (day === undefined) return { problem: `“${written.trim()}” is no day or time that is known here. ${EXAMPLES}` };
  if (day === null) return { problem: `There is no day “${written.trim()}”.` };
  if (hour && (Number(hour) > 23 || Number(minute) > 59)) return { problem: `There is no time ${hour}:${minute}.` };
  const local = hour ? `${day}T${hour.padStart(2, "0")}:${minute}` : `${end === "to" ? plusDays(day, 1) : day}T00:00`;
  const at = fromWallClock(local, zone);
  return at ? { at } : { problem: `There is no day “${written.trim()}”.` };
}

/** A moment as it stands in a field: "2026-11-20 14:00". */
export function writtenMoment(at: string, zone: string): string {
  return toWallClock(at, zone).replace("T", " ");
}
