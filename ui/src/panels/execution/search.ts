/** Which execution's page shows what, as the address says it. Pure. */

export interface ExecutionSearch {
  /** Which attempt; without it, the last one. */
  attempt?: number;
}

export function parseExecutionSearch(raw: Record<string, unknown>): ExecutionSearch {
  const attempt = Number(raw.attempt);
  return Number.isInteger(attempt) && attempt > 0 ? { attempt } : {};
}
