/** Mending a record by hand: what the editor can tell before the server is asked. Pure. */

export interface JsonCheck {
  isValid: boolean;
  /** Why it is not JSON, with line and column where the engine tells them. */
  message: string | null;
}

/** Where `offset` lies in a text, as an editor counts: from 1. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

export function checkJson(text: string): JsonCheck {
  if (text.trim() === "") return { isValid: false, message: "The record is empty." };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value == null || Array.isArray(value)) {
      return { isValid: false, message: "A record is one JSON object, in braces." };
    }
    return { isValid: true, message: null };
  } catch (error) {
    const raw = error instanceof Error ? error.message : "";
    const position = /position (\d+)/.exec(raw)?.[1];
    if (position === undefined) return { isValid: false, message: "Not JSON: it ends too early or a sign is missing." };
    const { line, column } = lineAndColumn(text, Number(position));
    return { isValid: false, message: `Not JSON: look at line ${line}, column ${column}.` };
  }
}

/** Laid out with two spaces; as it is where it is no JSON. */
export function formatJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** A wire code as words: "ends_before_start" is "Ends before start". */
export function codeWords(code: string): string {
  const words = code.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
