/** Where the cells of a heat map stand, and which colour a value has. Pure. */
import { compact, exact } from "../../format/format.ts";
import { heatColor } from "../frame/color.ts";
import type { Look } from "../frame/look.ts";
import type { HeatmapChartModel } from "../model.ts";
import { textWidth } from "../time/geometry.ts";

export interface Grid {
  left: number;
  top: number;
  cellWidth: number;
  cellHeight: number;
  gap: number;
  /** How many letters of a row's name there is room for. */
  letters: number;
}

const RIGHT_PX = 4;
const LABEL_SHARE_MAX = 0.34;
const CELL_WIDTH_MAX = 72;

export function gridOf({ rows, columns }: HeatmapChartModel, { width, height, scale }: Look): Grid {
  const longest = Math.max(0, ...rows.map((row) => row.length));
  const room = Math.floor((width * LABEL_SHARE_MAX) / textWidth(1, scale));
  const letters = Math.min(longest, room);
  const left = textWidth(letters, scale) + 16 * scale;
  const top = 2;
  const bottom = 24 * scale;
  const cellWidth = Math.min(CELL_WIDTH_MAX * scale, (width - left - RIGHT_PX) / Math.max(1, columns.length));
  const cellHeight = (height - top - bottom) / Math.max(1, rows.length);
  return { left, top, cellWidth, cellHeight, gap: Math.min(cellWidth, cellHeight) > 8 ? 2 : 0, letters };
}

/** Numbered row by row; null beside the cells. */
export function cellAt({ rows, columns }: HeatmapChartModel, grid: Grid, x: number, y: number): number | null {
  const column = Math.floor((x - grid.left) / grid.cellWidth);
  const row = Math.floor((y - grid.top) / grid.cellHeight);
  return column < 0 || row < 0 || column >= columns.length || row >= rows.length ? null : row * columns.length + column;
}

export function boxOf(grid: Grid, columns: number, cell: number) {
  const [row, column] = [Math.floor(cell / columns), cell % columns];
  return {
    x: grid.left + column * grid.cellWidth + grid.gap / 2,
    y: grid.top + row * grid.cellHeight + grid.gap / 2,
    width: Math.max(1, grid.cellWidth - grid.gap),
    height: Math.max(1, grid.cellHeight - grid.gap),
  };
}

export interface Domain {
  min: number;
  max: number;
}

/** The least and the greatest value: a colour is read against both, and the scale beside the chart names them. */
export function domainOf({ values }: HeatmapChartModel): Domain | null {
  const known = values.flat().filter((value): value is number => value !== null);
  if (known.length === 0) return null;
  return known.reduce((found, value) => ({ min: Math.min(found.min, value), max: Math.max(found.max, value) }), {
    min: known[0] ?? 0,
    max: known[0] ?? 0,
  });
}

export function shareOf(value: number, { min, max }: Domain): number {
  return max > min ? (value - min) / (max - min) : max > 0 ? 1 : 0;
}

/** The scale in a few steps, for a picture that has no gradient beside it. */
export function scaleKeys(model: HeatmapChartModel, tokens: Look["tokens"]) {
  const domain = domainOf(model);
  if (!domain) return [];
  const shares = domain.max > domain.min ? [0, 0.25, 0.5, 0.75, 1] : [1];
  return shares.map((share) => ({
    color: heatColor(share, tokens),
    label: compact(domain.min + share * (domain.max - domain.min), model.unit),
  }));
}

export function cellName({ rows, columns, values, unit }: HeatmapChartModel, cell: number) {
  const [row, column] = [Math.floor(cell / columns.length), cell % columns.length];
  const value = values[row]?.[column] ?? null;
  return {
    row: rows[row] ?? "",
    column: columns[column] ?? "",
    text: value === null ? "not known" : exact(value, unit),
  };
}
