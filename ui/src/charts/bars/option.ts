/** The bars as a picture; on the page they are rows that can be picked. Pure. */
import type { EChartsCoreOption } from "echarts/core";
import { exact } from "../../format/format.ts";
import { fontOf, type Look, type Shape, shapes } from "../frame/look.ts";
import { shortened } from "../frame/text.ts";
import type { BarChartModel } from "../model.ts";
import { textWidth } from "../time/geometry.ts";
import { barPlaces } from "./layout.ts";

export const ROW_PX = 30;
const LABEL_LETTERS_MAX = 34;

export function barOption(model: BarChartModel, look: Look): EChartsCoreOption {
  const { tokens, scale, width } = look;
  const places = barPlaces(model);
  const texts = model.items.map(({ value, note }) => `${exact(value, model.unit)}${note ? ` · ${note}` : ""}`);
  const longest = (all: string[]) => Math.max(0, ...all.map((text) => text.length));
  const letters = Math.min(LABEL_LETTERS_MAX, longest(model.items.map(({ label }) => label)));
  const left = textWidth(letters, scale) + 12 * scale;
  const room = Math.max(40, width - left - textWidth(longest(texts), scale) - 20 * scale);
  const children = places.flatMap(({ item, from, length, before }, index): Shape[] => {
    const y = (index + 0.5) * ROW_PX * scale;
    const x = left + (from / 100) * room;
    const high = 12 * scale;
    const text = { y, verticalAlign: "middle", fill: tokens.text };
    const bar: Shape = {
      type: "rect",
      shape: { x, y: y - high / 2, width: (length / 100) * room, height: high, r: 2 },
      style: { fill: item.color ?? tokens.series[0] ?? tokens.accent },
    };
    const past = left + ((before ?? 0) / 100) * room;
    const mark: Shape = {
      type: "line",
      shape: { x1: past, y1: y - high, x2: past, y2: y + high },
      style: { stroke: tokens.text, lineWidth: 1.5 },
    };
    return [
      bar,
      ...(before === null ? [] : [mark]),
      { type: "text", style: { ...text, x: 0, text: shortened(item.label, letters), font: fontOf(look) } },
      {
        type: "text",
        style: { ...text, x: left + room + 12 * scale, text: texts[index] ?? "", font: fontOf(look, 500) },
      },
    ];
  });
  return { series: [shapes("bars", children, 2)] };
}
