/** Which colour a thing has: the same in every chart of a page, and no two of one chart alike. Pure. */
import { STATUSES, type Tokens } from "../theme/tokens.ts";
import { distance } from "./frame/color.ts";

/** The name of what is beyond the limit. */
export const OTHER = "other";

/** Colours closer than this are taken for one another. */
const ALIKE = 48;

function hash(text: string): number {
  let sum = 2166136261;
  for (const letter of text) sum = Math.imul(sum ^ (letter.codePointAt(0) ?? 0), 16777619);
  return sum >>> 0;
}

/** Statuses keep their colours; a type of error that is called "timeout" is no status. */
function statusColor(name: string, dimension: string | null, tokens: Tokens): string | undefined {
  const prefix = dimension === null ? "count_" : "";
  const status = STATUSES.find((each) => name === `${prefix}${each}`);
  return status && (dimension === null || dimension === "status") ? tokens.status[status] : undefined;
}

/**
 * A colour for each thing of a chart: of a dimension's values, or of measures (`dimension` is null). Each has the slot
 * that its name prefers, or the next free one if a name before it in the alphabet has it. The order of the names is of
 * no account, so that two charts of the same things agree. With more things than colours, colours come again.
 */
export function colorsOf(names: readonly string[], dimension: string | null, tokens: Tokens): Map<string, string> {
  const found = new Map<string, string>();
  const rest = tokens.series.at(-1) ?? tokens.muted;
  const own: string[] = [];
  for (const name of [...new Set(names)].sort()) {
    const fixed = name === OTHER ? rest : statusColor(name, dimension, tokens);
    if (fixed) found.set(name, fixed);
    else own.push(name);
  }
  const slots = tokens.series.slice(0, -1);
  const isFree = (color: string) => [...found.values()].every((taken) => distance(taken, color) >= ALIKE);
  const preferred = (name: string) => hash(name) % slots.length;
  const waiting = own.filter((name) => {
    const color = slots[preferred(name)];
    if (!color || !isFree(color)) return true;
    found.set(name, color);
    return false;
  });
  for (const name of waiting) {
    const first = preferred(name);
    const order = [...slots.slice(first), ...slots.slice(0, first), rest];
    found.set(name, order.find(isFree) ?? order[0] ?? tokens.accent);
  }
  return found;
}
