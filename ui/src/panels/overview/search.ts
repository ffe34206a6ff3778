/** What the Overview shows, as its address says it. Pure. */
import { compactObject } from "../../view/view.ts";
import { COST_DIMENSIONS, type CostDimension } from "../costs/breakdown.ts";
import { choice, type PageSearch, parsePageSearch } from "../page-controls/search.ts";
import { RANKINGS, type Ranking } from "../rankings/data.ts";
import { OVERLAYS, type Overlay } from "../trend/data.ts";

export interface OverviewSearch extends PageSearch {
  overlay?: Overlay;
  /** By what the top workflows are ranked. */
  top?: Ranking;
  costs_by?: CostDimension;
}

export function parseOverviewSearch(raw: Record<string, unknown>): OverviewSearch {
  return compactObject<OverviewSearch>({
    ...parsePageSearch(raw),
    overlay: choice(raw.overlay, OVERLAYS),
    top: choice(raw.top, RANKINGS),
    costs_by: choice(raw.costs_by, COST_DIMENSIONS),
  });
}
