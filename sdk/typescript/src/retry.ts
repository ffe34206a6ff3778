/** When to send again what was not answered well. Pure. */

/** How long to wait between attempts. */
export interface RetryTimes {
  /** Before the second attempt, in milliseconds; doubled for each that follows. */
  firstMs: number;
  /** At most, in milliseconds. */
  maxMs: number;
}

/**
 * What an answer's status means for what was sent.
 * - `final`: the same content will never be taken;
 * - `later`: the server or the way to it has trouble, which passes;
 * - `setup`: address, key or permission is wrong, which somebody has to put right.
 */
export function meaningOf(status: number | null): "final" | "later" | "setup" {
  if (status === null || status === 408 || status === 425 || status === 429 || status >= 500) return "later";
  if (status === 400 || status === 413 || status === 415 || status === 422) return "final";
  return "setup";
}

/**
 * The wait after that many failures, in milliseconds: doubled each time, and between half and all of that by chance, so
 * that many clients do not come back at once. A longer wait that the server asks for is kept, with a tenth on top by chance.
 */
export function waitMs(times: RetryTimes, failures: number, retryAfterMs: number | null, chance: number): number {
  const full = Math.min(times.maxMs, times.firstMs * 2 ** Math.min(failures - 1, 30));
  const own = full / 2 + (full / 2) * chance;
  return Math.round(retryAfterMs === null ? own : Math.max(own, retryAfterMs * (1 + chance / 10)));
}

/** The value of a Retry-After header (seconds, or a date) in milliseconds from now. */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}
