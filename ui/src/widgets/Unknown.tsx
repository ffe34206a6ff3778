import { UNKNOWN } from "../format/format.ts";

/** The cell of a value that is not known. On a phone, where each cell has a line of its own, it is left out. */
export function Unknown() {
  return (
    <span className="muted" data-unknown>
      {UNKNOWN}
    </span>
  );
}
