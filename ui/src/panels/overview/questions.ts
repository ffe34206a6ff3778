/** All that the Overview asks, in one batch. Pure. */
import type { CompareWith, Granularity, Query } from "../../api/types.ts";
import type { Frame } from "../../view/current.ts";
import { breakdownQuery } from "../costs/breakdown.ts";
import { kpiQuery, nowQuery, OVERVIEW_MEASURES, pinnedBySource } from "../kpis/data.ts";
import { RANKINGS, rankingQuery } from "../rankings/data.ts";
import { trendQuery } from "../trend/data.ts";
import type { WidgetId } from "./arrangement.ts";
import type { OverviewSearch } from "./search.ts";

interface Context {
  search: OverviewSearch;
  frame: Frame;
  granularity: Granularity;
  compare: CompareWith | undefined;
  pinned: readonly string[];
  hidden: readonly WidgetId[];
}

export const PINNED = "pinned:";

/** Only what is shown is asked for; the key figures always, as they say whether there is anything at all. */
export function overviewQuestions({
  search,
  frame,
  granularity,
  compare,
  pinned,
  hidden,
}: Context): Record<string, Query> {
  const isShown = (id: WidgetId) => !hidden.includes(id);
  const kpiFrame = { ...frame, granularity, compare };
  const questions: Record<string, Query> = { kpis: kpiQuery("executions", OVERVIEW_MEASURES, kpiFrame) };
  if (isShown("trend") || isShown("statuses"))
    questions.trend = trendQuery({ ...frame, granularity }, search.overlay ?? "none");
  if (isShown("rankings")) questions.rankings = rankingQuery(search.top ?? RANKINGS[0], frame, compare);
  if (isShown("costs")) questions.costs = breakdownQuery(search.costs_by ?? "action_type", frame, compare);
  // Asked apart: a pinned metric that no longer exists must not take the other figures with it.
  for (const [source, measures] of pinnedBySource(pinned))
    questions[`${PINNED}${source}`] = kpiQuery(source, measures, kpiFrame);
  questions.now = nowQuery(frame);
  return questions;
}
