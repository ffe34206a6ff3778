/** Which executions a wall screen shows. Pure. */
import type { Row } from "./active.ts";

/** Those first that should have finished longest ago; at the end those of which nobody can say when they should. */
export function wallRows(rows: readonly Row[], most: number): readonly Row[] {
  const due = ({ expected_finish_at: at }: Row) => (at ? Date.parse(at) : Number.MAX_SAFE_INTEGER);
  return rows
    .filter(({ status, outcome }) => status === "running" && !outcome)
    .sort((a, b) => due(a) - due(b))
    .slice(0, most);
}
