/** Instants in the viewer's zone. Pure: the zone and "now" are arguments. */

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const id = `${zone}|${key}`;
  let found = formats.get(id);
  if (!found) {
    found = new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options });
    formats.set(id, found);
  }
  return found;
}

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

function partsIn(zone: string, at: Date): Parts {
  const out: Record<string, number> = {};
  const formatter = format(zone, "parts", {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  for (const { type, value } of formatter.formatToParts(at)) out[type] = Number(value);
  return out as unknown as Parts;
}

/** The zone's offset from UTC at an instant, in milliseconds. */
function offsetMs(zone: string, at: Date): number {
  const p = partsIn(zone, at);
  return Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second) - Math.floor(at.getTime() / 1000) * 1000;
}

/** "2026-11-22T14:05" as a wall clock in `zone` shows it, for a date-time input. */
export function toWallClock(iso: string, zone: string): string {
  const p = partsIn(zone, new Date(iso));
  const two = (value: number) => String(value).padStart(2, "0");
  return `${p.year}-${two(p.month)}-${two(p.day)}T${two(p.hour)}:${two(p.minute)}`;
}

/**
 * The instant at which a wall clock in `zone` shows `local`. In the hour that a zone skips it is the instant
 * after the gap; in the hour that it repeats, the first of the two. Null when the text is no date.
 */
export function fromWallClock(local: string, zone: string): string | null {
  const asUtc = Date.parse(`${local}Z`);
  if (Number.isNaN(asUtc)) return null;
  const before = asUtc - offsetMs(zone, new Date(asUtc - 86_400_000));
  if (toWallClock(new Date(before).toISOString(), zone) === local.slice(0, 16)) return new Date(before).toISOString();
  const after = asUtc - offsetMs(zone, new Date(asUtc + 86_400_000));
  if (toWallClock(new Date(after).toISOString(), zone) === local.slice(0, 16)) return new Date(after).toISOString();
  return new Date(Math.max(before, after)).toISOString();
}

/** "22 Nov 2026, 14:05:09" */
export function exactTime(iso: string, zone: string): string {
  return format(zone, "exact", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).format(new Date(iso));
}

/** "22 Nov, 14:05" and with the year where it is another one. */
export function shortTime(iso: string, zone: string, now: Date): string {
  const at = new Date(iso);
  const sameYear = partsIn(zone, at).year === partsIn(zone, now).year;
  return format(zone, sameYear ? "short" : "short-year", {
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(at);
}

/** "14:05:09" */
export function clock(iso: string, zone: string): string {
  return format(zone, "clock", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(
    new Date(iso),
  );
}

/** "now", "12 s ago", "5 m ago", "3 h ago"; a day and older is the date itself. */
export function relativeTime(iso: string, zone: string, now: Date): string {
  const seconds = Math.round((now.getTime() - Date.parse(iso)) / 1000);
  if (seconds < -5) return shortTime(iso, zone, now);
  if (seconds < 5) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return shortTime(iso, zone, now);
}

export const BUCKET_SIZES = [
  "minute",
  "five_minutes",
  "quarter_hour",
  "hour",
  "day",
  "week",
  "month",
  "quarter",
  "year",
] as const;

/** Half a minute is of what is counted live; questions can't ask for it. */
export type BucketSize = (typeof BUCKET_SIZES)[number] | "half_minute";

/** What follows "per". */
export const BUCKET_WORD: Record<BucketSize, string> = {
  half_minute: "30 seconds",
  minute: "minute",
  five_minutes: "5 minutes",
  quarter_hour: "15 minutes",
  hour: "hour",
  day: "day",
  week: "week",
  month: "month",
  quarter: "quarter",
  year: "year",
};

const BUCKET_MS: Partial<Record<BucketSize, number>> = {
  half_minute: 30_000,
  minute: 60_000,
  five_minutes: 300_000,
  quarter_hour: 900_000,
  hour: 3_600_000,
};
const BUCKET_DAYS: Partial<Record<BucketSize, number>> = { day: 1, week: 7 };
const BUCKET_MONTHS: Partial<Record<BucketSize, number>> = { month: 1, quarter: 3, year: 12 };

/** Where a bucket ends: hours are lengths of time, days and longer are of the calendar in `zone`. */
export function bucketEnd(iso: string, size: BucketSize, zone: string): string {
  const length = BUCKET_MS[size];
  if (length) return new Date(Date.parse(iso) + length).toISOString();
  const date = new Date(`${toWallClock(iso, zone).slice(0, 10)}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + (BUCKET_DAYS[size] ?? 0));
  date.setUTCMonth(date.getUTCMonth() + (BUCKET_MONTHS[size] ?? 0));
  const local = `${date.toISOString().slice(0, 10)}T00:00`;
  return fromWallClock(local, zone) ?? iso;
}

function quarterOf(at: Date, zone: string): string {
  const p = partsIn(zone, at);
  return `Q${Math.ceil(p.month / 3)} ${p.year}`;
}

/** A bucket's name on an axis. */
export function bucketLabel(iso: string, size: BucketSize, zone: string): string {
  const at = new Date(iso);
  switch (size) {
    case "year":
      return format(zone, "year", { year: "numeric" }).format(at);
    case "quarter":
      return quarterOf(at, zone);
    case "month":
      return format(zone, "month", { month: "short", year: "numeric" }).format(at);
    case "week":
    case "day":
      return format(zone, "day", { day: "numeric", month: "short" }).format(at);
    default: {
      const p = partsIn(zone, at);
      if (p.hour === 0 && p.minute === 0) return format(zone, "day", { day: "numeric", month: "short" }).format(at);
      return format(zone, "hm", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
    }
  }
}

/** A bucket's full name, for tooltips, tables and announcements: "Sun 22 Nov, 14:00–15:00". */
export function bucketName(iso: string, nextIso: string | null, size: BucketSize, zone: string): string {
  const at = new Date(iso);
  const day = format(zone, "weekday", { weekday: "short", day: "numeric", month: "short" }).format(at).replace(",", "");
  switch (size) {
    case "year":
      return format(zone, "year", { year: "numeric" }).format(at);
    case "quarter":
      return quarterOf(at, zone);
    case "month":
      return format(zone, "month-long", { month: "long", year: "numeric" }).format(at);
    case "week":
      // A year of weeks begins and ends with the same date.
      return `Week of ${day} ${partsIn(zone, at).year}`;
    case "day":
      return day;
    case "half_minute":
      return `${day}, ${clock(iso, zone)}${nextIso ? `–${clock(nextIso, zone)}` : ""}`;
    default: {
      const hm = format(zone, "hm", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
      return `${day}, ${hm.format(at)}${nextIso ? `–${hm.format(new Date(nextIso))}` : ""}`;
    }
  }
}

/** "22 Nov, 14:00 – 23 Nov, 14:00" */
export function rangeLabel(from: string, to: string, zone: string, now: Date): string {
  return `${shortTime(from, zone, now)} – ${shortTime(to, zone, now)}`;
}

export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}
