/** A donut as ECharts draws it. Pure. */
import type { EChartsCoreOption } from "echarts/core";
import { compact } from "../../format/format.ts";
import { fontOf, glidingShapes, type Look, motion, type Shape, shapes } from "../frame/look.ts";
import type { DonutChartModel } from "../model.ts";
import { ringOf, slicesOf } from "./layout.ts";

/** The total in the middle of a picture; on the page it is text. */
export function donutPicture(model: DonutChartModel, look: Look): EChartsCoreOption {
  const { cx: x, cy } = ringOf(look);
  const { tokens } = look;
  const center = { x, align: "center", verticalAlign: "middle" };
  const middle: Shape[] = [
    {
      type: "text",
      style: {
        ...center,
        y: cy - 8,
        text: compact(model.total, model.unit),
        fill: tokens.text,
        font: fontOf(look, 600, 20),
      },
    },
    { type: "text", style: { ...center, y: cy + 12, text: "Total", fill: tokens.muted, font: fontOf(look) } },
  ];
  const option = donutOption(model, look, null);
  return { ...option, series: [...option.series, shapes("middle", middle, 3)] };
}

/** `current` stands out: the others are pale. */
export function donutOption(model: DonutChartModel, look: Look, current: string | null) {
  const ring = ringOf(look);
  const { tokens } = look;
  const slices = slicesOf(model, tokens).filter(({ from, to }) => to > from);
  const parts = slices.map(({ name, color, from, to }) => ({
    name,
    shape: {
      type: "sector",
      shape: { ...ring, startAngle: from, endAngle: to },
      style: {
        fill: color,
        opacity: current === null || current === name ? 1 : 0.35,
        stroke: tokens.background,
        lineWidth: slices.length > 1 ? 1.5 : 0,
      },
    } as Shape,
  }));
  const track: Shape = {
    type: "sector",
    shape: { ...ring, startAngle: 0, endAngle: 2 * Math.PI },
    style: { fill: tokens.border },
  };
  return {
    ...motion(look),
    series: [shapes("track", slices.length === 0 ? [track] : [], 1), glidingShapes("slices", parts, 2)],
  };
}
