/**
 * How Tacho writes a number: the design language's rules, pure, in one place.
 * `compact` is for charts and KPIs, `exact` for tables and tooltips. Unknown (null) is always an en dash.
 */

export type Unit =
  | "count"
  | "per_minute"
  | "percent"
  | "ms"
  | "minutes"
  | "usd"
  | "credits"
  | "bytes"
  | "megabytes"
  | "tokens"
  | "score"
  | "value"
  | null;

const MS_PER_MINUTE = 60_000;
const BYTES_PER_MEGABYTE = 1_000_000;
/** Units whose figures are shown as plain numbers, and short where there is little room. */
const PLAIN: Unit[] = ["count", "credits", "tokens", "score", "value", null];

export const UNKNOWN = "–";
const MINUS = "−";
/** Thin enough to keep "3 m 12 s" together, and it never breaks. */
const NBSP = "\u00A0";

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const upToTwo = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });

function signed(text: string): string {
  return text.replace("-", MINUS);
}

/** 1,234 */
export function exactCount(value: number): string {
  return signed(Number.isInteger(value) ? grouped.format(value) : upToTwo.format(value));
}

/** 9,999 · 12.4 k · 3.2 M · 1.1 G. Under ten thousand the exact figure is short enough. */
export function compactCount(value: number): string {
  const size = Math.abs(value);
  if (size < 9_999.5) return exactCount(value);
  for (const [limit, divisor, suffix] of [
    [999_950, 1e3, "k"],
    [999_950_000, 1e6, "M"],
    [Number.POSITIVE_INFINITY, 1e9, "G"],
  ] as const) {
    if (size < limit) return signed(`${(value / divisor).toFixed(1)}${NBSP}${suffix}`);
  }
  return exactCount(value);
}

/** 820 ms · 4.2 s · 45 s · 3 m 12 s · 2 h 05 m · 3 d 04 h */
export function duration(ms: number): string {
  const sign = ms < 0 ? MINUS : "";
  const size = Math.abs(ms);
  if (size < 999.5)
    return `${sign}${size < 10 && !Number.isInteger(size) ? size.toFixed(1) : Math.round(size)}${NBSP}ms`;
  if (size < 9_950) return `${sign}${(size / 1000).toFixed(1)}${NBSP}s`;
  const seconds = Math.round(size / 1000);
  if (seconds < 60) return `${sign}${seconds}${NBSP}s`;
  if (seconds < 3600) return `${sign}${Math.floor(seconds / 60)}${NBSP}m${NBSP}${pad(seconds % 60)}${NBSP}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return `${sign}${Math.floor(minutes / 60)}${NBSP}h${NBSP}${pad(minutes % 60)}${NBSP}m`;
  const hours = Math.round(minutes / 60);
  return `${sign}${Math.floor(hours / 24)}${NBSP}d${NBSP}${pad(hours % 24)}${NBSP}h`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

/** $12.40 · $0.0042 · $0.00: four significant places under a cent, cents otherwise. */
export function money(usd: number): string {
  const sign = usd < 0 ? MINUS : "";
  const size = Math.abs(usd);
  if (size === 0) return "$0.00";
  if (size < 0.01) return `${sign}$${Number(size.toPrecision(2)).toFixed(Math.min(6, decimalsFor(size)))}`;
  return `${sign}$${size.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

function decimalsFor(size: number): number {
  return Math.max(2, Math.ceil(-Math.log10(size)) + 1);
}

/** 94.5 % ; what is not quite all is never rounded up to 100, nor what is not quite nothing down to 0. */
export function percent(value: number): string {
  let shown = value.toFixed(1);
  if (value < 100 && shown === "100.0") shown = "99.9";
  if (value > 0 && shown === "0.0") shown = "0.1";
  return signed(`${shown.replace(/\.0$/, value === 100 || value === 0 ? "" : ".0")}${NBSP}%`);
}

/** 512 B · 1.4 KB · 12.0 MB · 3.4 GB, in powers of 1000 as disks are sold. */
export function bytes(value: number): string {
  if (Math.abs(value) < 1000) return signed(`${Math.round(value)}${NBSP}B`);
  const units = ["KB", "MB", "GB", "TB", "PB"];
  let size = value;
  let unit = "B";
  for (const next of units) {
    if (Math.abs(size) < 999.95) break;
    size /= 1000;
    unit = next;
  }
  return signed(`${size.toFixed(1)}${NBSP}${unit}`);
}

/** A value of a column: short for a KPI, an axis or a label. */
export function compact(value: number | null, unit: Unit): string {
  if (value == null || Number.isNaN(value)) return UNKNOWN;
  return PLAIN.includes(unit) ? compactCount(value) : exact(value, unit);
}

/** A value of a column: for tables and tooltips. */
export function exact(value: number | null, unit: Unit): string {
  if (value == null || Number.isNaN(value)) return UNKNOWN;
  switch (unit) {
    case "per_minute":
      return `${compactCount(value)}/min`;
    case "percent":
      return percent(value);
    case "ms":
      return duration(value);
    case "minutes":
      return duration(value * MS_PER_MINUTE);
    case "usd":
      return money(value);
    case "bytes":
      return bytes(value);
    case "megabytes":
      return bytes(value * BYTES_PER_MEGABYTE);
    default:
      return exactCount(value);
  }
}

export type Verdict = "good" | "bad" | "neutral";

export interface Change {
  /** "+12.3 % ↑", "+2.1 pp ↑", "±0 %" */
  text: string;
  verdict: Verdict;
}

/**
 * The change from `before` to `now`, judged by which direction is better. Rates differ in percentage points,
 * everything else in per cent. Null when either side is unknown, or when it grew from nothing.
 */
export function change(
  now: number | null,
  before: number | null,
  unit: Unit,
  better: "higher" | "lower" | null,
): Change | null {
  if (now == null || before == null) return null;
  if (unit === "percent") return judged(now - before, `${NBSP}pp`, better);
  if (before === 0) return now === 0 ? judged(0, `${NBSP}%`, better) : null;
  return judged(((now - before) / Math.abs(before)) * 100, `${NBSP}%`, better);
}

function judged(delta: number, unit: string, better: "higher" | "lower" | null): Change {
  const size = Math.abs(delta);
  const rounded = size >= 99.5 ? grouped.format(Math.round(size)) : size.toFixed(1);
  if (Number(rounded) === 0) return { text: `±0${unit}`, verdict: "neutral" };
  const up = delta > 0;
  const text = `${up ? "+" : MINUS}${rounded.replace(/\.0$/, "")}${unit}${NBSP}${up ? "↑" : "↓"}`;
  if (better == null) return { text, verdict: "neutral" };
  return { text, verdict: up === (better === "higher") ? "good" : "bad" };
}

/** A share of a whole in per cent, null when there is no whole. */
export function share(part: number, whole: number): number | null {
  return whole > 0 ? (part / whole) * 100 : null;
}

/** "1 execution", "2 executions" */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${exactCount(count)}${NBSP}${count === 1 ? one : many}`;
}
