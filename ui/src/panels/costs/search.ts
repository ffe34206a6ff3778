/** What the page of costs shows, as its address says it. Pure. */
import { compactObject } from "../../view/view.ts";
import { choice, type PageSearch, parsePageSearch } from "../page-controls/search.ts";

/** How the trend is drawn: what each bucket cost by action, or what all has cost since the range began. */
export const TREND_MODES = ["by_action", "cumulative"] as const;
export type TrendMode = (typeof TREND_MODES)[number];

export const TREND_MODE_WORD: Record<TrendMode, string> = { by_action: "By action", cumulative: "Cumulative" };

export interface CostsSearch extends PageSearch {
  trend?: TrendMode;
}

export function parseCostsSearch(raw: Record<string, unknown>): CostsSearch {
  return compactObject<CostsSearch>({ ...parsePageSearch(raw), trend: choice(raw.trend, TREND_MODES) });
}
