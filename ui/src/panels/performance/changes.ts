/** Which workflows have become slower or faster than they were. Pure. */
import { groupsOf } from "../../api/rows.ts";
import type { Answer, CompareWith, Query } from "../../api/types.ts";
import { change, duration, plural } from "../../format/format.ts";
import type { Frame } from "../../view/current.ts";

/** Under this many executions, on either side, a 95th percentile is a matter of chance. */
export const ENOUGH = 30;
/** Less is noise. */
const NOTABLE = 0.1;
const SHOWN = 5;
/** The most frequent workflows; the others hardly have enough executions. */
const ASKED = 1_000;

export function changesQuery(frame: Frame, compare: CompareWith | undefined): Query {
  return {
    source: "executions",
    measures: ["count", "duration_p95"],
    dimensions: ["workflow"],
    order: [{ by: "count", direction: "desc" }],
    limit: ASKED,
    ...frame,
    ...(compare ? { compare } : {}),
  };
}

export interface WorkflowChange {
  id: string;
  name: string;
  /** "95th percentile 42 s, was 31 s (+35 % ↑), 1,204 executions" */
  text: string;
  /** 0.35 is a third slower. */
  relative: number;
}

export interface Changes {
  slower: WorkflowChange[];
  faster: WorkflowChange[];
  /** How many workflows had enough executions on both sides. */
  judged: number;
  /** There is no range to compare with. */
  isAlone: boolean;
}

export function shapeChanges(answer: Answer): Changes {
  const changes = groupsOf(answer).flatMap((group): WorkflowChange[] => {
    const id = group.text("workflow");
    const [now, before] = [group.number("duration_p95"), group.before("duration_p95")];
    const [count, countBefore] = [group.number("count") ?? 0, group.before("count") ?? 0];
    if (!id || now === null || !before || count < ENOUGH || countBefore < ENOUGH) return [];
    const moved = change(now, before, "ms", "lower");
    return [
      {
        id,
        name: group.text("workflow_name") ?? id,
        text: `95th percentile ${duration(now)}, was ${duration(before)} (${moved?.text}), ${plural(count, "execution")}`,
        relative: now / before - 1,
      },
    ];
  });
  const bySize = changes.toSorted((a, b) => b.relative - a.relative);
  return {
    slower: bySize.filter(({ relative }) => relative >= NOTABLE).slice(0, SHOWN),
    faster: bySize
      .filter(({ relative }) => relative <= -NOTABLE)
      .reverse()
      .slice(0, SHOWN),
    judged: changes.length,
    isAlone: answer.comparison === null,
  };
}
