/** The command that sends a cost. Pure. */
import { KEY_PLACEHOLDER } from "../first-record/data.ts";

export function costCommand(origin: string, now: Date): string {
  const record = {
    type: "cost",
    id: "first-cost",
    execution_id: "first-run",
    workflow_id: "hello",
    action_type: "browser_minutes",
    amount_usd: 0.0125,
    timestamp: now.toISOString(),
  };
  return [
    `curl ${origin}/api/v1/records \\`,
    `  -H "Authorization: Bearer ${KEY_PLACEHOLDER}" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${JSON.stringify(record, null, 2)}'`,
  ].join("\n");
}
