/** An export of what the explorer shows. Pure. */
import type { ExecutionFilter } from "../../api/requests.ts";
import type { CreateExport } from "../../api/types.ts";
import { exportedFields } from "./columns.ts";

export type ExportFormat = CreateExport["format"];

export const FORMATS: readonly { value: ExportFormat; label: string; about: string }[] = [
  { value: "csv", label: "CSV", about: "For spreadsheets" },
  { value: "json", label: "JSON", about: "One array" },
  { value: "ndjson", label: "NDJSON", about: "One object a line, for programs" },
];

/** Just this filter and these columns: all that match, not only what is loaded. */
export function exportOf(
  { limit: _limit, cursor: _cursor, order: _order, ...filter }: ExecutionFilter,
  columns: readonly string[],
  format: ExportFormat,
): CreateExport {
  return {
    format,
    compression: "none",
    of: { executions: { ...filter, columns: exportedFields(columns) } },
  };
}
