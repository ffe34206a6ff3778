/** Which colour a thing has: the same in every chart, today and tomorrow. Pure. */
import { STATUSES, type Tokens } from "../theme/tokens.ts";

/** The name of what is beyond the limit. */
export const OTHER = "other";

function hash(text: string): number {
  let sum = 2166136261;
  for (const letter of text) sum = Math.imul(sum ^ (letter.codePointAt(0) ?? 0), 16777619);
  return sum >>> 0;
}

/** The last series colour is grey, and kept for the rest of a list. */
function preferred(name: string, tokens: Tokens): number {
  return hash(name) % (tokens.series.length - 1);
}

/** Statuses have colours of their own; everything else has one of the series colours by its name. */
export function colorOf(name: string, tokens: Tokens): string {
  const status = STATUSES.find((each) => each === name || `count_${each}` === name);
  if (status) return tokens.status[status];
  if (name === OTHER) return tokens.series.at(-1) ?? tokens.muted;
  return tokens.series[preferred(name, tokens)] ?? tokens.accent;
}

/** Colours for one chart: each its own where that is free, else the next free one, so that no two look the same. */
export function colorsOf(names: readonly string[], tokens: Tokens): Map<string, string> {
  const taken = new Set<string>();
  const found = new Map<string, string>();
  for (const name of names) {
    let color = colorOf(name, tokens);
    if (taken.has(color)) {
      const first = preferred(name, tokens);
      const free = tokens.series.map((_, step) => tokens.series[(first + step) % tokens.series.length]);
      color = free.find((each) => each && !taken.has(each)) ?? color;
    }
    taken.add(color);
    found.set(name, color);
  }
  return found;
}
