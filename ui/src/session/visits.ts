/** The workflows, executions and faults that were looked at last, for the command palette; on this device only. */
import { useTitleOf } from "../widgets/title.ts";

export interface Visit {
  path: string;
  title: string;
}

const KEY = "tacho.visits";
const KEPT = 8;
const WORTH_KEEPING = /^\/(workflows|executions|failures)\/[^/]+$/;

export function recentVisits(): Visit[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    if (!Array.isArray(kept)) return [];
    return kept.filter((visit) => typeof visit?.path === "string" && typeof visit?.title === "string");
  } catch {
    // Storage is switched off, or holds something else.
    return [];
  }
}

export function remember(visit: Visit): void {
  if (!WORTH_KEEPING.test(visit.path)) return;
  const others = recentVisits().filter(({ path }) => path !== visit.path);
  try {
    localStorage.setItem(KEY, JSON.stringify([visit, ...others].slice(0, KEPT)));
  } catch {
    // Without storage nothing is remembered.
  }
}

export function forgetVisits(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Without storage there is nothing to forget.
  }
}

/** Remembers pages under the title that they give themselves. */
export function useRememberVisits(pathname: string): void {
  useTitleOf(pathname, (title) => remember({ path: pathname, title }));
}
