import { shortTime } from "../../format/time.ts";

const NBSP = "\u00A0";

/** "due now", "in 12 s", "in 5 m", "in 3 h"; a day and farther is the date itself. Pure. */
export function until(iso: string, zone: string, now: Date): string {
  const seconds = Math.round((Date.parse(iso) - now.getTime()) / 1000);
  if (seconds <= 0) return "due now";
  if (seconds < 60) return `in ${seconds}${NBSP}s`;
  if (seconds < 3600) return `in ${Math.floor(seconds / 60)}${NBSP}m`;
  if (seconds < 86_400) return `in ${Math.floor(seconds / 3600)}${NBSP}h`;
  return shortTime(iso, zone, now);
}
