/** The timeline as a picture that stands alone; on the page it is a table with bars. Pure. */
import type { EChartsCoreOption } from "echarts/core";
import { fontOf, type Look, type Shape, shapes } from "../../charts/frame/look.ts";
import type { Key } from "../../charts/frame/png.ts";
import { shortened } from "../../charts/frame/text.ts";
import { textWidth } from "../../charts/time/geometry.ts";
import { duration, UNKNOWN } from "../../format/format.ts";
import type { Tokens } from "../../theme/tokens.ts";
import {
  KIND_WORD,
  KINDS,
  STATE_WORD,
  type StepState,
  ticksOf,
  type WaitKind,
  type WaterfallRow,
} from "./waterfall.ts";

const AXIS_PX = 28;
const ROW_PX_MAX = 44;
const BAR_PX = 14;
const NAME_LETTERS_MAX = 30;

function kindColor(kind: WaitKind, { series, status, accent }: Tokens): string {
  const found = { active: series[0], external: series[5], queue: status.queued, human: series[6] };
  return kind === "retry_backoff" ? status.timeout : (found[kind] ?? accent);
}

/** What the colours mean, of those that are drawn. */
export function waterfallKeys(rows: readonly WaterfallRow[], tokens: Tokens): Key[] {
  const drawn = rows.filter(({ state }) => state !== "failed" && state !== "skipped");
  const kinds = KINDS.filter((kind) => drawn.some((row) => row.kind === kind));
  const keys = kinds.map((kind) => ({ color: kindColor(kind, tokens), label: KIND_WORD[kind] }));
  const isFailed = rows.some(({ state }) => state === "failed");
  return isFailed ? [...keys, { color: tokens.status.failed, label: STATE_WORD.failed }] : keys;
}

function barOf({ bar, state, kind }: WaterfallRow, left: number, room: number, y: number, tokens: Tokens): Shape[] {
  if (!bar) return [];
  const place = { x: left + (bar.left / 100) * room, y: y - BAR_PX / 2, height: BAR_PX, r: 2 };
  const color = kindColor(kind, tokens);
  const styles: Record<StepState, Record<string, string | number>> = {
    completed: { fill: color },
    open: { fill: color, opacity: 0.7 },
    failed: { fill: tokens.status.failed },
    skipped: { fill: tokens.background, stroke: tokens.status.cancelled, lineWidth: 1 },
  };
  const style = styles[state];
  return [{ type: "rect", shape: { ...place, width: Math.max(3, (bar.width / 100) * room) }, style }];
}

/** `lengthMs` is how long the whole run took. */
export function waterfallOption(rows: readonly WaterfallRow[], lengthMs: number, look: Look): EChartsCoreOption {
  const { tokens, scale, width, height } = look;
  const letters = Math.min(NAME_LETTERS_MAX, Math.max(0, ...rows.map(({ name }) => name.length)));
  const figures = rows.map(({ state, durationMs }) => {
    const took = durationMs === null ? UNKNOWN : duration(durationMs);
    return state === "completed" ? took : `${STATE_WORD[state]}, ${took}`;
  });
  const left = textWidth(letters, scale) + 12;
  const right = textWidth(Math.max(0, ...figures.map((text) => text.length)), scale) + 12;
  const room = Math.max(40, width - left - right);
  const step = Math.min(ROW_PX_MAX, (height - AXIS_PX) / Math.max(1, rows.length));
  const bottom = AXIS_PX + rows.length * step;
  const axis = ticksOf(lengthMs).flatMap((ms): Shape[] => {
    const x = Math.round(left + (lengthMs > 0 ? (ms / lengthMs) * room : 0)) + 0.5;
    const style = { fill: tokens.muted, font: fontOf(look), align: "center", verticalAlign: "middle" };
    return [
      { type: "line", shape: { x1: x, y1: AXIS_PX - 6, x2: x, y2: bottom }, style: { stroke: tokens.border } },
      { type: "text", style: { ...style, x, y: 10, text: ms === 0 ? "0" : duration(ms) } },
    ];
  });
  const steps = rows.flatMap((row, index): Shape[] => {
    const y = AXIS_PX + (index + 0.5) * step;
    const text = { y, verticalAlign: "middle", fill: tokens.text };
    const color = row.state === "failed" ? tokens.statusText.failed : tokens.text;
    return [
      ...barOf(row, left, room, y, tokens),
      { type: "text", style: { ...text, x: 0, text: shortened(row.name, letters), font: fontOf(look) } },
      {
        type: "text",
        style: { ...text, x: left + room + 12, fill: color, text: figures[index] ?? "", font: fontOf(look, 500) },
      },
    ];
  });
  return { series: [shapes("axis", axis, 1), shapes("steps", steps, 2)] };
}
