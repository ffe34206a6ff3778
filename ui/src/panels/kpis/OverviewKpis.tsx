import { useLiveRunning } from "../../live/useLive.ts";
import type { LiveMode } from "../../live/useLiveMode.ts";
import type { Part } from "../../view/useAnswers.ts";
import type { Where } from "../../view/view.ts";
import { PINNED } from "../overview/questions.ts";
import { explorerLink } from "../page-controls/explorer.ts";
import { arrangeKpis, OVERVIEW_MEASURES, pinnedBySource, runningNow } from "./data.ts";
import { KpisPanel } from "./Panel.tsx";

interface Props {
  parts: Record<string, Part>;
  pinned: readonly string[];
  where: Where | undefined;
  /** What runs now is told, where the figures are of everything. */
  live: LiveMode;
}

/** The figures of the Overview: what the viewer pinned, then those that everybody has. */
export function OverviewKpis({ parts, pinned, where, live }: Props) {
  const follows = live.isWanted && live.isOpen && !where;
  const running = useLiveRunning(follows);
  const bySource: Record<string, Part> = {};
  for (const [name, part] of Object.entries(parts))
    if (name.startsWith(PINNED)) bySource[name.slice(PINNED.length)] = part;
  const [figures, now] = [parts.kpis, parts.now?.answer];
  const kpis = figures?.answer &&
    now && [
      ...arrangeKpis(pinned, [...Object.entries(bySource), ["executions", figures]]),
      ...runningNow(now, running),
    ];
  const expected = OVERVIEW_MEASURES.length + 1 + [...pinnedBySource(pinned).values()].flat().length;
  return (
    <KpisPanel
      kpis={kpis}
      expected={expected}
      linkOf={(name) => {
        if (name === "count") return explorerLink(where);
        if (name === "count_failed") return explorerLink(where, { status: ["failed"] });
        if (name === "count_running") return runningLink(where);
        return undefined;
      }}
    />
  );
}

/** What runs now may have started before the range of the page. */
function runningLink(where: Where | undefined) {
  const link = explorerLink(where, { status: ["running"] });
  const search = link.search as object;
  return { ...link, search: { ...search, period: "all", from: undefined, to: undefined, last: undefined } as never };
}
