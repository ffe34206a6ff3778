/** The view in words, and as a link that means the same to everybody. Pure. */
import type { Answer, CompareWith, Period } from "../api/types.ts";
import { agoOf, type End, momentOf } from "./moment.ts";
import { boundOf, rangeWords, withoutRange } from "./ranges.ts";
import type { View, Where } from "./view.ts";

export const PERIOD_WORD: Record<Period, string> = {
  day: "Day",
  week: "Week",
  month: "Month",
  quarter: "Quarter",
  year: "Year",
  all: "All",
};

/** Lengths of time that end now, as people ask for them. */
export const QUICK: readonly { last: string; word: string }[] = [
  { last: "15m", word: "Last 15 minutes" },
  { last: "1h", word: "Last hour" },
  { last: "6h", word: "Last 6 hours" },
  { last: "24h", word: "Last 24 hours" },
  { last: "7d", word: "Last 7 days" },
  { last: "30d", word: "Last 30 days" },
  { last: "90d", word: "Last 90 days" },
];

export const COMPARE_WORD: Record<CompareWith | "off", string> = {
  previous_period: "Previous period",
  last_week: "A week before",
  last_month: "A month before",
  last_year: "A year before",
  off: "Nothing",
};

const UNIT_WORD: Record<string, string> = { m: "minutes", h: "hours", d: "days", w: "weeks" };

/** The time range in a word or two: "Week", "Last 6 hours", "Custom". */
export function timeWord(view: View, period: Period): string {
  if (view.from && view.to) return "Custom";
  if (!view.last) return PERIOD_WORD[view.period ?? period];
  const known = QUICK.find(({ last }) => last === view.last);
  return known?.word ?? `Last ${view.last.slice(0, -1)} ${UNIT_WORD[view.last.slice(-1)]}`;
}

/** A time range and nothing of another. */
export function timeChange(time: Pick<View, "period" | "from" | "to" | "last">): View {
  return { period: undefined, from: undefined, to: undefined, last: undefined, ...time };
}

/** The range that two texts mean, or why they mean none. One that ends now goes on with time. */
export function rangeOf(
  from: string,
  to: string,
  zone: string,
  now: Date,
): Range | { last: string } | { field: End; problem: string } {
  const [start, end] = [momentOf(from, "from", zone, now), momentOf(to, "to", zone, now)];
  if ("problem" in start) return { field: "from", problem: start.problem };
  if ("problem" in end) return { field: "to", problem: end.problem };
  const last = agoOf(from);
  if (last && to.trim().toLowerCase() === "now") return { last };
  if (start.at >= end.at) return { field: "to", problem: "The range must end after it starts." };
  return { from: start.at, to: end.at };
}

export interface Range {
  from: string;
  to: string;
}

export interface Covered {
  shown: Range | null;
  compared: Range | null;
  /** From when on there are records of it; null where there are none. */
  begins: string | null;
}

/** What the answers of a page cover, and what they are compared with. */
export function coveredBy(parts: Record<string, { answer?: Answer }>): Covered {
  const answers = Object.values(parts).flatMap(({ answer }) => answer ?? []);
  const meta = answers[0]?.meta;
  const comparison = answers.find((answer) => answer.comparison)?.comparison;
  return {
    shown: meta ? { from: meta.from, to: meta.to } : null,
    compared: comparison ? { from: comparison.from, to: comparison.to } : null,
    begins: answers.flatMap(({ meta }) => firstRecordOf(meta)).sort()[0] ?? null,
  };
}

/** None where the whole range is from before it. */
function firstRecordOf({ from, to, gaps }: Answer["meta"]): string[] {
  const first = gaps.find((gap) => Date.parse(gap.from) <= Date.parse(from));
  if (!first) return [from];
  return Date.parse(first.to) < Date.parse(to) ? [first.to] : [];
}

/** The range from the first record on: "all time" has nothing to say of the years before. */
export function since(range: Range | null, begins: string | null): Range | null {
  if (!range || !begins || Date.parse(begins) <= Date.parse(range.from)) return range;
  return Date.parse(begins) < Date.parse(range.to) ? { from: begins, to: range.to } : null;
}

/** The same address with what it leaves to the viewer's own choices written out. */
export function linkOf(href: string, period: Period, zone: string): string {
  const url = new URL(href);
  const says = (key: string) => url.searchParams.has(key);
  if (!says("from") && !says("last") && !says("period")) url.searchParams.set("period", period);
  if (!says("tz")) url.searchParams.set("tz", zone);
  return url.href;
}

export interface WhereChip {
  key: string;
  label: string;
  /** What remains without it. */
  rest: Where | undefined;
}

/** How many values one chip names. */
const NAMED_MAX = 2;

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** What a value of these dimensions means; undefined where it speaks for itself. */
function wordOf(field: string, value: string): string | undefined {
  const number = Number(value);
  if (field === "weekday") return WEEKDAYS[number - 1];
  if (field !== "hour_of_day" || !(number >= 0 && number < 24)) return undefined;
  const hour = (of: number) => `${String(of).padStart(2, "0")}:00`;
  return `${hour(number)}–${hour(number + 1)}`;
}

/** One chip for each field: "Status: Failed, Timeout", "Workflow: not 3 values", "Duration 1.2 s – 2.4 s". */
export function chipsOf(
  where: Where | undefined,
  labelOf: (field: string) => string,
  nameOf: (field: string, value: string) => string | undefined,
): WhereChip[] {
  const said = new Set<string>();
  return Object.entries(where ?? {}).flatMap(([key, values]): WhereChip[] => {
    const bound = boundOf(key);
    if (where && bound) {
      const { field } = bound;
      if (said.has(field)) return [];
      said.add(field);
      return [{ key: field, label: `${labelOf(field)} ${rangeWords(where, field)}`, rest: withoutRange(where, field) }];
    }
    const isNot = key.startsWith("!");
    const field = isNot ? key.slice(1) : key;
    const names = values.map((value) =>
      value === "" ? "none" : (nameOf(field, value) ?? wordOf(field, value) ?? value),
    );
    const listed = names.length > NAMED_MAX ? `${names.length} values` : names.join(", ");
    const { [key]: _, ...rest } = where ?? {};
    const label = `${labelOf(field)}: ${isNot ? "not " : ""}${listed}`;
    return [{ key, label, rest: Object.keys(rest).length > 0 ? rest : undefined }];
  });
}
