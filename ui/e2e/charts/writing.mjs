// How Tacho writes numbers and times, by the rules of the design language: written down a second time, so that the application is
// not held to itself.
const NUMBER = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
const CENTS = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const minus = (text) => text.replace("-", "−");
const two = (value) => String(value).padStart(2, "0");

function duration(ms) {
  if (ms < 0) return `−${duration(-ms)}`;
  if (ms < 999.5) return `${ms < 10 && !Number.isInteger(ms) ? ms.toFixed(1) : Math.round(ms)} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 2880) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} m`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${two(hours % 24)} h`;
}

/** Two places that count under a cent, but no more than six decimals. */
function money(usd) {
  if (usd < 0) return `−${money(-usd)}`;
  if (usd === 0 || usd >= 0.01) return `$${CENTS.format(usd)}`;
  const decimals = Math.min(6, Math.ceil(-Math.log10(usd)) + 1);
  return `$${Number(usd.toPrecision(2)).toFixed(decimals)}`;
}

/** What is not all is never 100, and what is not nothing never 0. */
function percent(value) {
  if (value === 0 || value === 100) return `${value} %`;
  const shown = value.toFixed(1);
  if (value < 100 && shown === "100.0") return "99.9 %";
  return minus(`${value > 0 && shown === "0.0" ? "0.1" : shown} %`);
}

function bytes(value) {
  if (value < 1000) return `${Math.round(value)} B`;
  const units = ["KB", "MB", "GB", "TB", "PB"];
  const at = units.findIndex((_, power) => value / 1000 ** (power + 1) < 999.95);
  return `${(value / 1000 ** (at + 1)).toFixed(1)} ${units[at]}`;
}

const WRITE = {
  ms: duration,
  minutes: (value) => duration(value * 60_000),
  usd: money,
  percent,
  bytes,
  megabytes: (value) => bytes(value * 1e6),
};

/** A value of a table: words as they are, figures by their unit, and a dash for what is not known. */
export function written(value, unit) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "string") return value;
  return (WRITE[unit] ?? ((number) => minus(NUMBER.format(number))))(value);
}

export const counted = (count, one) => `${NUMBER.format(count)} ${one}${count === 1 ? "" : "s"}`;

/** Spaces that keep a figure together are spaces. */
export const plain = (text) => text.replaceAll("\u00A0", " ").trim();

const part = (at, zone, options) => new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }).format(at);

/** "Sun 22 Nov, 14:00–15:00", with seconds where they tell buckets apart, and for a day without the hours. */
export function bucketName(start, end, size, zone) {
  const [from, to] = [new Date(start), new Date(end)];
  const day = part(from, zone, { weekday: "short", day: "numeric", month: "short" }).replace(",", "");
  if (size === "day") return day;
  const second = size === "half_minute" ? { second: "2-digit" } : {};
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...second };
  return `${day}, ${part(from, zone, clock)}–${part(to, zone, clock)}`;
}

/** Where the last bucket ends: a day may have 23 or 25 hours. */
export function bucketEnd(start, size, zone) {
  const after = (hours) => new Date(Date.parse(start) + hours * 3_600_000);
  if (size === "hour") return after(1).toISOString();
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const midnight = [23, 24, 25].map(after).find((at) => part(at, zone, clock) === "00:00");
  if (!midnight) throw new Error(`no end is known of a ${size} that begins ${start}`);
  return midnight.toISOString();
}
