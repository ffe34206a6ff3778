/** How well a text answers to what was typed. Pure. */

export interface Match {
  /** Greater is better. */
  score: number;
  /** Which characters of the text were meant. */
  at: number[];
}

const PREFIX = 1000;
const WORD = 700;
const INSIDE = 400;
const INITIALS = 100;

function span(start: number, length: number): number[] {
  return Array.from({ length }, (_, index) => start + index);
}

function isWordStart(text: string, index: number): boolean {
  return index === 0 || /[^\p{L}\p{N}]/u.test(text[index - 1] ?? "");
}

/**
 * Places for the characters in their order, each at the beginning of a word or right behind the one before: "cpw" in
 * "Competitor price watch". Null if there are none.
 */
function initials(text: string, typed: string): number[] | null {
  // What has failed once is not tried again, or a text of many like words would take forever.
  const failed = new Set<string>();
  const place = (index: number, after: number): number[] | null => {
    const character = typed[index];
    if (character === undefined) return [];
    if (failed.has(`${index} ${after}`)) return null;
    for (let at = text.indexOf(character, after + 1); at >= 0; at = text.indexOf(character, at + 1)) {
      if (!isWordStart(text, at) && (index === 0 || at !== after + 1)) continue;
      const rest = place(index + 1, at);
      if (rest) return [at, ...rest];
    }
    failed.add(`${index} ${after}`);
    return null;
  };
  return place(0, -1);
}

/** Null if the text does not answer to it. Everything answers to nothing typed. */
export function fuzzy(text: string, typed: string): Match | null {
  const [low, wanted] = [text.toLowerCase(), typed.trim().toLowerCase()];
  if (wanted === "") return { score: 0, at: [] };
  // toLowerCase may lengthen a text; positions would then be wrong.
  const mark = (at: number[]) => (low.length === text.length ? at : []);
  const shortness = 50 / (1 + text.length);
  if (low.startsWith(wanted)) return { score: PREFIX + shortness, at: mark(span(0, wanted.length)) };
  for (let start = low.indexOf(wanted); start >= 0; start = low.indexOf(wanted, start + 1)) {
    if (isWordStart(low, start)) return { score: WORD + shortness, at: mark(span(start, wanted.length)) };
  }
  const inside = low.indexOf(wanted);
  if (inside >= 0) return { score: INSIDE + shortness, at: mark(span(inside, wanted.length)) };
  const at = initials(low, wanted.replaceAll(" ", ""));
  return at && { score: INITIALS + shortness, at: mark(at) };
}
