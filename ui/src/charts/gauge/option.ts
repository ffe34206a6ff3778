/** A gauge: a half ring that fills, over a thin one that says which part of the scale is good. Pure. */
import type { EChartsCoreOption } from "echarts/core";
import { exact } from "../../format/format.ts";
import { fontOf, glidingShapes, type Look, motion, type Shape, shapes } from "../frame/look.ts";
import type { GaugeChartModel } from "../model.ts";

type Tone = GaugeChartModel["bands"][number]["tone"];

export function toneColor(tone: Tone, { tokens }: Pick<Look, "tokens">): string {
  return { bad: tokens.status.failed, fair: tokens.status.timeout, good: tokens.status.success }[tone];
}

/** The band that a value lies in; the last one holds its upper end. */
export function toneOf({ bands, value }: GaugeChartModel): Tone | null {
  if (value === null) return null;
  return (bands.find(({ upTo }) => value < upTo) ?? bands.at(-1))?.tone ?? null;
}

/** 0 at the left end, 1 at the right. */
export function shareOn({ min, max }: Pick<GaugeChartModel, "min" | "max">, value: number): number {
  return max > min ? Math.max(0, Math.min(1, (value - min) / (max - min))) : 0;
}

const LIMIT_PX = 3;
const GAP_PX = 3;

/** With the value inside; on the page it is text. */
export function gaugePicture(model: GaugeChartModel, look: Look): EChartsCoreOption {
  const text = exact(model.value, model.unit);
  const [x, y] = [look.width / 2, look.height - 24 * look.scale];
  const style = {
    x,
    y,
    text,
    fill: look.tokens.text,
    font: fontOf(look, 600, 28),
    align: "center",
    verticalAlign: "middle",
  };
  const option = gaugeOption(model, look);
  return { ...option, series: [...option.series, shapes("figure", [{ type: "text", style }], 3)] };
}

export function gaugeOption(model: GaugeChartModel, look: Look) {
  const { tokens, scale, width, height } = look;
  const r = Math.max(16, Math.min(width / 2, height - 8 * scale) - 2);
  const center = { cx: width / 2, cy: Math.min(height - 4 * scale, r + 4 * scale) };
  const inner = r - (LIMIT_PX + GAP_PX) * scale;
  const thick = Math.max(8, r * 0.16);
  const angle = (share: number) => Math.PI * (1 + share);
  const sector = (from: number, to: number, outer: number, depth: number, fill: string): Shape => ({
    type: "sector",
    shape: { ...center, r: outer, r0: outer - depth, startAngle: angle(from), endAngle: angle(to) },
    style: { fill },
  });
  let from = 0;
  const limits = model.bands.map(({ upTo, tone }) => {
    const to = shareOn(model, upTo);
    const band = sector(from, Math.max(from, to), r, LIMIT_PX * scale, toneColor(tone, look));
    from = to;
    return band;
  });
  const tone = toneOf(model);
  const value = model.value === null ? 0 : shareOn(model, model.value);
  return {
    ...motion(look),
    series: [
      shapes("scale", [...limits, sector(0, 1, inner, thick, tokens.border)], 1),
      glidingShapes(
        "value",
        [{ name: "value", shape: sector(0, value, inner, thick, tone ? toneColor(tone, look) : tokens.accent) }],
        2,
      ),
    ],
  };
}
