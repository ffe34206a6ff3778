/** What the Overview shows, as the URL says it. Pure: parsing, and the steps from one view to the next. */
import type { Filter, Granularity, Period, TimeRange } from "../api/types.ts";
import { STATUSES, type Status } from "../theme/tokens.ts";

export const PERIODS: readonly Period[] = ["day", "week", "month", "quarter", "year", "all"];
export const GRANULARITIES: readonly Granularity[] = ["minute", "hour", "day", "week", "month"];
export const DEFAULT_PERIOD: Period = "week";
export const DEFAULT_ROWS = 25;
const MAX_ROWS = 200;

/** Only what differs from the default is in the URL. */
export interface OverviewSearch {
  period?: Period;
  from?: string;
  to?: string;
  compare?: "off";
  granularity?: Granularity;
  workflow?: string;
  trigger?: string;
  /** These narrow the table of executions only. */
  status?: Status[];
  q?: string;
  rows_from?: string;
  rows_to?: string;
  rows?: number;
}

function text(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

function instant(value: unknown): string | undefined {
  const found = text(value);
  return found && !Number.isNaN(Date.parse(found)) ? found : undefined;
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((candidate) => candidate === value);
}

/** Anything may stand in a URL; what is not understood is dropped. */
export function parseOverviewSearch(raw: Record<string, unknown>): OverviewSearch {
  const search: OverviewSearch = {};
  const set = <K extends keyof OverviewSearch>(key: K, value: OverviewSearch[K]) => {
    if (value !== undefined) search[key] = value;
  };
  const period = oneOf(raw.period, PERIODS);
  set("period", period === DEFAULT_PERIOD ? undefined : period);
  const [from, to] = [instant(raw.from), instant(raw.to)];
  if (from && to && Date.parse(from) < Date.parse(to)) {
    set("from", from);
    set("to", to);
  }
  set("compare", raw.compare === "off" ? "off" : undefined);
  set("granularity", oneOf(raw.granularity, GRANULARITIES));
  set("workflow", text(raw.workflow));
  set("trigger", text(raw.trigger));
  const statuses = (Array.isArray(raw.status) ? raw.status : String(raw.status ?? "").split(",")) as unknown[];
  const known = STATUSES.filter((status) => statuses.includes(status));
  set("status", known.length > 0 ? known : undefined);
  set("q", text(raw.q));
  const [rowsFrom, rowsTo] = [instant(raw.rows_from), instant(raw.rows_to)];
  if (rowsFrom && rowsTo) {
    set("rows_from", rowsFrom);
    set("rows_to", rowsTo);
  }
  const rows = Number(raw.rows);
  set("rows", Number.isInteger(rows) && rows > DEFAULT_ROWS ? Math.min(rows, MAX_ROWS) : undefined);
  return search;
}

export function timeOf(search: OverviewSearch): TimeRange {
  if (search.from && search.to) return { from: search.from, to: search.to };
  return { period: search.period ?? DEFAULT_PERIOD };
}

/** The granularity that a range reads best in when nobody chose one: 24 to 192 points. */
export function granularityOf(search: OverviewSearch): Granularity {
  if (search.granularity) return search.granularity;
  if (search.from && search.to) {
    const hours = (Date.parse(search.to) - Date.parse(search.from)) / 3_600_000;
    if (hours <= 2) return "minute";
    if (hours <= 24 * 8) return "hour";
    if (hours <= 24 * 120) return "day";
    return hours <= 24 * 600 ? "week" : "month";
  }
  switch (search.period ?? DEFAULT_PERIOD) {
    case "day":
    case "week":
      return "hour";
    case "month":
    case "quarter":
      return "day";
    case "year":
      return "week";
    default:
      return "month";
  }
}

export function filtersOf(search: OverviewSearch): Filter[] {
  const filters: Filter[] = [];
  if (search.workflow) filters.push({ field: "workflow", op: "eq", value: search.workflow });
  if (search.trigger) filters.push({ field: "trigger_type", op: "eq", value: search.trigger });
  return filters;
}

/**
 * The range one period earlier (-1) or later (+1) than the one answered for. Stepping forward returns to the rolling
 * period where the next range would share more than half with it: time has moved on since `[` was pressed, and a range
 * that ends a moment ago would stand still. `all` has no neighbour.
 */
export function stepPeriod(
  search: OverviewSearch,
  shown: { from: string; to: string },
  direction: -1 | 1,
  now: Date,
): OverviewSearch {
  const { from: _from, to: _to, rows_from: _rowsFrom, rows_to: _rowsTo, ...rest } = search;
  const isCustom = Boolean(search.from);
  if (!isCustom && (direction === 1 || search.period === "all")) return search;
  const [from, to] = [Date.parse(shown.from), Date.parse(shown.to)];
  const length = to - from;
  if (direction === 1 && to + length > now.getTime() - length / 2) return rest;
  return {
    ...rest,
    from: new Date(from + direction * length).toISOString(),
    to: new Date(to + direction * length).toISOString(),
  };
}
