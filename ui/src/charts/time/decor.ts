/** What a chart over time shows besides its series: gaps, the band, marks, the names at the ends of lines. Pure. */

import { fontOf, type Look, type Shape } from "../frame/look.ts";
import type { Mark, TimeChartModel } from "../model.ts";
import { bandWidth, edgeOf, heightOf, middleOf } from "./geometry.ts";
import type { Layout } from "./layout.ts";

const BAND_OPACITY = 0.12;
const VEIL_OPACITY = 0.5;
const HATCH_PX = 7;

/** Slanted lines over an area of which nothing is known. */
function hatch(x: number, y: number, width: number, height: number, { tokens, scale }: Look): Shape {
  const lines: Shape[] = [];
  for (let at = x - height; at < x + width; at += HATCH_PX * scale) {
    lines.push({
      type: "line",
      shape: { x1: at, y1: y + height, x2: at + height, y2: y },
      style: { stroke: tokens.muted, opacity: 0.35, lineWidth: scale },
    });
  }
  const area: Shape = { type: "rect", shape: { x, y, width, height }, style: { fill: tokens.muted, opacity: 0.06 } };
  return { type: "group", children: [area, ...lines], clipPath: area };
}

/** Neighbours as one run: [first, last]. */
export function runsOf(indices: Iterable<number>): [number, number][] {
  const runs: [number, number][] = [];
  for (const index of [...indices].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && last[1] === index - 1) last[1] = index;
    else runs.push([index, index]);
  }
  return runs;
}

function bandShapes(model: TimeChartModel, { plot, left }: Layout): Shape[] {
  const { band } = model;
  if (!band) return [];
  const count = model.starts.length;
  const isKnown = (index: number) => (band.low[index] ?? null) !== null && (band.high[index] ?? null) !== null;
  return runsOf(model.starts.flatMap((_, index) => (isKnown(index) ? [index] : []))).map(([first, last]) => {
    const indices = Array.from({ length: last - first + 1 }, (_, step) => first + step);
    const along = (values: (number | null)[], at: number[]) =>
      at.map((index): [number, number] => [middleOf(plot, count, index), heightOf(plot, left, values[index] ?? 0)]);
    // A single bucket is as wide as it is.
    const half = bandWidth(plot, count) / 2;
    const points = [...along(band.high, indices), ...along(band.low, [...indices].reverse())];
    const wide = points.map(([x, y], place): [number, number] => [x + (place === 0 ? -half : half), y]);
    return {
      type: "polygon",
      shape: { points: first === last ? [...wide, [wide[0]?.[0] ?? 0, wide[1]?.[1] ?? 0]] : points },
      style: { fill: band.color, opacity: BAND_OPACITY },
    };
  });
}

/** Behind the series. */
export function behind(model: TimeChartModel, layout: Layout, look: Look): Shape[] {
  const { plot } = layout;
  const count = model.starts.length;
  const height = plot.height - plot.top - plot.bottom;
  return [
    ...runsOf(model.unknown.keys()).map(([first, last]) => {
      const x = edgeOf(plot, count, first);
      return hatch(x, plot.top, edgeOf(plot, count, last + 1) - x, height, look);
    }),
    ...bandShapes(model, layout),
  ];
}

export function markColor(tone: Mark["tone"], { tokens }: Pick<Look, "tokens">): string {
  return { bad: tokens.status.failed, good: tokens.status.success, neutral: tokens.muted }[tone];
}

/** In front of the series. */
export function infront(model: TimeChartModel, layout: Layout, look: Look): Shape[] {
  const { plot, endLabels } = layout;
  const { tokens, scale } = look;
  const count = model.starts.length;
  const bottom = plot.height - plot.bottom;
  const veils = runsOf([...model.partial].filter((index) => !model.unknown.has(index))).map(([first, last]): Shape => {
    const x = edgeOf(plot, count, first);
    const width = edgeOf(plot, count, last + 1) - x;
    return {
      type: "rect",
      shape: { x, y: plot.top, width, height: bottom - plot.top },
      style: { fill: tokens.background, opacity: VEIL_OPACITY },
    };
  });
  const marks = (model.marks ?? []).flatMap(({ index, tone }): Shape[] => {
    const x = Math.round(middleOf(plot, count, index)) + 0.5;
    const color = markColor(tone, look);
    const size = 4 * scale;
    return [
      {
        type: "line",
        shape: { x1: x, y1: plot.top, x2: x, y2: bottom },
        style: { stroke: color, lineWidth: scale, lineDash: [2, 2] },
      },
      {
        type: "polygon",
        shape: {
          points: [
            [x - size, plot.top - size],
            [x + size, plot.top - size],
            [x, plot.top + size],
          ],
        },
        style: { fill: color },
      },
    ];
  });
  const names = endLabels.map(({ text, color, y }): Shape => {
    const x = plot.width - plot.right + 8 * scale;
    return {
      type: "text",
      style: { x, y, text, fill: color, font: fontOf(look, 500), verticalAlign: "middle" },
    };
  });
  return [...veils, ...marks, ...names];
}
