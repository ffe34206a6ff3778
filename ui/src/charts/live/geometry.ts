/** Where the bars of a chart that moves with time stand. Pure. */
import { isStacked, type Series, type TimeChartModel } from "../model.ts";
import { heightOf, type Plot } from "../time/geometry.ts";

/** From an instant to its place: `origin` is the instant at 0, which stays the same while time goes on. */
export interface TimeScale {
  origin: number;
  pxPerMs: number;
}

export function placeOf({ origin, pxPerMs }: TimeScale, instant: number): number {
  return (instant - origin) * pxPerMs;
}

const GAP_PX = 1;

export interface Bars {
  name: string;
  color: string;
  /** All bars of the series, as one path. */
  path: string;
}

/** The series on each other, each as one path. */
export function barsOf(
  model: TimeChartModel,
  shown: readonly Series[],
  plot: Plot,
  axis: { min: number; max: number },
  scale: TimeScale,
): Bars[] {
  const edges = model.starts.map((start, index): [number, number] => [
    placeOf(scale, Date.parse(start)),
    placeOf(scale, Date.parse(model.ends[index] ?? start)),
  ]);
  const below = model.starts.map(() => 0);
  return shown.filter(isStacked).map(({ name, color, values }) => ({
    name,
    color,
    path: edges
      .map(([from, to], index) => {
        const [base, value] = [below[index] ?? 0, values[index] ?? 0];
        if (value <= 0) return "";
        below[index] = base + value;
        const [bottom, top] = [heightOf(plot, axis, base), heightOf(plot, axis, base + value)];
        const left = from.toFixed(2);
        return `M${left} ${bottom.toFixed(1)}V${top.toFixed(1)}H${Math.max(from + 1, to - GAP_PX).toFixed(2)}V${bottom.toFixed(1)}Z`;
      })
      .join(""),
  }));
}

/** Whole quarters of an hour that are in view. */
const TICK_MS = 15 * 60_000;

export function ticksBetween(from: number, to: number): number[] {
  const first = Math.ceil(from / TICK_MS) * TICK_MS;
  return Array.from(
    { length: Math.max(0, Math.floor((to - first) / TICK_MS) + 1) },
    (_, index) => first + index * TICK_MS,
  );
}
