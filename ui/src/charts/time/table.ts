/** A chart over time as a table: a row for each bucket, however many of them one pixel has to show. Pure. */
import type { Column, Table } from "../frame/table.ts";
import { bucketTotal, hasTotal, seriesTotal, type TimeChartModel, unitOfSeries } from "../model.ts";
import { marksAt, nameOf, noteOf } from "./describe.ts";

const NONE: ReadonlySet<string> = new Set();

export function timeTable(model: TimeChartModel): Table {
  const { starts, ends, series, band, unit } = model;
  const columns: Column[] = series.flatMap((each): Column[] => {
    const own = unitOfSeries(model, each);
    const main: Column = { label: each.label, unit: own, values: each.values, total: seriesTotal(model, each) };
    return each.before ? [main, { label: `${each.label}, before`, unit: own, values: each.before }] : [main];
  });
  if (hasTotal(model)) {
    const values = starts.map((_, index) => bucketTotal(model, index, NONE));
    columns.push({
      label: "Total",
      unit,
      values,
      total: values.reduce<number>((sum, value) => sum + (value ?? 0), 0),
    });
  }
  if (band) {
    columns.push({ label: `${band.label}, from`, unit, values: band.low });
    columns.push({ label: `${band.label}, to`, unit, values: band.high });
  }
  if (model.marks?.length) {
    columns.push({ label: "Events", unit: null, values: starts.map((_, index) => marksAt(model, index) || null) });
  }
  return {
    rowTitle: "Time",
    keyTitles: ["from", "to"],
    rows: starts.map((start, index) => ({
      name: nameOf(model, index),
      note: noteOf(model, index),
      keys: [start, ends[index] ?? null],
    })),
    columns,
  };
}
