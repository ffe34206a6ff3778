/** When a workflow was due, and what came of it. Pure. */
import type { DueRun, WorkflowScheduleReport } from "../../api/types.ts";
import { cronWords } from "./cron.ts";

export type DueState = DueRun["state"];

export const DUE_STATES: readonly DueState[] = ["ran", "late", "missed", "pending"];

export const DUE_WORD: Record<DueState, string> = {
  ran: "Ran on time",
  late: "Ran late",
  missed: "Missed",
  pending: "Awaited",
};

/** A square of the strip: a day, or a single due time where the range is short. */
export interface DueSquare {
  /** What stands in it: "23", at the beginning of a month "1 Dec"; "06:00" of a single one. */
  label: string;
  /** "Mon 23 Nov" or "Mon 23 Nov, 06:00". */
  name: string;
  runs: DueRun[];
}

/** More than these are easier to read as days. */
const SINGLE_MAX = 60;
const SINGLE_DAYS_MAX = 2;

/** Oldest first. A day is one in the zone of the schedule, where "every day at six" is one square. */
export function squaresOf(runs: readonly DueRun[], zone: string): DueSquare[] {
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options });
  const dayName = part({ weekday: "short", day: "numeric", month: "short" });
  const clock = part({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const oldestFirst = [...runs].sort((a, b) => Date.parse(a.due_at) - Date.parse(b.due_at));
  const days = new Map<string, DueRun[]>();
  for (const run of oldestFirst) {
    const name = dayName.format(new Date(run.due_at)).replace(",", "");
    days.set(name, [...(days.get(name) ?? []), run]);
  }
  if (days.size <= SINGLE_DAYS_MAX && runs.length <= SINGLE_MAX) {
    return [...days].flatMap(([name, found]) =>
      found.map((run) => {
        const label = clock.format(new Date(run.due_at));
        return { label, name: `${name}, ${label}`, runs: [run] };
      }),
    );
  }
  return [...days].map(([name, found], index) => {
    const [, day = "", month] = name.split(" ");
    return { label: index === 0 || day === "1" ? `${day} ${month}` : day, name, runs: found };
  });
}

/** The worst that happened; what may still come says nothing of it. */
export function worstOf({ runs }: DueSquare): DueState {
  const order: DueState[] = ["missed", "late", "ran", "pending"];
  return order.find((state) => runs.some((run) => run.state === state)) ?? "pending";
}

/** "23 ran on time, 1 missed" */
export function squareWords({ runs }: DueSquare): string {
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
