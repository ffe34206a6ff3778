/** Which workflows are shown: search and filters, and how many each value of a filter would show. Pure. */
import type { Where } from "../../view/view.ts";
import { kindWord, ownerName, STATE_WORD, type WorkflowRow } from "./data.ts";

export const FACETS = ["status", "workflow_kind", "workflow_group", "workflow_owner", "tag"] as const;
/** A menu of filters. All but `tag` are fields too, named as the semantic model does; each key of tags is a field of its own. */
export type Facet = (typeof FACETS)[number];

export const FACET_LABEL: Record<Facet, string> = {
  status: "Status",
  workflow_kind: "Kind",
  workflow_group: "Group",
  workflow_owner: "Owner",
  tag: "Tag",
};

/** The values that a workflow has of a field; "" where it has none. */
function valuesOf(row: WorkflowRow, facet: Facet): readonly string[] {
  switch (facet) {
    case "status":
      return row.states;
    case "workflow_kind":
      return [row.kind ?? ""];
    case "workflow_group":
      return [row.group ?? ""];
    case "workflow_owner":
      return [row.owner_id ?? ""];
    case "tag":
      return Object.entries(row.tags).map(([key, value]) => `${key}:${value}`);
  }
}

const TAG = "tags.";

/** The value of a field as a person reads it. */
export function valueLabel(field: string, value: string): string {
  if (value === "") return "None";
  if (field === "status") return STATE_WORD[value as keyof typeof STATE_WORD] ?? value;
  if (field === "workflow_kind") return kindWord(value) ?? value;
  return field === "workflow_owner" ? ownerName(value) : value;
}

/** The field and the value that a menu's entry stands for: "region:eu-west" is `eu-west` of `tags.region`. */
export function conditionOf(facet: Facet, entry: string): [field: string, value: string] {
  if (facet !== "tag") return [facet, entry];
  const colon = entry.indexOf(":");
  return [TAG + entry.slice(0, colon), entry.slice(colon + 1)];
}

/** The entries of a menu that are chosen. */
function chosen(where: Where, facet: Facet): readonly string[] {
  if (facet !== "tag") return where[facet] ?? [];
  return Object.entries(where).flatMap(([field, values]) =>
    field.startsWith(TAG) ? values.map((value) => `${field.slice(TAG.length)}:${value}`) : [],
  );
}

function passes(row: WorkflowRow, where: Where, facet: Facet): boolean {
  if (facet === "tag") {
    return Object.entries(where).every(
      ([field, values]) => !field.startsWith(TAG) || values.includes(row.tags[field.slice(TAG.length)] ?? ""),
    );
  }
  const wanted = where[facet];
  return !wanted || valuesOf(row, facet).some((value) => wanted.includes(value));
}

/** Every word of the search must be somewhere in the row. */
export function searched(rows: readonly WorkflowRow[], text: string): readonly WorkflowRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0 ? rows : rows.filter(({ haystack }) => words.every((word) => haystack.includes(word)));
}

export function filtered(rows: readonly WorkflowRow[], where: Where = {}): readonly WorkflowRow[] {
  return Object.keys(where).length > 0
    ? rows.filter((row) => FACETS.every((facet) => passes(row, where, facet)))
    : rows;
}

export interface FacetValue {
  value: string;
  label: string;
  count: number;
  isOn: boolean;
}

/**
 * The values of each field with how many workflows have it, among those that the other filters leave: what a click would
 * show. The most frequent first; what is chosen stays, even if nothing is left of it.
 */
export function facetsOf(rows: readonly WorkflowRow[], where: Where = {}): Record<Facet, FacetValue[]> {
  const counts = Object.fromEntries(FACETS.map((facet) => [facet, new Map<string, number>()])) as Record<
    Facet,
    Map<string, number>
  >;
  for (const facet of FACETS) for (const value of chosen(where, facet)) counts[facet].set(value, 0);
  for (const row of rows) {
    const failed = FACETS.filter((facet) => !passes(row, where, facet));
    for (const facet of FACETS) {
      if (failed.length > 1 || (failed.length === 1 && failed[0] !== facet)) continue;
      for (const value of valuesOf(row, facet)) counts[facet].set(value, (counts[facet].get(value) ?? 0) + 1);
    }
  }
  const shaped = FACETS.map((facet) => {
    const on = chosen(where, facet);
    const values = [...counts[facet]].map(([value, count]) => ({
      value,
      label: facet === "tag" ? value.replace(":", ": ") : valueLabel(facet, value),
      count,
      isOn: on.includes(value),
    }));
    return [facet, values.sort((a, b) => b.count - a.count || a.label.localeCompare(b.label))];
  });
  return Object.fromEntries(shaped) as Record<Facet, FacetValue[]>;
}
