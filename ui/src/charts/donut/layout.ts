/** The slices of a donut: at most eight, clockwise from the top. Pure. */
import { colorsOf, OTHER } from "../colors.ts";
import type { Look } from "../frame/look.ts";
import type { DonutChartModel } from "../model.ts";

export const SLICES_MAX = 8;

export interface Slice {
  name: string;
  label: string;
  value: number | null;
  /** Per cent of the total; null where the total is not known. */
  share: number | null;
  color: string;
  /** Radians, clockwise, 0 at the right. */
  from: number;
  to: number;
  /** Stands for several items: there is no one thing behind it. */
  isRest: boolean;
}

const FULL = 2 * Math.PI;
const TOP = -Math.PI / 2;

/** What is beyond eight stands together as the last; the table has every item. */
export function slicesOf({ items, total }: DonutChartModel, tokens: Look["tokens"]): Slice[] {
  const isLong = items.length > SLICES_MAX;
  const own = isLong ? items.slice(0, SLICES_MAX - 1) : items;
  const rest = isLong ? items.slice(SLICES_MAX - 1) : [];
  const colors = colorsOf(
    own.map(({ name }) => name),
    "",
    tokens,
  );
  const shown = own.map((item) => ({
    name: item.name,
    label: item.label,
    value: item.value,
    color: item.color ?? colors.get(item.name) ?? tokens.accent,
    isRest: false,
  }));
  if (isLong) {
    const value = rest.reduce((sum, item) => sum + (item.value ?? 0), 0);
    const color = tokens.series.at(-1) ?? tokens.muted;
    shown.push({ name: OTHER, label: `${rest.length} others`, value, color, isRest: true });
  }
  const sum = shown.reduce((all, { value }) => all + Math.max(0, value ?? 0), 0);
  let angle = TOP;
  return shown.map((slice) => {
    const from = angle;
    angle += sum > 0 ? (Math.max(0, slice.value ?? 0) / sum) * FULL : 0;
    return { ...slice, share: slice.value !== null && total ? (slice.value / total) * 100 : null, from, to: angle };
  });
}

export interface Ring {
  cx: number;
  cy: number;
  r: number;
  r0: number;
}

export function ringOf({ width, height }: Pick<Look, "width" | "height">): Ring {
  const r = Math.max(8, Math.min(width, height) / 2 - 4);
  return { cx: width / 2, cy: height / 2, r, r0: r * 0.66 };
}

/** The slice under a place; null beside the ring. */
export function sliceAt(slices: Slice[], { cx, cy, r, r0 }: Ring, x: number, y: number): number | null {
  const distance = Math.hypot(x - cx, y - cy);
  if (distance < r0 || distance > r) return null;
  const turned = (Math.atan2(y - cy, x - cx) - TOP + 2 * FULL) % FULL;
  const found = slices.findIndex(({ from, to }) => turned >= from - TOP && turned < to - TOP);
  return found < 0 ? null : found;
}
