/** Round values for an axis and how they are written: short, because the steps say how exact they are. Pure. */
import { bytes, compactCount, duration, type Unit } from "./format.ts";

const NBSP = "\u00A0";
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Steps that people read as round, above those of the decimal system. */
const DURATION_STEPS = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
];

const MS_PER: Partial<Record<string, number>> = { ms: 1, minutes: MINUTE };
const BYTES_PER_MEGABYTE = 1_000_000;

/** The smallest of 1, 2, 2.5 and 5 times a power of ten that is at least `least`. */
function decimalStep(least: number, isWhole: boolean): number {
  if (isWhole && least <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  const steps = isWhole && power < 10 ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10];
  // The power may be a hair over what it stands for.
  return (steps.find((step) => step * power >= least * (1 - 1e-9)) ?? 10) * power;
}

export function stepOf(least: number, unit: Unit): number {
  const ms = MS_PER[unit ?? ""];
  if (ms) {
    const wanted = least * ms;
    const found = DURATION_STEPS.find((step) => step >= wanted) ?? decimalStep(wanted / DAY, true) * DAY;
    return (wanted < 1 ? decimalStep(wanted, false) : found) / ms;
  }
  return decimalStep(least, unit === "count");
}

export interface Scale {
  min: number;
  max: number;
  step: number;
}

function scaleIn(min: number, max: number, unit: Unit, count: number): Scale {
  const span = max - min;
  const step = stepOf(span > 0 ? span / count : 1, unit);
  const low = Math.floor(min / step + 1e-9) * step;
  const steps = Math.max(1, Math.ceil((max - low) / step - 1e-9));
  return { min: low, max: low + steps * step, step };
}

/** From `min` to at least `max` in four or five round steps or fewer, whichever leaves less room empty. */
export function niceScale(min: number, max: number, unit: Unit): Scale {
  const [four, five] = [scaleIn(min, max, unit, 4), scaleIn(min, max, unit, 5)];
  return five.max - five.min < (four.max - four.min) * (1 - 1e-9) ? five : four;
}

export function ticksOf({ min, max, step }: Scale): number[] {
  return Array.from({ length: Math.round((max - min) / step) + 1 }, (_, index) => min + index * step);
}

/** Without the zeros that say nothing: "2 m" for "2 m 00 s", "20 k" for "20.0 k". */
function trimmed(text: string): string {
  return text.replace(/\u00A000\u00A0[smh]$/, "").replace(/\.0(?=\D|$)/, "");
}

function decimalsOf(step: number): number {
  for (let digits = 0; digits < 9; digits++) {
    if (Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) < 1e-6) return digits;
  }
  return 9;
}

export function tickText(value: number, unit: Unit, step: number): string {
  if (Math.abs(value) < step / 1e6) return unit === "usd" ? "$0" : unit === "percent" ? `0${NBSP}%` : "0";
  switch (unit) {
    case "ms":
      return trimmed(duration(value));
    case "minutes":
      return trimmed(duration(value * MINUTE));
    case "bytes":
      return trimmed(bytes(value));
    case "megabytes":
      return trimmed(bytes(value * BYTES_PER_MEGABYTE));
    case "percent":
      return `${value.toFixed(decimalsOf(step))}${NBSP}%`;
    case "usd": {
      const size = Math.abs(value);
      const sign = value < 0 ? "−" : "";
      return `${sign}$${size >= 10_000 ? trimmed(compactCount(size)) : plain(size, step, decimalsOf(step) === 1 ? 2 : undefined)}`;
    }
    case "per_minute":
      return `${Math.abs(value) >= 10_000 ? trimmed(compactCount(value)) : plain(value, step)}/min`;
    default:
      return Math.abs(value) >= 10_000 ? trimmed(compactCount(value)) : plain(value, step);
  }
}

function plain(value: number, step: number, digits = decimalsOf(step)): string {
  return value
    .toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })
    .replace("-", "−");
}
