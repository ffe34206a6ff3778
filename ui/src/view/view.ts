/** The view that all pages share, as the URL says it: which time, in which zone, against what, of which rows. Pure. */
import type { CompareWith, Filter, Granularity, Period, TimeRange } from "../api/types.ts";
import { BUCKET_SIZES } from "../format/time.ts";
import { boundFilter, boundOf, boundValue } from "./ranges.ts";

export const PERIODS: readonly Period[] = ["day", "week", "month", "quarter", "year", "all"];
export const GRANULARITIES: readonly Granularity[] = BUCKET_SIZES;
const COMPARISONS: readonly CompareWith[] = ["previous_period", "last_week", "last_month", "last_year"];

/**
 * Which values a dimension may have: `{ status: ["failed"] }`. With "!" before the name, which it may not; "" is none.
 * Figures have ranges (`ranges.ts`).
 */
export type Where = Record<string, string[]>;

/** Only what differs from the default is in the URL. Kept from page to page, but for `where`. */
export interface View {
  period?: Period;
  /** An explicit range, both ends; goes before `period` and `last`. */
  from?: string;
  to?: string;
  /** A length of time that ends now: "15m", "6h", "30d". */
  last?: string;
  /** An IANA zone, if not the viewer's own. */
  tz?: string;
  compare?: CompareWith | "off";
}

/** What is kept when a link to another page says nothing of it. */
export const KEPT_IN_URL: (keyof View)[] = ["period", "from", "to", "last", "tz", "compare"];

export function textOf(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

export function instantOf(value: unknown): string | undefined {
  const found = textOf(value);
  return found && !Number.isNaN(Date.parse(found)) ? found : undefined;
}

export function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((candidate) => candidate === value);
}

const LAST = /^([1-9]\d{0,4})([mhdw])$/;

function isZone(zone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: zone }));
  } catch {
    return false;
  }
}

/** Without the keys that have no value. */
export function compactObject<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}

/** Anything may stand in a URL; what is not understood is dropped. */
export function parseView(raw: Record<string, unknown>): View {
  const [from, to] = [instantOf(raw.from), instantOf(raw.to)];
  const isRange = from !== undefined && to !== undefined && Date.parse(from) < Date.parse(to);
  const last = textOf(raw.last);
  const zone = textOf(raw.tz);
  const compare = raw.compare === "off" ? "off" : oneOf(raw.compare, COMPARISONS);
  return compactObject<View>({
    period: oneOf(raw.period, PERIODS),
    from: isRange ? from : undefined,
    to: isRange ? to : undefined,
    last: last && LAST.test(last) ? last : undefined,
    tz: zone && isZone(zone) ? zone : undefined,
    compare: compare === "previous_period" ? undefined : compare,
  });
}

/**
 * The search of a route. A router adds what a parser says to the address as it is, so that what the parser drops would come
 * through; here it is said to be nothing.
 */
export function searchOf<Search extends object>(parse: (raw: Record<string, unknown>) => Search) {
  return (raw: Record<string, unknown>): Search => {
    const keys = Object.keys(raw).filter((key) => !(KEPT_IN_URL as string[]).includes(key));
    return { ...Object.fromEntries(keys.map((key) => [key, undefined])), ...parse(raw) };
  };
}

/** The same for the view, beside which each page has a search of its own. */
export function viewOf(raw: Record<string, unknown>): View {
  return { ...Object.fromEntries(KEPT_IN_URL.map((key) => [key, undefined])), ...parseView(raw) };
}

export function parseWhere(raw: unknown): Where | undefined {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return undefined;
  const where: Where = {};
  for (const [field, values] of Object.entries(raw)) {
    const list = (Array.isArray(values) ? values : [values]).filter((value) => typeof value === "string");
    const isUnderstood = boundOf(field) ? boundValue(list) !== null : list.length > 0;
    if (isUnderstood) where[field] = list;
  }
  return Object.keys(where).length > 0 ? where : undefined;
}

/** Dimensions whose values are numbers, although an address holds texts. */
const NUMBERS = ["weekday", "hour_of_day"];

/** The conditions of a question. */
export function filtersOf(where: Where | undefined): Filter[] {
  return Object.entries(where ?? {}).flatMap(([key, values]): Filter[] => {
    const bound = boundOf(key);
    if (bound) return boundFilter(bound, values);
    const isNot = key.startsWith("!");
    const field = isNot ? key.slice(1) : key;
    const known = values.filter((value) => value !== "");
    const conditions: Filter[] = [];
    const typed = NUMBERS.includes(field) ? known.map(Number) : known;
    if (typed.length > 0) conditions.push({ field, op: "in", values: typed });
    if (known.length < values.length) conditions.push({ field, op: "is_null" });
    const any: Filter = conditions.length === 1 && conditions[0] ? conditions[0] : { or: conditions };
    return [isNot ? { not: any } : any];
  });
}

/** Adds a value to what a dimension may be, or takes it away again. */
export function toggled(where: Where | undefined, key: string, value: string): Where | undefined {
  const before = where?.[key] ?? [];
  const after = before.includes(value) ? before.filter((each) => each !== value) : [...before, value];
  const { [key]: _, ...rest } = where ?? {};
  const next = after.length > 0 ? { ...rest, [key]: after } : rest;
  return Object.keys(next).length > 0 ? next : undefined;
}

const MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** How long "6h" is. */
export function lastMs(last: string): number {
  const [, count, unit] = LAST.exec(last) ?? [];
  return Number(count) * (MS[unit ?? ""] ?? 0);
}

/** The range of a question. `period` is what counts if the URL names no time. */
export function timeOf(view: View, period: Period): TimeRange {
  if (view.from && view.to) return { from: view.from, to: view.to };
  if (view.last) return { last: view.last };
  return { period: view.period ?? period };
}

/** The same for lists, which know no `last`: it starts at a whole minute, so that the request stays the same for one. */
export function listTimeOf(view: View, period: Period, now: Date): { from?: string; to?: string; period?: Period } {
  const { last, ...time } = timeOf(view, period);
  if (!last) return time;
  const start = Math.floor((now.getTime() - lastMs(last)) / 60_000) * 60_000;
  return { from: new Date(start).toISOString() };
}

const PERIOD_GRANULARITY: Record<Period, Granularity> = {
  day: "hour",
  week: "hour",
  month: "day",
  quarter: "day",
  year: "week",
  all: "month",
};

/** The granularity in which a range reads best: 24 to 192 points. */
export function granularityOf(view: View, period: Period): Granularity {
  const length = view.from && view.to ? Date.parse(view.to) - Date.parse(view.from) : view.last && lastMs(view.last);
  if (!length) return PERIOD_GRANULARITY[view.period ?? period];
  const hours = length / 3_600_000;
  if (hours <= 2) return "minute";
  if (hours <= 12) return "five_minutes";
  if (hours <= 26) return "quarter_hour";
  if (hours <= 24 * 8) return "hour";
  if (hours <= 24 * 120) return "day";
  return hours <= 24 * 600 ? "week" : "month";
}

/**
 * The range one length earlier (-1) or later (+1) than the one answered for. Stepping forward returns to the rolling
 * range where the next one would share more than half with it: time has moved on since `[` was pressed, and a range
 * that ends a moment ago would stand still. `all` has no neighbour.
 */
export function stepped<V extends View>(
  view: V,
  period: Period,
  shown: { from: string; to: string },
  direction: -1 | 1,
  now: Date,
): V {
  const { from: _from, to: _to, ...rest } = view;
  const isExplicit = Boolean(view.from);
  if (!isExplicit && (direction === 1 || (!view.last && (view.period ?? period) === "all"))) return view;
  const [from, to] = [Date.parse(shown.from), Date.parse(shown.to)];
  const length = to - from;
  // Undefined, not left out: what is left out would be kept from the address before.
  if (direction === 1 && to + length > now.getTime() - length / 2)
    return { ...rest, from: undefined, to: undefined } as V;
  return {
    ...rest,
    from: new Date(from + direction * length).toISOString(),
    to: new Date(to + direction * length).toISOString(),
  } as V;
}
