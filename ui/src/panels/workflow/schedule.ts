/** When a workflow was due, and what came of it, day by day. Pure. */
import type { DueRun, WorkflowScheduleReport } from "../../api/types.ts";
import { cronWords } from "./cron.ts";

export type DueState = DueRun["state"];

export const DUE_STATES: readonly DueState[] = ["ran", "late", "missed", "pending"];

export const DUE_WORD: Record<DueState, string> = {
  ran: "Ran on time",
  late: "Ran late",
  missed: "Missed",
  pending: "Not due yet",
};

export interface DueDay {
  /** As the calendar of the schedule's zone has it: "2026-11-23". */
  date: string;
  /** Oldest first. */
  runs: DueRun[];
}

/** Oldest day first. A day is one in the zone of the schedule, where "every day at six" is one square. */
export function daysOf(runs: readonly DueRun[], zone: string): DueDay[] {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  const days = new Map<string, DueRun[]>();
  for (const run of runs) {
    const date = format.format(new Date(run.due_at));
    days.set(date, [run, ...(days.get(date) ?? [])]);
  }
  return [...days].map(([date, found]) => ({ date, runs: found })).sort((a, b) => a.date.localeCompare(b.date));
}

/** The worst that happened on a day; what is still to come says nothing of it. */
export function worstOf({ runs }: DueDay): DueState {
  const order: DueState[] = ["missed", "late", "ran", "pending"];
  return order.find((state) => runs.some((run) => run.state === state)) ?? "pending";
}

/** "23 ran on time, 1 missed" */
export function dayWords({ runs }: DueDay): string {
  return DUE_STATES.flatMap((state) => {
    const count = runs.filter((run) => run.state === state).length;
    return count > 0 ? [`${count} ${DUE_WORD[state].toLowerCase()}`] : [];
  }).join(", ");
}

/** In words, with the zone whose clock counts: "At 06:00, Monday to Friday (Europe/Berlin)". */
export function scheduleWords(schedule: WorkflowScheduleReport["schedule"]): string | null {
  return schedule && `${cronWords(schedule.cron) ?? schedule.cron} (${schedule.timezone ?? "UTC"})`;
}

/** How many of those that are over were run, in percent; null where none was due. */
export function kept({ ran, late, missed }: Pick<WorkflowScheduleReport, "ran" | "late" | "missed">): number | null {
  const due = ran + late + missed;
  return due > 0 ? ((ran + late) / due) * 100 : null;
}
