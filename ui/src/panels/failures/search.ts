/** Which faults are listed, as the address says it. Pure. */
import type { FailureFilter } from "../../api/requests.ts";
import type { FailureState, Period } from "../../api/types.ts";
import { compactObject, listTimeOf, oneOf, parseWhere, textOf, type View, type Where } from "../../view/view.ts";

export type FailureOrder = NonNullable<FailureFilter["order"]>;

export interface FailuresSearch {
  /** `workflow` and `error_type`, one value each: that is what faults can be narrowed by. */
  where?: Where;
  state?: FailureState;
  /** A text in the error type or a message. */
  q?: string;
  order?: Exclude<FailureOrder, "count">;
  /** Faults passed over. */
  offset?: number;
}

export const STATES: readonly FailureState[] = ["new", "regressed", "ongoing", "resolved"];
export const PAGE_SIZE = 50;

function single(where: Where | undefined): Where | undefined {
  const found: Where = {};
  for (const field of ["workflow", "error_type"]) {
    const [value] = where?.[field] ?? [];
    if (value) found[field] = [value];
  }
  return Object.keys(found).length > 0 ? found : undefined;
}

export function parseFailuresSearch(raw: Record<string, unknown>): FailuresSearch {
  const offset = Number(raw.offset);
  return compactObject<FailuresSearch>({
    where: single(parseWhere(raw.where)),
    state: oneOf(raw.state, STATES),
    q: textOf(raw.q),
    order: oneOf(raw.order, ["last_seen", "first_seen", "cost"]),
    offset: Number.isInteger(offset) && offset > 0 ? offset : undefined,
  });
}

export function failureFilter(search: FailuresSearch & View, period: Period, zone: string, now: Date): FailureFilter {
  return compactObject<FailureFilter>({
    ...listTimeOf(search, period, now),
    timezone: zone,
    workflow_id: search.where?.workflow?.[0],
    error_type: search.where?.error_type?.[0],
    state: search.state,
    search: search.q,
    order: search.order,
    limit: PAGE_SIZE,
    offset: search.offset,
  });
}
