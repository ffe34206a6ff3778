/** Horizontal bars from a zero that all share. Pure. */
import type { BarChartModel, Item } from "../model.ts";

export interface BarPlace {
  item: Item;
  /** Per cent of the room: where the bar begins, how long it is, and where it ended before. */
  from: number;
  length: number;
  before: number | null;
}

/** The bars in the order of the model. Values under zero go to the left of it. */
export function barPlaces({ items }: BarChartModel): BarPlace[] {
  const values = items.flatMap(({ value, before }) => [value ?? 0, before ?? 0]);
  const low = Math.min(0, ...values);
  const span = Math.max(0, ...values) - low || 1;
  const at = (value: number) => ((value - low) / span) * 100;
  return items.map((item) => {
    const value = item.value ?? 0;
    return {
      item,
      from: at(Math.min(0, value)),
      length: (Math.abs(value) / span) * 100,
      before: item.before == null ? null : at(item.before),
    };
  });
}
