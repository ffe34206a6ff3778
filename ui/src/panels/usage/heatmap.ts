/** When executions start: hours by weekdays. Pure. */
import { groupsOf } from "../../api/rows.ts";
import type { Answer, Query } from "../../api/types.ts";
import type { HeatmapChartModel } from "../../charts/model.ts";
import { plural } from "../../format/format.ts";
import { rangeLabel } from "../../format/time.ts";
import type { Frame } from "../../view/current.ts";
import type { Where } from "../../view/view.ts";

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const HOURS = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, "0")}:00`);

export function heatmapQuery(frame: Frame): Query {
  return {
    source: "executions",
    measures: ["count"],
    dimensions: ["weekday", "hour_of_day"],
    limit: WEEKDAYS.length * HOURS.length,
    ...frame,
  };
}

export interface Heatmap {
  model: HeatmapChartModel;
  /** "Busiest: Monday, 10:00–11:00, 130 executions"; null where nothing ran. */
  busiest: string | null;
}

/** The executions of an hour of the week, as filters say it. */
export function whereOfCell(row: number, column: number): Where {
  return { weekday: [String(row + 1)], hour_of_day: [String(column)] };
}

export function shapeHeatmap(answer: Answer, now: Date): Heatmap {
  const { from, to, timezone } = answer.meta;
  // An hour without a row had no execution: the answer has a row for each hour that had one.
  const values: number[][] = WEEKDAYS.map(() => HOURS.map(() => 0));
  let most = { weekday: 0, hour: 0, count: 0 };
  for (const group of groupsOf(answer)) {
    const [weekday, hour] = [Number(group.text("weekday")) - 1, Number(group.text("hour_of_day"))];
    const row = values[weekday];
    const count = group.number("count") ?? 0;
    if (!row || hour >= HOURS.length) continue;
    row[hour] = count;
    if (count > most.count) most = { weekday, hour, count };
  }
  const end = HOURS[(most.hour + 1) % HOURS.length];
  return {
    model: {
      title: "When executions start",
      subtitle: `Executions by hour and weekday in ${timezone} · ${rangeLabel(from, to, timezone, now)}`,
      unit: "count",
      rowTitle: "Weekday",
      columnTitle: "Hour",
      rows: WEEKDAYS,
      columns: HOURS,
      values,
    },
    busiest:
      most.count === 0
        ? null
        : `Busiest: ${WEEKDAYS[most.weekday]}, ${HOURS[most.hour]}–${end}, ${plural(most.count, "execution")}`,
  };
}
