/** Where things are inside a plot, in CSS pixels. The drawing library is told these margins, so both agree. Pure. */

export interface Plot {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export function plotOf(width: number, height: number, scale: number): Plot {
  return {
    width,
    height,
    left: Math.round(44 * scale),
    // Half of a label that stands under the last bucket.
    right: Math.round(22 * scale),
    top: Math.round(10 * scale),
    bottom: Math.round(26 * scale),
  };
}

export function bandWidth(plot: Plot, count: number): number {
  return Math.max(0, plot.width - plot.left - plot.right) / Math.max(1, count);
}

/** The bucket under `x`, or null beside the plot. */
export function indexAt(plot: Plot, count: number, x: number): number | null {
  if (count === 0 || x < plot.left || x > plot.width - plot.right) return null;
  return Math.min(count - 1, Math.floor((x - plot.left) / bandWidth(plot, count)));
}

/** The middle of a bucket. */
export function middleOf(plot: Plot, count: number, index: number): number {
  return plot.left + (index + 0.5) * bandWidth(plot, count);
}

/** How many buckets one label may stand for, so that labels `labelWidth` wide don't touch. */
export function labelEvery(plot: Plot, count: number, labelWidth: number): number {
  return Math.max(1, Math.ceil(labelWidth / Math.max(1, bandWidth(plot, count))));
}

/** Where a key moves the cursor; null when the key is no move. Without a cursor, right starts at the left end. */
export function cursorAfter(key: string, cursor: number | null, count: number): number | null {
  const last = count - 1;
  const at = (index: number) => Math.max(0, Math.min(last, index));
  switch (key) {
    case "ArrowRight":
      return cursor === null ? 0 : at(cursor + 1);
    case "ArrowLeft":
      return cursor === null ? last : at(cursor - 1);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}
