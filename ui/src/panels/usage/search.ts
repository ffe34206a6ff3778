/** What the page of usage shows, as its address says it. Pure. */
import { compactObject } from "../../view/view.ts";
import { choice, type PageSearch, parsePageSearch } from "../page-controls/search.ts";

/** By what executions are also told apart. */
export const USAGE_DIMENSIONS = ["workflow_group", "workflow_kind"] as const;
export type UsageDimension = (typeof USAGE_DIMENSIONS)[number];

export const USAGE_DIMENSION_WORD: Record<UsageDimension, string> = {
  workflow_group: "By group",
  workflow_kind: "By kind",
};

export interface UsageSearch extends PageSearch {
  by?: UsageDimension;
}

export function parseUsageSearch(raw: Record<string, unknown>): UsageSearch {
  return compactObject<UsageSearch>({ ...parsePageSearch(raw), by: choice(raw.by, USAGE_DIMENSIONS) });
}
