/** What the explorer shows, as its address says it. Pure. */
import type { ExecutionFilter, ExecutionOrder } from "../../api/requests.ts";
import type { Period } from "../../api/types.ts";
import {
  compactObject,
  filtersOf,
  listTimeOf,
  oneOf,
  parseWhere,
  textOf,
  type View,
  type Where,
} from "../../view/view.ts";
import { parseColumns } from "./columns.ts";

export interface ExplorerSearch {
  where?: Where;
  /** A text in the id, workflow, user or error. */
  q?: string;
  order?: Exclude<ExecutionOrder, "newest">;
  /** Names of columns, with commas; if left out, those that this viewer chose last. */
  columns?: string;
}

export const ORDERS: readonly { value: ExecutionOrder; label: string }[] = [
  { value: "newest", label: "Newest first" },
  { value: "longest", label: "Longest first" },
  { value: "costliest", label: "Costliest first" },
];

export function parseExplorerSearch(raw: Record<string, unknown>): ExplorerSearch {
  return compactObject<ExplorerSearch>({
    where: parseWhere(raw.where),
    q: textOf(raw.q),
    order: oneOf(raw.order, ["longest", "costliest"]),
    columns: parseColumns(raw.columns)?.join(","),
  });
}

/** Executions on a page of the list. */
export const PAGE_SIZE = 50;
/** Orders other than the newest have one page only, so it is a long one. */
const SINGLE_PAGE_SIZE = 200;

/** The list's question. `text` is searched by the list itself, which knows the names of workflows. */
export function listFilter(search: ExplorerSearch & View, period: Period, now: Date): ExecutionFilter {
  return compactObject<ExecutionFilter>({
    ...listTimeOf(search, period, now),
    filters: search.where && filtersOf(search.where),
    search: search.q,
    order: search.order,
    limit: search.order ? SINGLE_PAGE_SIZE : PAGE_SIZE,
  });
}
