/** Where things are inside a plot, in CSS pixels. The drawing library is told these margins, so both agree. Pure. */

export interface Plot {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Wide enough for a text of so many letters at the size of labels. */
export function textWidth(letters: number, scale: number): number {
  return Math.ceil(letters * 7 * scale);
}

/** `left` and `right` are the longest labels of the axes, in letters; `end` those at the ends of lines. */
export function plotOf(
  width: number,
  height: number,
  scale: number,
  letters: { left: number; right: number; end: number },
): Plot {
  const axis = (count: number) => (count > 0 ? textWidth(count, scale) + 12 * scale : 0);
  return {
    width,
    height,
    left: Math.round(Math.max(28 * scale, axis(letters.left))),
    // At least half of a label that stands under the last bucket.
    right: Math.round(Math.max(22 * scale, axis(letters.right), axis(letters.end))),
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

/** The left edge of a bucket; that of `count` is the right edge of the last one. */
export function edgeOf(plot: Plot, count: number, index: number): number {
  return plot.left + index * bandWidth(plot, count);
}

/** The middle of a bucket. */
export function middleOf(plot: Plot, count: number, index: number): number {
  return edgeOf(plot, count, index + 0.5);
}

/** The height at which a value stands, held inside the plot. */
export function heightOf(plot: Plot, { min, max }: { min: number; max: number }, value: number): number {
  const share = Math.max(0, Math.min(1, (value - min) / (max - min || 1)));
  return plot.height - plot.bottom - share * (plot.height - plot.bottom - plot.top);
}

/** How many buckets one label may stand for, so that labels `labelWidth` wide don't touch. */
export function labelEvery(plot: Plot, count: number, labelWidth: number): number {
  return Math.max(1, Math.ceil(labelWidth / Math.max(0.001, bandWidth(plot, count))));
}

/** Moves heights apart until none is nearer to the next than `gap`, and all are within `top` and `bottom`. */
export function spread(heights: number[], gap: number, top: number, bottom: number): number[] {
  const order = heights.map((_, index) => index).sort((a, b) => (heights[a] ?? 0) - (heights[b] ?? 0));
  const placed = [...heights];
  let free = top;
  for (const index of order) {
    placed[index] = Math.max(free, placed[index] ?? 0);
    free = (placed[index] ?? 0) + gap;
  }
  let limit = bottom;
  for (const index of order.reverse()) {
    placed[index] = Math.min(limit, placed[index] ?? 0);
    limit = (placed[index] ?? 0) - gap;
  }
  return placed;
}
