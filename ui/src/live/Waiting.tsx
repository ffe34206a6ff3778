import { plural } from "../format/format.ts";

/** Says that rows keep their places for whoever points at them, and how much has happened meanwhile. */
export function Waiting({ count }: { count: number }) {
  return count > 0 ? (
    <span className="muted" style={{ fontSize: "var(--text-xs)" }}>
      {plural(count, "update")} waiting
    </span>
  ) : null;
}
