/** Facets: for each dimension its values with counts, under all filters but its own. What to ask, and how it is shown. Pure. */
import type { Answer, Filter, Model, Query } from "../../api/types.ts";
import { STATUS_WORD, STATUSES } from "../../theme/tokens.ts";
import type { Frame } from "../../view/current.ts";
import { boundOf } from "../../view/ranges.ts";
import type { Where } from "../../view/view.ts";
import { triggerWord } from "../recent-executions/data.ts";

/** Dimensions by which executions are narrowed, in this order; tags come after them. */
export const FACET_FIELDS: readonly string[] = [
  "status",
  "workflow",
  "trigger_type",
  "error_type",
  "workflow_group",
  "workflow_owner",
  "version",
  "user",
];

/** Those that are open for somebody who has chosen nothing. */
export const DEFAULT_OPEN: readonly string[] = ["status", "workflow", "trigger_type", "error_type"];

export const FACET_TOP = 8;
/** How many values "more" brings, and its search looks through. */
export const FACET_WIDE = 1_000;
/** How many of them are drawn at once. */
export const FACET_DRAWN = 100;

const TAG = "tags.";

export interface Facet {
  field: string;
  label: string;
  definition: string | null;
}

/** Facets by the model's own words: its dimensions, the tags that the listed executions have, and all that is filtered by. */
export function facetsOf(model: Model | undefined, tagKeys: readonly string[], where: Where | undefined): Facet[] {
  const dimensions = model?.sources.find(({ name }) => name === "executions")?.dimensions ?? [];
  const filtered = Object.keys(where ?? {})
    .filter((key) => !boundOf(key))
    .map((key) => key.replace(/^!/, ""));
  const others = filtered.filter((field) => !FACET_FIELDS.includes(field) && !field.startsWith(TAG));
  const tags = [...tagKeys.map((key) => `${TAG}${key}`), ...filtered.filter((field) => field.startsWith(TAG))];
  const known = dimensions.map(({ name }) => name);
  const fields = [...FACET_FIELDS, ...others].filter((field) => !model || known.includes(field));
  return [...new Set([...fields, ...[...tags].sort()])].map((field) => {
    const dimension = dimensions.find(({ name }) => name === field);
    return {
      field,
      label: dimension?.label ?? (field.startsWith(TAG) ? field.slice(TAG.length) : field),
      definition: dimension?.definition ?? (field.startsWith(TAG) ? "A tag that the sender gave." : null),
    };
  });
}

/** The keys of the tags on these executions, by name. */
export function tagKeysOf(executions: readonly { tags: Record<string, unknown> }[]): string[] {
  return [...new Set(executions.flatMap(({ tags }) => Object.keys(tags)))].sort();
}

/** All filters but those of one field. */
export function without(where: Where | undefined, field: string): Where {
  const { [field]: _in, [`!${field}`]: _out, ...rest } = where ?? {};
  return rest;
}

export function facetQuery(field: string, frame: Frame, search: Filter[], isWide: boolean): Query {
  return {
    source: "executions",
    measures: ["count"],
    dimensions: [field],
    time: frame.time,
    timezone: frame.timezone,
    filters: [...(frame.filters ?? []), ...search],
    order: [{ by: "count", direction: "desc" }],
    limit: isWide ? FACET_WIDE : FACET_TOP,
  };
}

export interface FacetValue {
  /** As it stands in `where`: "" is none. */
  value: string;
  label: string;
  /** Null where the value is filtered by but not among those answered. */
  count: number | null;
  /** Of the greatest count, in per cent: the bar behind it. */
  share: number;
  state: "in" | "out" | null;
}

export interface FacetValues {
  values: FacetValue[];
  hasMore: boolean;
}

/** What to call a value of a field. `name` is the one that the server sent with it. */
export function valueLabel(field: string, value: string, name?: string | null): string {
  if (value === "") return "None";
  if (field === "trigger_type") return triggerWord(value);
  const status = field === "status" && STATUSES.find((each) => each === value);
  return status ? STATUS_WORD[status] : name || value;
}

/** Values with counts, the most frequent first; those that are filtered by are always among them. Null while the answer is another's. */
export function shapeFacet(field: string, answer: Answer | undefined, where: Where | undefined): FacetValues | null {
  const at = answer?.columns.findIndex(({ name }) => name === field) ?? -1;
  if (!answer || at < 0) return null;
  const nameAt = answer.columns.findIndex(({ name }) => name === `${field}_name`);
  const countAt = answer.columns.findIndex(({ name }) => name === "count");
  const [within, outside] = [where?.[field] ?? [], where?.[`!${field}`] ?? []];
  const stateOf = (value: string): FacetValue["state"] =>
    within.includes(value) ? "in" : outside.includes(value) ? "out" : null;
  const counts = answer.rows.map((row) => Number(row[countAt] ?? 0));
  const most = Math.max(1, ...counts);
  const values: FacetValue[] = answer.rows.map((row, index) => {
    const value = row[at] == null ? "" : String(row[at]);
    const name = nameAt >= 0 && row[nameAt] != null ? String(row[nameAt]) : null;
    const count = counts[index] ?? 0;
    return { value, label: valueLabel(field, value, name), count, share: (count / most) * 100, state: stateOf(value) };
  });
  const missing = [...within, ...outside].filter((value) => !values.some((each) => each.value === value));
  return {
    values: [
      ...values,
      ...missing.map((value) => ({
        value,
        label: valueLabel(field, value),
        // All are answered, and it is not among them: there is none.
        count: answer.meta.has_more ? null : 0,
        share: 0,
        state: stateOf(value),
      })),
    ],
    hasMore: answer.meta.has_more,
  };
}

/** A value of a facet clicked: in, or out with `isNot`; once more takes it away. It is never both. */
export function withFacet(where: Where | undefined, field: string, value: string, isNot: boolean): Where | undefined {
  const [key, other] = isNot ? [`!${field}`, field] : [field, `!${field}`];
  const before = where?.[key] ?? [];
  const after = before.includes(value) ? before.filter((each) => each !== value) : [...before, value];
  const opposite = (where?.[other] ?? []).filter((each) => each !== value);
  const { [key]: _key, [other]: _other, ...rest } = where ?? {};
  const next: Where = { ...rest };
  if (after.length > 0) next[key] = after;
  if (opposite.length > 0) next[other] = opposite;
  return Object.keys(next).length > 0 ? next : undefined;
}
