/** A picture that stands alone: title, unit and range, the drawing, and the names of its colours. */
import type { EChartsCoreOption } from "echarts/core";
import type { Tokens } from "../../theme/tokens.ts";

export interface Key {
  color: string;
  label: string;
}

interface Picture {
  title: string;
  subtitle: string;
  keys: Key[];
  option: EChartsCoreOption;
  width: number;
  height: number;
  tokens: Tokens;
}

const SCALE = 2;
const MARGIN = 16;
const KEY_HEIGHT = 20;
const FONT = '"Inter Variable", system-ui, sans-serif';

function loadImage(source: string): Promise<HTMLImageElement> {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => reject(new Error("The picture could not be made."));
    image.src = source;
  });
}

/** Where each name of a colour goes, wrapped to the width. Pure. */
export function keyPlaces(widths: number[], width: number): { x: number; line: number }[] {
  let [x, line] = [0, 0];
  return widths.map((each) => {
    if (x > 0 && x + each > width) [x, line] = [0, line + 1];
    const place = { x, line };
    x += each + 16;
    return place;
  });
}

export async function composePng({ title, subtitle, keys, option, width, height, tokens }: Picture): Promise<Blob> {
  const { paint } = await import("../Canvas.tsx");
  const drawing = await loadImage(paint(option, width, height, tokens.background));
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser gives no canvas to draw on.");

  const small = `12px ${FONT}`;
  pen.font = small;
  const places = keyPlaces(
    keys.map(({ label }) => 14 + pen.measureText(label).width),
    width,
  );
  const lines = places.length > 0 ? (places.at(-1)?.line ?? 0) + 1 : 0;
  const head = 52 + lines * KEY_HEIGHT + 8;

  canvas.width = (width + 2 * MARGIN) * SCALE;
  canvas.height = (head + height + MARGIN) * SCALE;
  pen.scale(SCALE, SCALE);
  pen.fillStyle = tokens.background;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.textBaseline = "middle";
  pen.fillStyle = tokens.text;
  pen.font = `600 14px ${FONT}`;
  pen.fillText(title, MARGIN, 20, width);
  pen.fillStyle = tokens.muted;
  pen.font = small;
  pen.fillText(subtitle, MARGIN, 40, width);
  keys.forEach(({ color, label }, index) => {
    const { x, line } = places[index] ?? { x: 0, line: 0 };
    const y = 52 + (line + 0.5) * KEY_HEIGHT;
    pen.fillStyle = color;
    pen.fillRect(MARGIN + x, y - 4.5, 9, 9);
    pen.fillStyle = tokens.text;
    pen.fillText(label, MARGIN + x + 14, y);
  });
  pen.drawImage(drawing, MARGIN, head, width, height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture could not be made."))), "image/png"),
  );
}
