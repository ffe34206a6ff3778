/** What the palette offers, and in which order. Pure. */
import type { IconName } from "../../widgets/Icon.tsx";
import { fuzzy } from "./fuzzy.ts";

export type EntryGroup = "Execution" | "Recent" | "Pages" | "Workflows" | "Actions";

export interface Entry {
  id: string;
  group: EntryGroup;
  label: string;
  icon: IconName;
  /** What else it is found by, and shown as: an id, the keys that do the same. */
  hint?: string;
  keys?: string;
  run: () => void;
}

export interface Found {
  entry: Entry;
  /** Which characters of the label were meant. */
  at: number[];
}

export interface FoundGroup {
  group: EntryGroup;
  found: Found[];
}

const ORDER: readonly EntryGroup[] = ["Execution", "Recent", "Pages", "Workflows", "Actions"];
const SHOWN_MAX: Record<EntryGroup, number> = { Execution: 1, Recent: 5, Pages: 12, Workflows: 8, Actions: 8 };
/** A hint that matches counts a little less than the label. */
const HINT_PENALTY = 50;

function scoreOf(entry: Entry, typed: string): { score: number; at: number[] } | null {
  const label = fuzzy(entry.label, typed);
  const hint = entry.hint && typed.trim() !== "" ? fuzzy(entry.hint, typed) : null;
  if (!label && !hint) return null;
  if (!hint || (label && label.score >= hint.score - HINT_PENALTY)) return label;
  return { score: hint.score - HINT_PENALTY, at: [] };
}

/**
 * With nothing typed: what was visited, the pages, the actions. Else whatever answers, best first, in groups of which the
 * one with the best answer leads. An execution answers by its whole id, which somebody else has made sure of.
 */
export function find(entries: readonly Entry[], typed: string): FoundGroup[] {
  const isTyped = typed.trim() !== "";
  const groups = ORDER.flatMap((group) => {
    if (!isTyped && group === "Workflows") return [];
    const scored = entries
      .filter((entry) => entry.group === group)
      .flatMap((entry) => {
        const match = group === "Execution" ? { score: Number.MAX_VALUE, at: [] } : scoreOf(entry, typed);
        return match ? [{ entry, ...match }] : [];
      });
    if (isTyped) scored.sort((a, b) => b.score - a.score);
    const best = scored[0];
    if (!best) return [];
    const found = scored.slice(0, SHOWN_MAX[group]).map(({ entry, at }) => ({ entry, at }));
    return [{ group, found, best: best.score }];
  });
  if (isTyped) groups.sort((a, b) => b.best - a.best);
  return groups.map(({ group, found }) => ({ group, found }));
}

/** Whether what was typed could be the id of an execution, so that it is worth asking. */
export function mayBeId(typed: string): boolean {
  return /^\S{6,200}$/.test(typed.trim());
}
