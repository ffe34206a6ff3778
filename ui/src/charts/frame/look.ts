/** What a drawing is made with besides its model. Every option that ECharts gets is a pure function of both. */
import type { EChartsCoreOption } from "echarts/core";
import type { Tokens } from "../../theme/tokens.ts";

export interface Look {
  tokens: Tokens;
  /** In CSS pixels. */
  width: number;
  height: number;
  /** 1, or 1.5 on a wall screen. */
  scale: number;
  isStill: boolean;
}

export type Drawing = (look: Look) => EChartsCoreOption;

const FONT = '"Inter Variable", system-ui, sans-serif';
const GLIDE_MS = 300;

export function textStyle({ tokens, scale }: Look) {
  return { color: tokens.muted, fontSize: 12 * scale, fontFamily: FONT };
}

/** Updates glide within 300 ms; nothing moves where the viewer asked for stillness. */
export function motion({ isStill }: Look) {
  return {
    animation: !isStill,
    animationDuration: GLIDE_MS,
    animationDurationUpdate: GLIDE_MS,
    animationEasing: "cubicOut" as const,
    animationEasingUpdate: "cubicOut" as const,
  };
}
