import { exact } from "../format/format.ts";
import type { Tokens } from "../theme/tokens.ts";
import type { TimeChartModel } from "./model.ts";
import { seriesTotal } from "./model.ts";

const SCALE = 2;
const FONT = '"Inter Variable", system-ui, sans-serif';

function loadImage(source: string): Promise<HTMLImageElement> {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => reject(new Error("The picture could not be made."));
    image.src = source;
  });
}

/** The drawing with what it needs to stand alone: title, unit and range, and the names of its colours. */
export async function composePng(drawing: string, model: TimeChartModel, tokens: Tokens): Promise<Blob> {
  const image = await loadImage(drawing);
  const canvas = document.createElement("canvas");
  const head = 76 * SCALE;
  const margin = 16 * SCALE;
  canvas.width = image.width + 2 * margin;
  canvas.height = image.height + head + margin;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser gives no canvas to draw on.");
  pen.fillStyle = tokens.background;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.textBaseline = "middle";
  pen.fillStyle = tokens.text;
  pen.font = `600 ${14 * SCALE}px ${FONT}`;
  pen.fillText(model.title, margin, 20 * SCALE);
  pen.fillStyle = tokens.muted;
  pen.font = `${12 * SCALE}px ${FONT}`;
  pen.fillText(`${model.subtitle} · ${model.zone}`, margin, 40 * SCALE);
  let x = margin;
  for (const series of model.series) {
    const label = `${series.label} ${exact(seriesTotal(series), model.unit)}`;
    pen.fillStyle = series.color;
    pen.fillRect(x, 57 * SCALE, 9 * SCALE, 9 * SCALE);
    pen.fillStyle = tokens.text;
    pen.fillText(label, x + 14 * SCALE, 62 * SCALE);
    x += 14 * SCALE + pen.measureText(label).width + 16 * SCALE;
  }
  pen.drawImage(image, margin, head);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture could not be made."))), "image/png"),
  );
}
