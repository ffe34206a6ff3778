/** Texts that have to fit. Pure. */
export function shortened(text: string, letters: number): string {
  return text.length > letters ? `${text.slice(0, Math.max(1, letters - 1)).trimEnd()}…` : text;
}
