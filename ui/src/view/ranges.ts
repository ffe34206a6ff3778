/** Ranges of a figure among the filters of an address: `{ "duration.gte": ["1259"], "duration.lt": ["1413"] }`. Pure. */
import type { Filter } from "../api/types.ts";
import { exact, type Unit } from "../format/format.ts";
import type { Where } from "./view.ts";

/** Fields of which an address may say a range, with the unit in which it does. */
const UNIT: Record<string, Unit> = { duration: "ms" };

const KEY = /^([a-z_]+)\.(gte|lt)$/;

interface Bound {
  field: string;
  op: "gte" | "lt";
}

/** The end of a range that a key of `where` names; null where it names a dimension. */
export function boundOf(key: string): Bound | null {
  const [, field = "", op] = KEY.exec(key) ?? [];
  return field in UNIT ? { field, op: op as Bound["op"] } : null;
}

/** The one number of a range's end; null for anything else. */
export function boundValue(values: readonly string[]): number | null {
  const [text = ""] = values;
  return values.length === 1 && text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : null;
}

export function boundFilter({ field, op }: Bound, values: readonly string[]): Filter[] {
  const value = boundValue(values);
  return value === null ? [] : [{ field, op, value }];
}

/** From `from` up to, but without, `to`. */
export function rangeWhere(field: string, from: number, to: number): Where {
  return { [`${field}.gte`]: [String(from)], [`${field}.lt`]: [String(to)] };
}

/** The same up to, but without, `to`. */
export function withUpperEnd(where: Where | undefined, field: string, to: number): Where {
  return { ...where, [`${field}.lt`]: [String(to)] };
}

/** All that is filtered by, but for the range of a field. */
export function withoutRange(where: Where | undefined, field: string): Where | undefined {
  const rest = Object.entries(where ?? {}).filter(([key]) => boundOf(key)?.field !== field);
  return rest.length > 0 ? Object.fromEntries(rest) : undefined;
}

/** "1.3 s – 1.4 s", "at least 1.3 s", "under 1.4 s" */
export function rangeWords(where: Where, field: string): string {
  const said = (op: Bound["op"]) => {
    const value = boundValue(where[`${field}.${op}`] ?? []);
    return value === null ? null : exact(value, UNIT[field] ?? null);
  };
  const [from, to] = [said("gte"), said("lt")];
  if (from !== null && to !== null) return `${from} – ${to}`;
  return from === null ? `under ${to}` : `at least ${from}`;
}

/** How many conditions there are, a range being one. */
export function conditionCount(where: Where | undefined): number {
  const entries = Object.entries(where ?? {});
  const ranged = new Set(entries.flatMap(([key]) => boundOf(key)?.field ?? []));
  return ranged.size + entries.reduce((sum, [key, values]) => sum + (boundOf(key) ? 0 : values.length), 0);
}
