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

/** The subset of the drawing library's shapes that is used. */
export type Shape =
  | { type: "rect"; shape: { x: number; y: number; width: number; height: number; r?: number }; style: Style }
  | { type: "line"; shape: { x1: number; y1: number; x2: number; y2: number }; style: Style }
  | {
      type: "sector";
      shape: { cx: number; cy: number; r: number; r0: number; startAngle: number; endAngle: number };
      style: Style;
    }
  | { type: "polygon"; shape: { points: [number, number][] }; style: Style }
  | { type: "text"; style: Style & { x: number; y: number; text: string } }
  | { type: "group"; children: Shape[]; clipPath?: Shape };

type Style = Record<string, string | number | number[]>;

/** Shapes at places that are worked out already, as a series of their own at a depth. */
export function shapes(id: string, children: Shape[], z: number) {
  return {
    ...custom(id, z),
    animation: false,
    data: [0],
    renderItem: () => ({ type: "group", children }),
  };
}

/** The same, each with a name by which it glides to where it is next. */
export function glidingShapes(id: string, named: { name: string; shape: Shape }[], z: number) {
  return {
    ...custom(id, z),
    data: named.map(({ name }) => ({ name, value: 0 })),
    renderItem: ({ dataIndex }: { dataIndex: number }) => ({
      ...named[dataIndex]?.shape,
      transition: ["shape", "style"],
    }),
  };
}

function custom(id: string, z: number) {
  return { id, type: "custom", silent: true, z, coordinateSystem: "none" };
}

const FONT = '"Inter Variable", system-ui, sans-serif';
const GLIDE_MS = 300;

export function fontOf({ scale }: Pick<Look, "scale">, weight = 400, size = 12): string {
  return `${weight} ${size * scale}px ${FONT}`;
}

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
