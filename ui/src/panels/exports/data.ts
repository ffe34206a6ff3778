/** Exports as the queue shows them. Pure. */
import type { Export } from "../../api/types.ts";
import { exactCount, plural } from "../../format/format.ts";
import type { IconName } from "../../widgets/Icon.tsx";

export const STATE: Record<Export["state"], { word: string; icon: IconName; color: string }> = {
  queued: { word: "Waits", icon: "dots", color: "var(--status-queued-text)" },
  running: { word: "Runs", icon: "half", color: "var(--status-running-text)" },
  done: { word: "Ready", icon: "check", color: "var(--status-success-text)" },
  failed: { word: "Failed", icon: "cross", color: "var(--status-failed-text)" },
  cancelled: { word: "Cancelled", icon: "ban", color: "var(--status-cancelled-text)" },
  expired: { word: "Expired", icon: "clock", color: "var(--status-cancelled-text)" },
};

/** Whether it changes by itself. */
export function isUnderWay({ state }: Pick<Export, "state">): boolean {
  return state === "queued" || state === "running";
}

/** How often an export is looked at while it changes. */
export const POLL_MS = 1_000;

/** How much is written, from 0 to 1; null while that cannot be told. */
export function progressOf({ state, rows_written, rows_expected }: Export): number | null {
  if (state === "done") return 1;
  if (state !== "running" || !rows_expected) return null;
  return Math.min(1, rows_written / rows_expected);
}

export function rowsText({ state, rows_written, rows_expected }: Export): string {
  if (state === "queued") return rows_expected == null ? "Not counted yet" : `About ${plural(rows_expected, "row")}`;
  if (state === "done" || rows_expected == null) return plural(rows_written, "row");
  return `${exactCount(rows_written)} of ${plural(rows_expected, "row")}`;
}

/** Its place in the line, in words. */
export function placeText({ state, position }: Export): string | null {
  if (state !== "queued" || position == null) return null;
  return position === 1 ? "Next" : `${exactCount(position)}. in the line`;
}

interface OfExecutions {
  status?: string | null;
  workflow_id?: string | null;
  user_id?: string | null;
  trigger_type?: string | null;
  error_type?: string | null;
  error_fingerprint?: string | null;
  search?: string | null;
  filters?: unknown[] | null;
  columns?: string[] | null;
  period?: string | null;
}

const NARROWED: (keyof OfExecutions)[] = [
  "status",
  "workflow_id",
  "user_id",
  "trigger_type",
  "error_type",
  "error_fingerprint",
];

/** What it holds, in a few words: "Executions", and "2 filters · “timed out” · 8 columns". */
export function aboutOf({ of }: Pick<Export, "of">): { title: string; detail: string } {
  if ("query" in of) {
    const query = of.query as { source: string; measures?: string[]; dimensions?: string[] | null };
    return {
      title: `Answer about ${query.source}`,
      detail: [...(query.dimensions ?? []), ...(query.measures ?? [])].join(", "),
    };
  }
  const asked = of.executions as OfExecutions;
  const filters = NARROWED.filter((name) => asked[name]).length + (asked.filters?.length ?? 0);
  const parts = [
    filters > 0 ? plural(filters, "filter") : "No filter",
    asked.search ? `“${asked.search}”` : null,
    asked.columns ? plural(asked.columns.length, "column") : "All columns",
  ];
  return { title: "Executions", detail: parts.filter(Boolean).join(" · ") };
}

/** Those under way first, in the order in which they come; then the newest. */
export function inOrder(exports: readonly Export[]): Export[] {
  const rank = (each: Export) => (each.state === "running" ? 0 : each.state === "queued" ? 1 : 2);
  return [...exports].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      (a.state === "queued" ? (a.position ?? 0) - (b.position ?? 0) : b.created_at.localeCompare(a.created_at)),
  );
}
