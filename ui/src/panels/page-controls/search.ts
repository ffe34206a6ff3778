/** What the addresses of Overview, Performance, Usage and Costs have in common. Pure. */
import type { Granularity } from "../../api/types.ts";
import { compactObject, GRANULARITIES, oneOf, parseWhere, type Where } from "../../view/view.ts";

export interface PageSearch {
  where?: Where;
  /** Only if somebody chose one; else it follows from the range. */
  granularity?: Granularity;
}

export function parsePageSearch(raw: Record<string, unknown>): PageSearch {
  return compactObject<PageSearch>({
    where: parseWhere(raw.where),
    granularity: oneOf(raw.granularity, GRANULARITIES),
  });
}

/** Only what is not the default stands in the address. */
export function choice<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  const found = oneOf(value, allowed);
  return found === allowed[0] ? undefined : found;
}
