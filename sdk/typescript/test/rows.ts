/** What a test sends, and how it finds that again. */
import { expect, inject, vi } from "vitest";
import { type ExecutionRecord, Tacho, totalsOf } from "../src/tacho.ts";

let made = 0;

/** A workflow id of its own for each test. */
export function freshWorkflow(): string {
  made += 1;
  return `w-${process.pid}-${made}-${crypto.randomUUID().slice(0, 8)}`;
}

/** Runs that are over. */
export function runs(workflow_id: string, count: number, more: Partial<ExecutionRecord> = {}): ExecutionRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    type: "execution" as const,
    id: `${workflow_id}/${index}`,
    workflow_id,
    status: "success" as const,
    started_at: new Date(Date.now() - 60_000),
    duration_ms: 1000 + index,
    ...more,
  }));
}

const reader = () => new Tacho({ url: inject("url"), apiKey: inject("key") });

/** How many runs of the workflow the server has. */
export async function countOf(workflow: string): Promise<number> {
  const answer = await reader().query(
    {
      source: "executions",
      measures: ["count"],
      time: { last: "24h" },
      filters: [{ field: "workflow", op: "eq", value: workflow }],
    },
    { fresh: true },
  );
  return totalsOf(answer).count ?? 0;
}

/** Waits until the server shows that many runs of the workflow. */
export async function expectCount(workflow: string, count: number): Promise<void> {
  await vi.waitFor(async () => expect(await countOf(workflow)).toBe(count), { timeout: 15_000, interval: 100 });
}
