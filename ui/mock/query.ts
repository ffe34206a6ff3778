/** Enough of the query engine to answer what the pages ask, over rows in memory. The real one is the server's. */
import type { Answer, Cell, Column, Execution, Query } from "../src/api/types.ts";
import { fromWallClock, toWallClock } from "../src/format/time.ts";

const DAY = 86_400_000;

const measure = (
  name: string,
  label: string,
  unit: Column["unit"],
  definition: string,
  direction: Column["direction"] = null,
): Column => ({
  name,
  label,
  type: unit === "count" ? "integer" : "number",
  unit,
  role: "measure",
  definition,
  direction,
});

const MEASURES: Record<string, Column> = {
  count: measure(
    "count",
    "Total executions",
    "count",
    "Executions whose start (else queue) time lies in the range, whatever their status.",
  ),
  success_rate: measure(
    "success_rate",
    "Success rate",
    "percent",
    "Successful ÷ (successful + failed + timed out). Cancelled and open runs don't count.",
    "higher",
  ),
  count_success: measure("count_success", "Success", "count", "Executions that ended well.", "higher"),
  count_failed: measure("count_failed", "Failed", "count", "Executions that ended with an error.", "lower"),
  count_timeout: measure(
    "count_timeout",
    "Timeout",
    "count",
    "Executions that were stopped for taking too long.",
    "lower",
  ),
  count_cancelled: measure("count_cancelled", "Cancelled", "count", "Executions that somebody stopped."),
  count_running: measure("count_running", "Running", "count", "Executions that have started and not ended."),
  count_queued: measure("count_queued", "Queued", "count", "Executions that wait to start."),
  duration_avg: measure(
    "duration_avg",
    "Average duration",
    "ms",
    "Mean time from start to end of finished executions.",
    "lower",
  ),
};

function compute(name: string, rows: Execution[]): number | null {
  const by = (status: string) => rows.filter((row) => row.status === status).length;
  if (name === "count") return rows.length;
  if (name.startsWith("count_")) return by(name.slice(6));
  if (name === "cost" || name === "amount") return rows.reduce((sum, row) => sum + (row.cost_usd ?? 0), 0);
  if (name === "success_rate") {
    const done = by("success") + by("failed") + by("timeout");
    return done === 0 ? null : (by("success") / done) * 100;
  }
  const durations = rows.flatMap((row) => (row.duration_ms === null ? [] : [row.duration_ms]));
  if (!name.startsWith("duration_")) return null;
  if (name === "duration_p95") return durations.sort((a, b) => a - b)[Math.floor(durations.length * 0.95)] ?? null;
  return durations.length === 0 ? null : durations.reduce((a, b) => a + b, 0) / durations.length;
}

export function rangeOf(time: Query["time"], now: number): { from: number; to: number } {
  if (time.from && time.to) return { from: Date.parse(time.from), to: Date.parse(time.to) };
  const days = { day: 1, week: 7, month: 30, quarter: 91, year: 365, all: 2_500 }[time.period ?? "week"];
  return { from: now - days * DAY, to: now };
}

function floorTo(iso: string, size: string, zone: string): string {
  const local = toWallClock(iso, zone);
  const date = local.slice(0, 10);
  if (size === "minute") return local;
  if (size === "hour") return `${local.slice(0, 13)}:00`;
  if (size === "month") return `${local.slice(0, 7)}-01T00:00`;
  if (size === "week") {
    const day = new Date(`${date}T00:00Z`);
    day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
    return `${day.toISOString().slice(0, 10)}T00:00`;
  }
  return `${date}T00:00`;
}

function buckets(from: number, to: number, size: string, zone: string): string[] {
  const step = { minute: 60_000, hour: 3_600_000, day: DAY, week: 7 * DAY, month: 27 * DAY }[size] ?? DAY;
  const out = new Set<string>();
  for (let at = from; at < to + step && out.size < 800; at += step / 2) {
    if (at < to) out.add(floorTo(new Date(at).toISOString(), size, zone));
  }
  out.add(floorTo(new Date(to - 1).toISOString(), size, zone));
  return [...out];
}

function matches(row: Execution, filters: Query["filters"]): boolean {
  return (filters ?? []).every((filter) => {
    if (!("field" in filter)) return true;
    const value =
      filter.field === "workflow" ? row.workflow_id : filter.field === "trigger_type" ? row.trigger_type : row.status;
    return filter.op === "eq" ? value === filter.value : (filter.values ?? []).includes(value ?? "");
  });
}

function dimensionColumns(dimensions: string[]): Column[] {
  const names = dimensions.flatMap((name) => (name === "workflow" ? ["workflow", "workflow_name"] : [name]));
  return names.map((name) => ({
    name,
    label: name,
    type: "text",
    unit: null,
    role: "dimension",
    definition: null,
    direction: null,
  }));
}

function dimensionCells(name: string, row: Execution, zone: string): Cell[] {
  const local = toWallClock(row.event_time, zone);
  switch (name) {
    case "workflow":
      return [row.workflow_id, row.workflow_name];
    case "trigger_type":
      return [row.trigger_type];
    case "hour_of_day":
      return [Number(local.slice(11, 13))];
    case "weekday":
      return [new Date(`${local}Z`).getUTCDay() || 7];
    case "status":
      return [row.status];
    default:
      return [null];
  }
}

export function answerQuery(query: Query, all: Execution[], now: number): Answer {
  const zone = query.timezone ?? "Europe/Berlin";
  const { from, to } = rangeOf(query.time, now);
  const within = (a: number, b: number) =>
    all.filter((row) => {
      const at = Date.parse(row.event_time);
      return at >= a && at < b && matches(row, query.filters);
    });
  // Of the sources, only executions are made up.
  const rows = query.source === "executions" ? within(from, to) : [];
  const measures = query.measures.map((name) => MEASURES[name] ?? measure(name, name, "count", ""));
  const columns: Column[] = [];
  const result: Cell[][] = [];
  const values = (subset: Execution[]) => query.measures.map((name) => compute(name, subset));
  if (query.granularity) {
    columns.push({
      name: "time",
      label: "Time",
      type: "timestamp",
      unit: null,
      role: "time",
      definition: null,
      direction: null,
    });
    const groups = new Map<string, Execution[]>();
    for (const row of rows) {
      const key = floorTo(row.event_time, query.granularity, zone);
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
    const first =
      query.time.period === "all" ? Date.parse(all.at(-1)?.event_time ?? new Date(now).toISOString()) : from;
    for (const key of buckets(first, to, query.granularity, zone)) {
      result.push([fromWallClock(key, zone), ...values(groups.get(key) ?? [])]);
    }
  } else if (query.dimensions?.length) {
    columns.push(...dimensionColumns(query.dimensions));
    const dimensions = query.dimensions;
    const keyOf = (row: Execution) => JSON.stringify(dimensions.flatMap((name) => dimensionCells(name, row, zone)));
    const keys = [...new Set(rows.map(keyOf))];
    const groups = keys.map((key) => [
      ...(JSON.parse(key) as Cell[]),
      ...values(rows.filter((row) => keyOf(row) === key)),
    ]);
    const measured = columns.length + query.measures.indexOf(query.order?.[0]?.by ?? query.measures[0] ?? "");
    groups.sort((one, other) => Number(other[measured] ?? 0) - Number(one[measured] ?? 0));
    result.push(...groups.slice(0, query.limit));
  }
  const pad: null[] = columns.map(() => null);
  const totals = values(rows);
  const before = values(query.source === "executions" ? within(2 * from - to, from) : []);
  return {
    columns: [...columns, ...measures],
    rows: result,
    totals: [...pad, ...totals],
    comparison:
      query.compare && query.time.period !== "all"
        ? {
            from: new Date(2 * from - to).toISOString(),
            to: new Date(from).toISOString(),
            totals: [...pad, ...before],
            absolute: [
              ...pad,
              ...totals.map((value, i) => (value === null || before[i] == null ? null : value - (before[i] as number))),
            ],
            relative: [
              ...pad,
              ...totals.map((value, i) => (value === null || !before[i] ? null : value / (before[i] as number) - 1)),
            ],
            by_row: null,
          }
        : null,
    explain: null,
    other: null,
    differences: null,
    meta: {
      as_of: new Date(now).toISOString(),
      as_of_lsn: 18_204_331,
      served_by: "raw",
      has_more: false,
      exact: true,
      relative_error: null,
      from_cache: false,
      elapsed_ms: 6.2,
      rows_read: rows.length,
      gaps: [],
      unattributed: 0,
      conflicts: 2,
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      timezone: zone,
      granularity: query.granularity ?? null,
      requested_granularity: query.granularity ?? null,
      notes: [],
    },
  };
}
