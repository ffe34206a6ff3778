/** Rows that stay where they are while somebody points at them. Pure. */

export interface Held<Row> {
  rows: readonly Row[];
  /** How many rows would come, go or change their place. */
  waiting: number;
}

/** The rows of before in their order, each as it is now; what has gone stays as it was, what has come waits. */
export function hold<Row>(before: readonly Row[], now: readonly Row[], keyOf: (row: Row) => string): Held<Row> {
  const current = new Map(now.map((row) => [keyOf(row), row]));
  const known = new Set(before.map(keyOf));
  const same = before.map((row) => current.get(keyOf(row)) ?? row);
  const rows = same.every((row, place) => row === before[place]) ? before : same;
  const gone = before.filter((row) => !current.has(keyOf(row))).length;
  const come = now.length - (before.length - gone);
  // Among those that stay, who follows another one than before.
  const stay = before.map(keyOf).filter((key) => current.has(key));
  const moved = now
    .map(keyOf)
    .filter((key) => known.has(key))
    .filter((key, place) => key !== stay[place]).length;
  return { rows, waiting: gone + come + moved };
}
