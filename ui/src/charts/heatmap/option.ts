/** A heat map as ECharts draws it. Pure. */
import type { EChartsCoreOption } from "echarts/core";
import { compact } from "../../format/format.ts";
import { heatColor, textOn } from "../frame/color.ts";
import { fontOf, glidingShapes, type Look, motion, type Shape, shapes } from "../frame/look.ts";
import { shortened } from "../frame/text.ts";
import type { HeatmapChartModel } from "../model.ts";
import { textWidth } from "../time/geometry.ts";
import { boxOf, domainOf, gridOf, shareOf } from "./layout.ts";

/** A cell of which nothing is known is empty, and framed so that it is not taken for zero. */
function cells(model: HeatmapChartModel, look: Look) {
  const { rows, columns, values } = model;
  const { tokens } = look;
  const grid = gridOf(model, look);
  const domain = domainOf(model);
  const round = grid.gap > 0 ? 2 : 0;
  return rows.flatMap((row, rowIndex) =>
    columns.map((column, columnIndex) => {
      const box = boxOf(grid, columns.length, rowIndex * columns.length + columnIndex);
      const value = values[rowIndex]?.[columnIndex] ?? null;
      const style: Record<string, string | number> =
        value === null || !domain
          ? { fill: "none", stroke: tokens.border, lineWidth: 1 }
          : { fill: heatColor(shareOf(value, domain), tokens), stroke: "none", lineWidth: 0 };
      return { name: `${row}|${column}`, shape: { type: "rect", shape: { ...box, r: round }, style } as Shape };
    }),
  );
}

/** The values themselves, where all of them fit into their cells. */
function figures(model: HeatmapChartModel, look: Look): Shape[] {
  const grid = gridOf(model, look);
  const domain = domainOf(model);
  const texts = model.values.map((row) => row.map((value) => (value === null ? "" : compact(value, model.unit))));
  const longest = Math.max(0, ...texts.flat().map((text) => text.length));
  if (!domain || grid.cellWidth < textWidth(longest, look.scale) + 8 || grid.cellHeight < 18 * look.scale) return [];
  return texts.flatMap((row, rowIndex) =>
    row.map((text, columnIndex): Shape => {
      const box = boxOf(grid, model.columns.length, rowIndex * model.columns.length + columnIndex);
      const value = model.values[rowIndex]?.[columnIndex] ?? null;
      const fill = value === null ? look.tokens.muted : textOn(heatColor(shareOf(value, domain), look.tokens));
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      return {
        type: "text",
        style: { x, y, text, fill, font: fontOf(look), align: "center", verticalAlign: "middle" },
      };
    }),
  );
}

function labels(model: HeatmapChartModel, look: Look): Shape[] {
  const { rows, columns } = model;
  const { tokens, scale } = look;
  const grid = gridOf(model, look);
  const style = { fill: tokens.muted, font: fontOf(look), verticalAlign: "middle" };
  const rowEvery = Math.max(1, Math.ceil((14 * scale) / grid.cellHeight));
  const widest = textWidth(Math.max(1, ...columns.map((column) => column.length)), scale) + 8 * scale;
  const columnEvery = Math.max(1, Math.ceil(widest / grid.cellWidth));
  const y = grid.top + rows.length * grid.cellHeight + 13 * scale;
  return [
    ...rows.flatMap((row, index): Shape[] => {
      if (index % rowEvery !== 0) return [];
      const text = shortened(row, grid.letters);
      const middle = grid.top + (index + 0.5) * grid.cellHeight;
      return [{ type: "text", style: { ...style, x: grid.left - 8 * scale, y: middle, text, align: "right" } }];
    }),
    ...columns.flatMap((text, index): Shape[] => {
      if (index % columnEvery !== 0) return [];
      const x = grid.left + (index + 0.5) * grid.cellWidth;
      return [{ type: "text", style: { ...style, x, y, text, align: "center" } }];
    }),
  ];
}

export function heatmapOption(model: HeatmapChartModel, look: Look): EChartsCoreOption {
  return {
    ...motion(look),
    series: [
      glidingShapes("cells", cells(model, look), 2),
      shapes("texts", [...labels(model, look), ...figures(model, look)], 3),
    ],
  };
}
