/** Entries of the audit log in words. Pure. */
import type { AuditEntry } from "../../api/types.ts";
import { plural } from "../../format/format.ts";

const WORD: Record<string, string> = {
  "POST /api/v1/query": "Query",
  "POST /api/v1/metrics/query": "Query of metrics",
  "GET /api/v1/executions": "List of executions",
  "GET /api/v1/executions/{id}": "Execution",
  "GET /api/v1/workflows": "List of workflows",
  "GET /api/v1/workflows/{id}": "Workflow",
  "GET /api/v1/workflows/{id}/schedule": "Schedule of a workflow",
  "GET /api/v1/failures": "List of faults",
  "GET /api/v1/failures/{fingerprint}": "Fault",
  "GET /api/v1/dead-letters": "List of dead letters",
  "GET /api/v1/dead-letters/{id}": "Dead letter",
  "GET /api/v1/exports": "List of exports",
  "POST /api/v1/exports": "Export",
  "GET /api/v1/exports/{id}/download": "Download of an export",
  "GET /api/v1/analytics/executions": "Report on executions",
  "GET /api/v1/analytics/executions/summary": "Summary of executions",
  "GET /api/v1/analytics/executions/errors": "Report on errors",
  "GET /api/v1/analytics/workflows/rankings": "Rankings of workflows",
  "GET /api/v1/analytics/workflows/comparison": "Comparison of workflows",
  "GET /api/v1/analytics/workflows/{id}/performance": "Performance of a workflow",
  "GET /api/v1/analytics/workflows/{id}/steps": "Steps of a workflow",
  "GET /api/v1/analytics/performance-trends": "Performance trends",
  "GET /api/v1/analytics/cost-analysis": "Cost analysis",
};

/** What an operation is called; one that has no name yet goes by its route. */
export function operationWord(operation: string): string {
  return WORD[operation] ?? operation;
}

/** Operations to choose from: those with a name, and those that were seen. */
export function operationsOf(entries: readonly AuditEntry[]): { value: string; label: string }[] {
  const all = new Set([...Object.keys(WORD), ...entries.map(({ operation }) => operation)]);
  return [...all]
    .map((value) => ({ value, label: operationWord(value) }))
    .sort((a, b) => a.label.localeCompare(b.label, "en"));
}

/** Where a page of a list begins and how long it is says nothing of what was asked for. */
const PAGING = new Set(["cursor", "limit", "offset"]);

/** What was asked, in a line: the sources of a query, or which thing and with what parameters. */
export function questionLine({ operation, question }: Pick<AuditEntry, "operation" | "question">): string {
  if (!question.startsWith("{")) {
    const [path = "", search] = question.split("?", 2);
    const names = operation.split(" ").at(-1)?.split("/") ?? [];
    const ids = path.split("/").filter((_, index) => names[index]?.startsWith("{"));
    const params = [...new URLSearchParams(search)].filter(([name]) => !PAGING.has(name));
    return [...ids.map(decoded), ...params.map(([name, value]) => `${name} ${value}`)].join(" · ");
  }
  // The body is cut after 4 KB, so that it need not be JSON any more.
  const sources = [...question.matchAll(/"source":"([a-z_]+)"/g)].map(([, source]) => source);
  const different = [...new Set(sources)].join(", ");
  return sources.length > 1 ? `${plural(sources.length, "question")} about ${different}` : different;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The question whole, laid out if it is JSON. */
export function wholeQuestion({ question }: Pick<AuditEntry, "question">): string {
  try {
    return JSON.stringify(JSON.parse(question), null, 2);
  } catch {
    return question;
  }
}

/** Who asked: a person, a key, or a key that acts as a person. */
export function asker(entry: Pick<AuditEntry, "user_id" | "user_name" | "key_name" | "key_id">): string {
  const person = entry.user_name ?? entry.user_id;
  const key = entry.key_name ?? entry.key_id;
  if (person && key) return `${person}, by key “${key}”`;
  return person ?? (key ? `Key “${key}”` : "Nobody known");
}
