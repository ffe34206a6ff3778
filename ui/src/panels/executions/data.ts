/** The explorer's numbers: how many match, over time, by facet. What to ask in the page's one batch. Pure. */
import type { Filter, Query } from "../../api/types.ts";
import { STATUSES } from "../../theme/tokens.ts";
import type { Current } from "../../view/current.ts";
import type { Where } from "../../view/view.ts";
import { facetQuery, without } from "./facets.ts";

const SEARCHED = ["id", "workflow", "user", "error_type", "error_message"];

/**
 * The list's text search as a condition, so that what is counted is what is listed. `workflows` are those whose name
 * has the text: questions know workflows by id.
 */
export function searchFilters(text: string | undefined, workflows: readonly string[]): Filter[] {
  if (!text) return [];
  const fields: Filter[] = SEARCHED.map((field) => ({ field, op: "contains", value: text }));
  return [{ or: workflows.length > 0 ? [...fields, { field: "workflow", op: "in", values: [...workflows] }] : fields }];
}

export interface Asked {
  where: Where | undefined;
  /** `searchFilters` of the text. */
  search: Filter[];
  /** Fields of the open facets. */
  open: readonly string[];
  /** The facet of which more than the top is shown. */
  wide: string | null;
}

/** All questions of the page: `trend` and `all`, and one for each open facet by its field. */
export function explorerQueries(
  { frame, granularity, compare }: Pick<Current, "frame" | "granularity" | "compare">,
  { where, search, open, wide }: Asked,
): Record<string, Query> {
  const matching = frame(where);
  return {
    trend: {
      source: "executions",
      measures: ["count", ...STATUSES.map((status) => `count_${status}`)],
      ...matching,
      filters: [...(matching.filters ?? []), ...search],
      granularity,
      ...(compare ? { compare } : {}),
    },
    all: { source: "executions", measures: ["count"], ...frame() },
    ...Object.fromEntries(
      open.map((field) => [field, facetQuery(field, frame(without(where, field)), search, wide === field)]),
    ),
  };
}
