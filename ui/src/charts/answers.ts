/** From the answer to a question with buckets of time to a chart. Pure. */
import type { Answer, Cell, Column } from "../api/types.ts";
import { BUCKET_SIZES, BUCKET_WORD, type BucketSize, bucketEnd, rangeLabel } from "../format/time.ts";
import type { Tokens } from "../theme/tokens.ts";
import { colorsOf, OTHER } from "./colors.ts";
import type { Band, Mark, Series, TimeChartModel } from "./model.ts";

/** How a series is drawn, where that differs from the usual. */
export type SeriesStyle = Partial<
  Pick<Series, "name" | "label" | "color" | "shape" | "isDashed" | "isRight" | "hasNoSum">
>;

export interface TimeChartSpec {
  title: string;
  /** The measure, its bucket and the range if left out. */
  subtitle?: string;
  /** What is measured, in the plural, if it is not the first measure's label: "Executions". */
  noun?: string;
  tokens: Tokens;
  now: Date;
  /**
   * By the name of the measure, or of the group where the question has a dimension: its style, or null to leave it
   * out. A function is asked for each. What is not mentioned is drawn as usual.
   */
  series?: Record<string, SeriesStyle | null> | ((name: string) => SeriesStyle | null);
  /** The usual shape; bars if left out. */
  shape?: Series["shape"];
  /** Leaves out what is nowhere more than zero: a status that never occurs takes no room. */
  skipsEmpty?: boolean;
  /** Draws the range compared with, where the answer has it. */
  withBefore?: boolean;
  band?: Band;
  /** With instants; those outside the range are left out. */
  marks?: { at: string; label: string; tone: Mark["tone"] }[];
}

export function sizeOf(granularity: string | null): BucketSize {
  return BUCKET_SIZES.find((size) => size === granularity) ?? "day";
}

export function numberOf(cell: Cell | undefined): number | null {
  return typeof cell === "number" ? cell : null;
}

type Buckets = Pick<TimeChartModel, "size" | "zone" | "starts" | "ends" | "partial" | "unknown">;

/** The buckets of an answer: which of them the range or a gap in the records cuts, and of which nothing is known. */
export function bucketsOf({ columns, rows, meta }: Answer): Buckets {
  const size = sizeOf(meta.granularity);
  const timeIndex = columns.findIndex(({ role }) => role === "time");
  const starts = [...new Set(rows.map((row) => String(row[timeIndex])))];
  const ends = starts.map((start, index) => starts[index + 1] ?? bucketEnd(start, size, meta.timezone));
  const [from, to] = [Date.parse(meta.from), Date.parse(meta.to)];
  const partial = new Set<number>();
  const unknown = new Map<number, string>();
  starts.forEach((start, index) => {
    // Only what is inside the range was asked for.
    const [begin, end] = [Math.max(from, Date.parse(start)), Math.min(to, Date.parse(ends[index] ?? start))];
    if (begin > Date.parse(start) || end < Date.parse(ends[index] ?? start)) partial.add(index);
    for (const gap of meta.gaps) {
      const [gapFrom, gapTo] = [Date.parse(gap.from), Date.parse(gap.to)];
      if (gapFrom <= begin && gapTo >= end) unknown.set(index, gap.reason.replace(/\.$/, ""));
      else if (gapFrom < end && gapTo > begin) partial.add(index);
    }
  });
  return { size, zone: meta.timezone, starts, ends, partial, unknown };
}

interface Group {
  name: string;
  label: string;
  rows: Cell[][];
  before: Cell[][];
}

/** A group's name for the API is that of its first dimension; for people it is the column `<dimension>_name`. */
function groupsOf(answer: Answer): Group[] {
  const { columns, rows, other, comparison } = answer;
  const nameIndex = columns.findIndex(({ role }) => role === "dimension");
  const titleIndex = columns.findIndex(({ name }) => name === `${columns[nameIndex]?.name}_name`);
  const groups = new Map<Cell, Group>();
  const groupOf = (row: Cell[]): Group => {
    const name = row[nameIndex] ?? null;
    const title = row[titleIndex] ?? name;
    const group = groups.get(name) ?? {
      name: name === null ? "" : String(name),
      label: title === null || title === "" ? "None" : String(title),
      rows: [],
      before: [],
    };
    groups.set(name, group);
    return group;
  };
  for (const row of rows) groupOf(row).rows.push(row);
  for (const row of comparison?.by_row?.rows ?? []) groupOf(row).before.push(row);
  const found = [...groups.values()].filter((group) => group.rows.length > 0);
  const rest = (other ?? []) as Cell[][];
  return rest.length > 0 ? [...found, { name: OTHER, label: "Other", rows: rest, before: [] }] : found;
}

/** One series for each measure, or for each group of the first measure where the question has a dimension. */
function candidates(answer: Answer, measures: [Column, number][]): (Omit<Group, "rows" | "before"> & Values)[] {
  const isGrouped = answer.columns.some(({ role }) => role === "dimension");
  const [first] = measures;
  if (isGrouped && first) {
    return groupsOf(answer).map(({ name, label, rows, before }) => ({
      name,
      label,
      values: rows.map((row) => numberOf(row[first[1]])),
      before: before.map((row) => numberOf(row[first[1]])),
    }));
  }
  return measures.map(([{ name, label }, index]) => ({
    name,
    label,
    values: answer.rows.map((row) => numberOf(row[index])),
    before: (answer.comparison?.by_row?.rows ?? []).map((row) => numberOf(row[index])),
  }));
}

interface Values {
  values: (number | null)[];
  before: (number | null)[];
}

export function timeChartOf(answer: Answer, spec: TimeChartSpec): TimeChartModel {
  const { title, tokens, now, series: styles = {}, shape, skipsEmpty = false, withBefore = false, band } = spec;
  const buckets = bucketsOf(answer);
  const { meta } = answer;
  const measures = answer.columns.flatMap((column, index): [Column, number][] =>
    column.role === "measure" ? [[column, index]] : [],
  );
  const styleOf = (name: string) => (typeof styles === "function" ? styles(name) : name in styles ? styles[name] : {});
  const all = candidates(answer, measures);
  const found = all.filter(
    ({ name, values }) => styleOf(name) !== null && (!skipsEmpty || values.some((value) => (value ?? 0) > 0)),
  );
  const dimension = answer.columns.find(({ role }) => role === "dimension")?.name ?? null;
  // What is left out keeps its colour, so that another chart of the same things agrees.
  const colors = colorsOf(
    (dimension === null ? found : all).map(({ name }) => name),
    dimension,
    tokens,
  );
  const used = new Set<string>();
  const isRepeated = (color: string) => used.has(color) || !used.add(color);
  const series = found.map(({ name, label, values, before }): Series => {
    const count = buckets.starts.length;
    // The range compared with may have a bucket more or fewer: they are laid over each other from the beginning.
    const past = withBefore && before.length > 0 ? buckets.starts.map((_, index) => before[index] ?? null) : undefined;
    const color = colors.get(name) ?? tokens.accent;
    return {
      name,
      label,
      color,
      ...(isRepeated(color) ? { isDashed: true } : {}),
      values: values.slice(0, count),
      ...(shape ? { shape } : {}),
      ...(past ? { before: past } : {}),
      ...styleOf(name),
    };
  });
  const unitOf = (isRight: boolean) =>
    measures.find(([{ name }]) =>
      found.some((each) => each.name === name && Boolean(styleOf(name)?.isRight) === isRight),
    );
  const main = (unitOf(false) ?? measures[0])?.[0];
  const right = unitOf(true)?.[0];
  return {
    title,
    subtitle:
      spec.subtitle ??
      `${spec.noun ?? main?.label ?? ""} per ${BUCKET_WORD[buckets.size]} · ${rangeLabel(meta.from, meta.to, meta.timezone, now)}`,
    unit: main?.unit ?? null,
    ...(right ? { rightUnit: right.unit ?? null } : {}),
    ...buckets,
    series,
    ...(band ? { band } : {}),
    ...(spec.marks ? { marks: marksOf(spec.marks, buckets) } : {}),
  };
}

function marksOf(marks: NonNullable<TimeChartSpec["marks"]>, { starts, ends }: Buckets): Mark[] {
  return marks.flatMap(({ at, label, tone }) => {
    const instant = Date.parse(at);
    const index = starts.findIndex(
      (start, place) => Date.parse(start) <= instant && instant < Date.parse(ends[place] ?? start),
    );
    return index < 0 ? [] : [{ index, label, tone }];
  });
}
