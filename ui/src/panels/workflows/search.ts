/** What the list of workflows has in its URL besides the common view. Pure. */
import { compactObject, parseWhere, textOf, type Where } from "../../view/view.ts";
import type { TableSort } from "../../widgets/DataTable.tsx";

export interface WorkflowsSearch {
  /** The text in the search field. */
  q?: string;
  where?: Where;
  /** The column that the table is sorted by, with "-" before it the greatest first. */
  sort?: string;
}

export function parseWorkflowsSearch(raw: Record<string, unknown>): WorkflowsSearch {
  const sort = textOf(raw.sort);
  return compactObject<WorkflowsSearch>({
    q: textOf(raw.q),
    where: parseWhere(raw.where),
    sort: sort && /^-?[a-z_]+$/.test(sort) ? sort : undefined,
  });
}

const MOST_EXECUTIONS_FIRST = "-count";

export function sortOf(text: string = MOST_EXECUTIONS_FIRST): TableSort {
  return text.startsWith("-") ? { id: text.slice(1), desc: true } : { id: text, desc: false };
}

/** The text of a sort; undefined for the default one, which is not in the URL. */
export function sortText(sort: TableSort | null): string | undefined {
  const text = sort ? `${sort.desc ? "-" : ""}${sort.id}` : undefined;
  return text === MOST_EXECUTIONS_FIRST ? undefined : text;
}
