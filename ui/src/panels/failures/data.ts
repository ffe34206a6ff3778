/** Faults: what their states mean, how their patterns read, and the numbers beside the list. Pure. */
import type { Answer, Failure, FailureList, FailureState, Filter, Granularity, Query } from "../../api/types.ts";
import type { Current } from "../../view/current.ts";
import type { IconName } from "../../widgets/Icon.tsx";
import type { FailuresSearch } from "./search.ts";

export const STATE: Record<FailureState, { word: string; icon: IconName; about: string }> = {
  new: { word: "New", icon: "plus", about: "Seen in this range for the first time ever." },
  regressed: {
    word: "Regressed",
    icon: "refresh",
    about: "It was gone for at least as long as this range (7 days or more), and is back.",
  },
  ongoing: { word: "Ongoing", icon: "dots", about: "Seen in this range as before it." },
  resolved: { word: "Resolved", icon: "check", about: "Seen in the range before, and not once in this one." },
};

/** A pattern in pieces: plain text, and placeholders for what differs each time. */
export interface PatternPart {
  text: string;
  isPlaceholder: boolean;
  /** Where it begins. */
  at: number;
}

const PLACEHOLDER = /<[a-z_]+>/g;

export function patternParts(pattern: string): PatternPart[] {
  const parts: PatternPart[] = [];
  let from = 0;
  for (const { 0: text, index } of pattern.matchAll(PLACEHOLDER)) {
    if (index > from) parts.push({ text: pattern.slice(from, index), isPlaceholder: false, at: from });
    parts.push({ text: text.slice(1, -1), isPlaceholder: true, at: index });
    from = index + text.length;
  }
  if (from < pattern.length) parts.push({ text: pattern.slice(from), isPlaceholder: false, at: from });
  return parts;
}

export const PLACEHOLDER_ABOUT: Record<string, string> = {
  num: "A number, different each time",
  url: "An address, different each time",
  text: "A quoted text, different each time",
  id: "An id, different each time",
  time: "A time, different each time",
  path: "A path of a file, different each time",
  email: "An e-mail address, different each time",
  ip: "A network address, different each time",
};

/** How many error types have a colour of their own; the rest is drawn together. */
export const TYPES_SHOWN = 7;

/** A small line has room for few points: coarser than the timeline. */
const SPARK_GRANULARITY: Partial<Record<Granularity, Granularity>> = {
  minute: "five_minutes",
  five_minutes: "hour",
  quarter_hour: "hour",
  hour: "day",
};

const IS_FAULT: Filter = { field: "error_fingerprint", op: "is_not_null" };

function conditions(search: FailuresSearch): Filter[] {
  return (["workflow", "error_type"] as const).flatMap((field): Filter[] => {
    const [value] = search.where?.[field] ?? [];
    return value ? [{ field, op: "eq", value }] : [];
  });
}

/** Whether the list is narrowed by what questions don't know: then the timeline is of the listed faults. */
export function isOfListed(search: FailuresSearch): boolean {
  return Boolean(search.state || search.q);
}

/** Beside the list: failed executions over time by type of error, each listed fault over time, and workflows to choose from. */
export function failuresQueries(
  { frame, granularity }: Pick<Current, "frame" | "granularity">,
  search: FailuresSearch,
  listed: readonly string[],
): Record<"timeline" | "sparks" | "workflows", Query> {
  const common = frame();
  const filters = conditions(search);
  // A list of nothing is not a condition, and a fault of this name never comes.
  const ofListed: Filter = {
    field: "error_fingerprint",
    op: "in",
    values: listed.length > 0 ? [...listed].sort() : ["-"],
  };
  return {
    timeline: {
      source: "executions",
      measures: ["count"],
      dimensions: ["error_type"],
      ...common,
      granularity,
      filters: [...filters, isOfListed(search) ? ofListed : IS_FAULT],
      order: [{ by: "count", direction: "desc" }],
      limit: TYPES_SHOWN,
      other: true,
    },
    sparks: {
      source: "executions",
      measures: ["count"],
      dimensions: ["error_fingerprint"],
      ...common,
      granularity: SPARK_GRANULARITY[granularity] ?? granularity,
      filters: [...filters, ofListed],
      limit: Math.max(1, listed.length),
    },
    workflows: {
      source: "executions",
      measures: ["count"],
      dimensions: ["workflow"],
      ...common,
      filters: [IS_FAULT],
      order: [{ by: "count", direction: "desc" }],
      limit: 500,
    },
  };
}

/** For each fault its executions, bucket by bucket. */
export function sparksOf(answer: Answer | undefined): Map<string, (number | null)[]> {
  const found = new Map<string, (number | null)[]>();
  if (!answer) return found;
  const at = (name: string) => answer.columns.findIndex((column) => column.name === name);
  const [time, fault, count] = [at("time"), at("error_fingerprint"), at("count")];
  if (fault < 0) return found;
  const buckets = [...new Set(answer.rows.map((row) => String(row[time])))].sort(
    (a, b) => Date.parse(a) - Date.parse(b),
  );
  for (const row of answer.rows) {
    const name = String(row[fault]);
    const values = found.get(name) ?? buckets.map(() => 0);
    const value = row[count];
    values[buckets.indexOf(String(row[time]))] = typeof value === "number" ? value : null;
    found.set(name, values);
  }
  return found;
}

/** How many faults the list has in all, under its state. */
export function listedTotal(totals: FailureList["totals"], state: FailureState | undefined): number {
  const states = totals.by_state;
  return state ? states[state] : states.new + states.regressed + states.ongoing + states.resolved;
}

/** What to call a fault where there is room for a line. */
export function faultTitle({ error_type, pattern }: Pick<Failure, "error_type" | "pattern">): string {
  return error_type ?? pattern ?? "Failure without a type";
}
