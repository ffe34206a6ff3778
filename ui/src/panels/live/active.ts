/** The executions that have not ended: which of them, in which order, and what is said of each. Pure. */
import type { ActiveExecution, ExecutionEvent } from "@tacho/live";
import type { ExecutionStatus } from "../../api/types.ts";
import { duration, UNKNOWN } from "../../format/format.ts";
import { STATUS_AFTER } from "../../live/patch.ts";
import type { LiveSearch } from "./search.ts";

/** An execution in the table. One that has ended stays a moment, so that one sees how. */
export interface Row extends ActiveExecution {
  outcome?: ExecutionStatus;
}

export function keyOf({ id, attempt }: Pick<ActiveExecution, "id" | "attempt">): string {
  return `${id}#${attempt}`;
}

export function titleOf(run: Pick<ActiveExecution, "workflow_id" | "workflow_name">): string {
  return run.workflow_name || run.workflow_id || "No workflow";
}

type Named = Pick<ActiveExecution, "workflow_id" | "workflow_name"> & { id: string };

/** Whether something is what the page is narrowed to. */
export function isWanted({ workflow_id, workflow_name, id }: Named, { workflow, q }: LiveSearch): boolean {
  if (workflow !== undefined && workflow_id !== workflow) return false;
  if (q === undefined) return true;
  const text = q.toLowerCase();
  return [id, workflow_id, workflow_name].some((each) => each?.toLowerCase().includes(text));
}

export function narrowed(rows: readonly Row[], search: LiveSearch): readonly Row[] {
  if (!search.workflow && !search.q && !search.status) return rows;
  return rows.filter((row) => (!search.status || row.status === search.status) && isWanted(row, search));
}

/** When it began to run, or to wait. */
export function beganAt(run: Pick<ActiveExecution, "started_at" | "queued_at" | "updated_at">): string {
  return run.started_at ?? run.queued_at ?? run.updated_at;
}

/** How much of it is done, from 0 to 1; null where nobody says of how many steps. */
export function doneOf({ steps_completed: done, steps_total: all }: ActiveExecution): number | null {
  return all ? Math.min(1, (done ?? 0) / all) : null;
}

export function stepsText({ steps_completed: done, steps_total: all }: ActiveExecution): string {
  if (all) return `${done ?? 0} of ${all}`;
  return done === null ? "" : `${done} done`;
}

export interface Expected {
  text: string;
  isOverdue: boolean;
}

/** When it should be finished, by what its workflow usually takes. */
export function expectedOf({ expected_finish_at: at }: ActiveExecution, now: Date): Expected | null {
  if (!at) return null;
  const left = Date.parse(at) - now.getTime();
  const whole = (ms: number) => duration(Math.max(1_000, Math.round(ms / 1_000) * 1_000)).replace(/\.0(?=\D)/, "");
  return left >= 0
    ? { text: `in ${whole(left)}`, isOverdue: false }
    : { text: `${whole(-left)} over`, isOverdue: true };
}

/** How long it has been going on, to the second. */
export function elapsedText(run: ActiveExecution, now: Date): string {
  const ms = now.getTime() - Date.parse(beganAt(run));
  return Number.isNaN(ms) ? UNKNOWN : duration(Math.max(0, Math.floor(ms / 1_000) * 1_000)).replace(/\.0(?=\D)/, "");
}

export const ORDERS = ["workflow", "elapsed", "progress", "expected"] as const;
export interface Order {
  id: (typeof ORDERS)[number];
  desc: boolean;
}

const VALUE: Record<Order["id"], (row: Row) => string | number | null> = {
  workflow: (row) => titleOf(row).toLowerCase(),
  // Who began last has been going on for the shortest time.
  elapsed: (row) => -Date.parse(beganAt(row)),
  progress: doneOf,
  expected: (row) => (row.expected_finish_at ? Date.parse(row.expected_finish_at) : null),
};

/** In that order; those alike as they were, those of which it is not known at the end. */
export function ordered(rows: readonly Row[], order: Order | null): readonly Row[] {
  if (!order) return rows;
  const value = VALUE[order.id];
  const sign = order.desc ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [one, other] = [value(a), value(b)];
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    return one === other ? 0 : one < other ? -sign : sign;
  });
}

/** How long one that has ended stays. */
export const LEAVING_MS = 1_600;

export interface Leaving {
  row: Row;
  until: number;
}

/** Those that have ended since, with how; those of whom that is not known have just gone. */
export function leavingAfter(
  leaving: readonly Leaving[],
  before: readonly ActiveExecution[],
  now: readonly ActiveExecution[],
  events: readonly ExecutionEvent[],
  at: number,
): readonly Leaving[] {
  const current = new Set(now.map(keyOf));
  const ended = before
    .filter((row) => !current.has(keyOf(row)))
    .flatMap((row): Leaving[] => {
      const event = events.findLast(({ execution_id, attempt }) => execution_id === row.id && attempt === row.attempt);
      const outcome = event && STATUS_AFTER[event.kind];
      if (!outcome || outcome === "running" || outcome === "queued") return [];
      return [{ row: { ...row, outcome }, until: at + LEAVING_MS }];
    });
  const kept = leaving.filter(({ row, until }) => until > at && !current.has(keyOf(row)));
  return kept.length === leaving.length && ended.length === 0 ? leaving : [...kept, ...ended];
}

/** All rows of the table, those that began last first. */
export function withLeaving(now: readonly ActiveExecution[], leaving: readonly Leaving[]): readonly Row[] {
  if (leaving.length === 0) return now;
  const rows: Row[] = [...now, ...leaving.map(({ row }) => row)];
  return rows.sort((a, b) => (beganAt(a) === beganAt(b) ? 0 : beganAt(a) < beganAt(b) ? 1 : -1));
}
