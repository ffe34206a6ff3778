/** The columns that the explorer's table can have. Pure. */

/** Names the table's remembered settings. */
export const EXPLORER_TABLE = "explorer";

export interface ColumnChoice {
  id: string;
  label: string;
  /** What an export has for it. */
  exported: string[];
}

export const COLUMN_CHOICES: readonly ColumnChoice[] = [
  { id: "workflow", label: "Workflow", exported: ["workflow_id", "workflow_name"] },
  { id: "status", label: "Status", exported: ["status"] },
  { id: "duration", label: "Duration", exported: ["duration_ms"] },
  { id: "trigger", label: "Trigger", exported: ["trigger_type"] },
  { id: "started", label: "Started", exported: ["queued_at", "started_at", "completed_at"] },
  { id: "error", label: "Error", exported: ["error_type", "error_message"] },
  { id: "cost", label: "Cost", exported: ["cost_usd"] },
  { id: "version", label: "Version", exported: ["workflow_version"] },
  { id: "user", label: "User", exported: ["user_id"] },
  { id: "steps", label: "Steps", exported: ["steps_completed", "steps_total"] },
  { id: "items", label: "Items", exported: ["items_processed"] },
  { id: "attempt", label: "Attempt", exported: ["attempt"] },
  { id: "credits", label: "Credits", exported: ["credits"] },
  { id: "variant", label: "Variant", exported: ["variant"] },
  { id: "tags", label: "Tags", exported: ["tags"] },
  { id: "id", label: "Id", exported: ["id"] },
];

export const DEFAULT_COLUMNS: readonly string[] = [
  "workflow",
  "status",
  "duration",
  "trigger",
  "started",
  "error",
  "cost",
];

/** The column that opens the row: it can't be taken away. */
export const FIXED_COLUMN = "workflow";

/** Known columns in the table's own order; undefined where none is named. */
export function parseColumns(raw: unknown): string[] | undefined {
  const named = (Array.isArray(raw) ? raw : String(raw ?? "").split(",")).map(String);
  const known = COLUMN_CHOICES.filter(({ id }) => named.includes(id)).map(({ id }) => id);
  if (known.length === 0) return undefined;
  return known.includes(FIXED_COLUMN) ? known : [FIXED_COLUMN, ...known];
}

/** What an export of these columns has: the id first, and what tells tries apart. */
export function exportedFields(columns: readonly string[]): string[] {
  const fields = COLUMN_CHOICES.filter(({ id }) => columns.includes(id)).flatMap(({ exported }) => exported);
  return [...new Set(["id", "attempt", ...fields])];
}
