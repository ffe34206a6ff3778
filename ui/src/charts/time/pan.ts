/** Moving the range along, as a whole. Pure. */

export interface Range {
  from: string;
  to: string;
}

interface Buckets {
  starts: readonly string[];
  ends: readonly string[];
}

/**
 * The range so many buckets later (earlier, if negative). Null when it has no buckets, or would begin after `now`:
 * nothing is recorded of the future, so that later stops at the range that holds the present.
 */
export function panned({ starts, ends }: Buckets, by: number, now: number): Range | null {
  const [from, to] = [Date.parse(starts[0] ?? ""), Date.parse(ends.at(-1) ?? "")];
  if (Number.isNaN(from) || Number.isNaN(to) || by === 0) return null;
  if (by > 0 && to >= now) return null;
  const shift = ((to - from) / starts.length) * by;
  return { from: new Date(from + shift).toISOString(), to: new Date(to + shift).toISOString() };
}

/** How far Shift and an arrow move: a quarter of what is seen. */
export function panStep(count: number): number {
  return Math.max(1, Math.round(count / 4));
}
