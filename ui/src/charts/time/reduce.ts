/**
 * No more is drawn than the pixels can show. Only the drawing is reduced: cursor, table and file keep every bucket. Pure.
 */

/** Narrower bars can't be told apart. */
export const BAR_MIN_PX = 3;

export interface Point {
  /** The bucket it stands at. */
  index: number;
  value: number | null;
}

/** How many neighbouring buckets share one mark that is at least `least` pixels wide. */
export function mergedBy(bucketPx: number, least: number): number {
  return bucketPx >= least || bucketPx <= 0 ? 1 : Math.ceil(least / bucketPx);
}

/**
 * One mark for each `by` buckets: their mean, so that the axis stays true to a single bucket and the area to the sum.
 * Unknown buckets don't count; null where none is known.
 */
export function means(values: (number | null)[], by: number): Point[] {
  const points: Point[] = [];
  for (let start = 0; start < values.length; start += by) {
    const known = values.slice(start, start + by).filter((value): value is number => value !== null);
    const index = Math.min(values.length - 1, start + Math.floor((by - 1) / 2));
    points.push({
      index,
      value: known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : null,
    });
  }
  return points;
}

/** The least and the greatest of each `by` buckets in the order of time: a line keeps its peaks. */
export function extremes(values: (number | null)[], by: number): Point[] {
  if (by <= 1) return values.map((value, index) => ({ index, value }));
  const points: Point[] = [];
  for (let start = 0; start < values.length; start += by) {
    let low: Point | null = null;
    let high: Point | null = null;
    for (let index = start; index < Math.min(values.length, start + by); index++) {
      const value = values[index] ?? null;
      if (value === null) continue;
      if (low === null || value < (low.value ?? 0)) low = { index, value };
      if (high === null || value > (high.value ?? 0)) high = { index, value };
    }
    if (low === null || high === null) points.push({ index: start, value: null });
    else if (low.index === high.index) points.push(low);
    else points.push(...(low.index < high.index ? [low, high] : [high, low]));
  }
  return points;
}
