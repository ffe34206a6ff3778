/** Colours between colours. Pure; colours are "#rrggbb". */
import type { Tokens } from "../../theme/tokens.ts";

function channels(color: string): [number, number, number] {
  const value = Number.parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

export function mix(from: string, to: string, share: number): string {
  const [a, b] = [channels(from), channels(to)];
  const mixed = a.map((value, index) => Math.round(value + ((b[index] ?? 0) - value) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** How far two colours are from each other: 0 to 442. */
export function distance(one: string, other: string): number {
  const [a, b] = [channels(one), channels(other)];
  return Math.hypot(...a.map((value, index) => value - (b[index] ?? 0)));
}

/** WCAG 2.2, relative luminance. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = channels(color).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** One hue from what is nearly the background to what stands out most; `share` from 0 to 1. */
export function heatColor(share: number, { background, accent, text }: Tokens): string {
  const least = mix(background, accent, 0.1);
  const most = mix(accent, text, 0.45);
  return share < 0.6 ? mix(least, accent, share / 0.6) : mix(accent, most, (share - 0.6) / 0.4);
}

/** Black or white, whichever reads better on a colour: at least 4.5:1 on any. */
export function textOn(color: string): string {
  return contrast(color, "#ffffff") >= contrast(color, "#000000") ? "#ffffff" : "#000000";
}
