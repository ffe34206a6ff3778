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
const SCATTERED = 100;

function span(start: number, length: number): number[] {
  return Array.from({ length }, (_, index) => start + index);
}

function isWordStart(text: string, index: number): boolean {
  return index === 0 || /[^\p{L}\p{N}]/u.test(text[index - 1] ?? "");
}

/** The characters in their order, wherever they are; those that begin a word count more than those inside one. */
function scattered(text: string, typed: string): Match | null {
  const at: number[] = [];
  let starts = 0;
  let from = 0;
  for (const character of typed) {
    let found = text.indexOf(character, from);
    if (found < 0) return null;
    for (let next = found; next >= 0; next = text.indexOf(character, next + 1)) {
      if (isWordStart(text, next)) {
        // A later word start is only worth it if the rest still fits behind it.
        if (fits(text, next + 1, typed.slice(at.length + 1))) found = next;
        break;
      }
    }
    if (isWordStart(text, found)) starts += 1;
    at.push(found);
    from = found + 1;
  }
  const spread = (at.at(-1) ?? 0) - (at[0] ?? 0) - typed.length + 1;
  // Letters strewn over a long text mean nothing.
  if (starts === 0 || spread > typed.length * 6) return null;
  return { score: SCATTERED + starts * 20 - spread, at };
}

function fits(text: string, from: number, rest: string): boolean {
  let position = from;
  for (const character of rest) {
    position = text.indexOf(character, position) + 1;
    if (position === 0) return false;
  }
  return true;
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
  const loose = scattered(low, wanted.replaceAll(" ", ""));
  return loose && { score: loose.score + shortness, at: mark(loose.at) };
}
