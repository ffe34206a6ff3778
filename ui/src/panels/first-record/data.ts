/** The command that sends a first record. Pure. */

export const KEY_PLACEHOLDER = "$TACHO_API_KEY";

export function firstRecordCommand(origin: string, key: string, now: Date): string {
  const started = new Date(now.getTime() - 4_200).toISOString();
  const record = JSON.stringify(
    {
      type: "execution",
      id: "first-run",
      workflow_id: "hello",
      status: "success",
      trigger_type: "manual",
      started_at: started,
      duration_ms: 4200,
    },
    null,
    2,
  );
  return [
    `curl ${origin}/api/v1/records \\`,
    `  -H "Authorization: Bearer ${key}" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${record}'`,
  ].join("\n");
}
