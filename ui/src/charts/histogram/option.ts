/** A histogram as ECharts draws it. Pure. */
import type { EChartsCoreOption } from "echarts/core";
import { ticksOf, tickText } from "../../format/ticks.ts";
import { fontOf, glidingShapes, type Look, motion, type Shape, shapes } from "../frame/look.ts";
import type { HistogramChartModel } from "../model.ts";
import { heightOf } from "../time/geometry.ts";
import { barOf, type HistogramLayout, histogramLayout } from "./layout.ts";

function axes({ plot, counts, ticks }: HistogramLayout, { tokens, scale, ...look }: Look): Shape[] {
  const text = { fill: tokens.muted, font: fontOf({ ...look, scale }) };
  const [left, right, bottom] = [plot.left, plot.width - plot.right, plot.height - plot.bottom];
  return [
    ...ticksOf(counts).flatMap((tick): Shape[] => {
      const y = Math.round(heightOf(plot, counts, tick)) + 0.5;
      const label = tickText(tick, "count", counts.step);
      return [
        { type: "line", shape: { x1: left, y1: y, x2: right, y2: y }, style: { stroke: tokens.border, lineWidth: 1 } },
        {
          type: "text",
          style: { ...text, x: left - 8 * scale, y, text: label, align: "right", verticalAlign: "middle" },
        },
      ];
    }),
    ...ticks.flatMap(({ x, text: label }): Shape[] => [
      {
        type: "line",
        shape: { x1: x, y1: bottom, x2: x, y2: bottom + 4 },
        style: { stroke: tokens.muted, lineWidth: 1 },
      },
      {
        type: "text",
        style: { ...text, x, y: bottom + 8 * scale, text: label, align: "center", verticalAlign: "top" },
      },
    ]),
  ];
}

/** The texts after all lines and on a ground of their own, so that no line is read with the letters. */
function marks({ plot, marks: places }: HistogramLayout, look: Look): Shape[] {
  const { tokens, scale } = look;
  const heightAt = (line: number) => 8 * scale + line * 16 * scale;
  const lines = places.map(({ x, line }): Shape => {
    const at = Math.round(x) + 0.5;
    return {
      type: "line",
      shape: { x1: at, y1: heightAt(line) - 6 * scale, x2: at, y2: plot.height - plot.bottom },
      style: { stroke: tokens.text, lineWidth: 1, lineDash: [3, 3] },
    };
  });
  const texts = places.map(({ text, x, textX, line }): Shape => {
    // The room for a text is a guess: on the left of its mark it ends there all the same.
    const place = textX > 0 && textX < x ? { x: x - 4 * scale, align: "right" } : { x: textX, align: "left" };
    const style = { ...place, y: heightAt(line), text, fill: tokens.text, font: fontOf(look, 500) };
    return { type: "text", style: { ...style, verticalAlign: "middle", backgroundColor: tokens.background } };
  });
  return [...lines, ...texts];
}

export function histogramOption(model: HistogramChartModel, look: Look): EChartsCoreOption {
  const layout = histogramLayout(model, look);
  const bars = layout.bins.map((bin) => ({
    name: String(bin.from),
    shape: {
      type: "rect",
      shape: barOf(layout, bin),
      style: { fill: look.tokens.series[0] ?? look.tokens.accent },
    } as Shape,
  }));
  return {
    ...motion(look),
    series: [
      shapes("axes", axes(layout, look), 1),
      glidingShapes("bins", bars, 2),
      shapes("marks", marks(layout, look), 3),
    ],
  };
}
