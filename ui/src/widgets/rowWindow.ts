/** Which rows of a long table are near the view, and how much room the others take. Pure. */

export interface RowWindow {
  /** The first row that is drawn, and the one after the last. */
  first: number;
  last: number;
  /** The heights of what is not drawn, in pixels. */
  before: number;
  after: number;
}

/** Rows are taken in and let go in groups, so that not every pixel of scrolling draws anew. */
export const GROUP = 10;

/**
 * `heights` are those of the rows, in pixels. `from` and `to` say which part of their sum is to be drawn; the window
 * reaches to the ends of the groups that it touches.
 */
export function rowWindow(heights: ArrayLike<number>, from: number, to: number): RowWindow {
  const count = heights.length;
  let [first, before, last, drawn, total] = [0, 0, 0, 0, 0];
  for (let start = 0; start < count; start += GROUP) {
    const end = Math.min(count, start + GROUP);
    const top = total;
    for (let index = start; index < end; index += 1) total += heights[index] ?? 0;
    if (total <= from) {
      first = end;
      before = total;
    }
    if (top < to) {
      last = end;
      drawn = total;
    }
  }
  // A view beyond the end still shows the last rows.
  if (first >= count && count > 0) return rowWindow(heights, total - 1, total);
  last = Math.max(last, first);
  return { first, last, before, after: total - Math.max(drawn, before) };
}

/** Where a row begins. */
export function offsetOf(heights: ArrayLike<number>, index: number): number {
  let offset = 0;
  for (let each = 0; each < index; each += 1) offset += heights[each] ?? 0;
  return offset;
}
