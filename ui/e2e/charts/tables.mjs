// From an answer of the API to the table that a chart of it must have: rows, columns, totals, and the keys of the exported file.
import { bucketEnd, bucketName, written } from "./writing.mjs";

/** Units of which a sum over a range says something. */
const ADDITIVE = ["count", "usd", "credits", "tokens", "bytes", "megabytes"];

const known = (values) => values.filter((value) => value !== null);
const sum = (values) => (known(values).length > 0 ? known(values).reduce((all, value) => all + value, 0) : null);
const number = (cell) => (typeof cell === "number" ? cell : null);

export const columnAt = (answer, name) => {
  const index = answer.columns.findIndex((column) => column.name === name);
  if (index < 0) throw new Error(`the answer has no column ${name}`);
  return index;
};
const unitOf = (answer, name) => answer.columns[columnAt(answer, name)].unit ?? null;
export const labelOf = (answer, name) => answer.columns[columnAt(answer, name)].label;
export const totalOf = (answer, name) => answer.totals[columnAt(answer, name)];

/** What is to be said of a bucket that the range or a gap in the records cuts, or of which nothing is known. */
function noteOf(start, end, { from, to, gaps }) {
  const [begin, stop] = [Math.max(Date.parse(start), Date.parse(from)), Math.min(Date.parse(end), Date.parse(to))];
  const met = gaps.map((gap) => ({ ...gap, from: Date.parse(gap.from), to: Date.parse(gap.to) }));
  const covering = met.find((gap) => gap.from <= begin && gap.to >= stop);
  if (covering) return `Not known: ${covering.reason.replace(/\.$/, "")}`;
  const isCut = begin > Date.parse(start) || stop < Date.parse(end);
  return isCut || met.some((gap) => gap.from < stop && gap.to > begin) ? "Covered only in part" : "";
}

function bucketsOf({ columns, rows, meta }) {
  const { granularity: size, timezone: zone } = meta;
  const time = columnAt({ columns }, "time");
  const starts = [...new Set(rows.map((row) => row[time]))];
  const ends = starts.map((start, index) => starts[index + 1] ?? bucketEnd(start, size, zone));
  return starts.map((start, index) => {
    const [end, note] = [ends[index], noteOf(start, ends[index], meta)];
    const row = { name: bucketName(start, end, size, zone), note, keys: [start, end] };
    return { start, row, isKnown: !note.startsWith("Not known") };
  });
}

/**
 * A chart over time. `series` are columns: `isStacked` if they stand on each other, `isSum` false where their buckets can't
 * be added up. Several that stand on each other have a total.
 */
function overTime(answer, series, beside = []) {
  const buckets = bucketsOf(answer);
  const columns = series.flatMap(({ label, unit, values, before, isSum = true }) => [
    { label, unit, values, ...(isSum && ADDITIVE.includes(unit) ? { total: sum(values) } : {}) },
    ...(before ? [{ label: `${label}, before`, unit, values: before }] : []),
  ]);
  const stacked = series.filter(({ isStacked }) => isStacked);
  if (stacked.length > 1 && ADDITIVE.includes(stacked[0].unit)) {
    const values = buckets.map(({ isKnown }, index) =>
      isKnown ? sum(stacked.map((each) => each.values[index])) : null,
    );
    columns.push({ label: "Total", unit: stacked[0].unit, values, total: sum(values) ?? 0 });
  }
  return {
    kind: "time",
    rowTitle: "Time",
    keyTitles: ["from", "to"],
    rows: buckets.map(({ row }) => row),
    columns: [...columns, ...beside],
  };
}

/**
 * Measures bucket by bucket. `shown`: [name, { label, isLine, isSum }], in the order of the answer; `skipsEmpty` leaves out
 * what is nowhere more than zero; `withBefore` adds the range compared with; `beside`: columns that are no series.
 */
export function measures(answer, shown, { skipsEmpty = false, withBefore = false, beside = [] } = {}) {
  const past = answer.comparison?.by_row?.rows ?? [];
  const series = shown.flatMap(([name, { label, isLine = false, isSum = true } = {}]) => {
    const at = columnAt(answer, name);
    const values = answer.rows.map((row) => number(row[at]));
    if (skipsEmpty && !values.some((value) => value > 0)) return [];
    const before = withBefore && past.length > 0 ? values.map((_, index) => number(past[index]?.[at])) : undefined;
    return [
      { label: label ?? labelOf(answer, name), unit: unitOf(answer, name), values, before, isSum, isStacked: !isLine },
    ];
  });
  return overTime(answer, series, beside);
}

/** One measure, a column for each value of the dimension, and one for those beyond the limit. */
export function groups(answer, dimension, measure, label, { skipsEmpty = false } = {}) {
  const [time, by, at] = [columnAt(answer, "time"), columnAt(answer, dimension), columnAt(answer, measure)];
  const unit = unitOf(answer, measure);
  const buckets = bucketsOf(answer);
  const names = [...new Set(answer.rows.map((row) => row[by]))];
  const cellAt = (rows, start, isIt) => number(rows.find((row) => row[time] === start && isIt(row))?.[at]);
  const series = names.map((name) => ({
    label: label(name),
    values: buckets.map(({ start }) => cellAt(answer.rows, start, (row) => row[by] === name)),
  }));
  if (answer.other?.length > 0) {
    series.push({ label: "Other", values: buckets.map(({ start }) => cellAt(answer.other, start, () => true)) });
  }
  const kept = series.filter(({ values }) => !skipsEmpty || values.some((value) => value > 0));
  return overTime(
    answer,
    kept.map((each) => ({ ...each, unit, isStacked: true })),
  );
}

/** The tenth and the ninetieth of a hundred of the values before: two columns, the same in each row. */
export function usualBefore(answer, measure, label) {
  const at = columnAt(answer, measure);
  const sorted = known((answer.comparison?.by_row?.rows ?? []).map((row) => number(row[at]))).sort((a, b) => a - b);
  const quantile = (part) => {
    const place = (sorted.length - 1) * part;
    const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
    return low + (high - low) * (place % 1);
  };
  const column = (word, value) => ({
    label: `${label}, ${word}`,
    unit: unitOf(answer, measure),
    values: answer.rows.map(() => value),
  });
  return [column("from", quantile(0.1)), column("to", quantile(0.9))];
}

/** What happened, by instant: the words in the row in whose bucket it lies. */
export function events(answer, happened) {
  const buckets = bucketsOf(answer);
  const wordsIn = ({ row: { keys } }) => {
    const [from, to] = keys.map((key) => Date.parse(key));
    const inside = happened.filter(({ at }) => Date.parse(at) >= from && Date.parse(at) < to);
    return inside.map(({ words }) => words).join(", ") || null;
  };
  const values = buckets.map(wordsIn);
  return values.some(Boolean) ? [{ label: "Events", unit: null, values }] : [];
}

/** Things compared by one number. `label` and `note` get a row as an object by column; rows without a value are left out if `skips`. */
export function items(answer, rowTitle, measure, { label, note, skips, withOther = false }) {
  const objectOf = (row) => Object.fromEntries(answer.columns.map(({ name }, index) => [name, row[index]]));
  const at = columnAt(answer, measure);
  const past = answer.comparison?.by_row?.rows;
  const all = answer.rows
    .map((row, index) => ({ row: objectOf(row), value: number(row[at]), before: past && number(past[index]?.[at]) }))
    .filter(({ value }) => !skips?.(value))
    .map((each) => ({ ...each, name: label(each.row) }));
  const rest = withOther ? number(answer.other?.[0]?.[at]) : null;
  if (rest !== null) all.push({ name: "Other", row: {}, value: rest, before: past && null });
  const unit = unitOf(answer, measure);
  return {
    kind: "items",
    rowTitle,
    rows: all.map(({ name }) => ({ name, note: "", keys: [name] })),
    columns: [
      { label: "Value", unit, values: all.map(({ value }) => value) },
      ...(past ? [{ label: "Before", unit, values: all.map(({ before }) => before) }] : []),
      ...(note ? [{ label: "Note", unit: null, values: all.map(({ row, value }) => note(row, value)) }] : []),
    ],
  };
}

/** The same as parts of a whole. */
export function shares(answer, rowTitle, measure, options) {
  const { columns, ...table } = items(answer, rowTitle, measure, options);
  const total = totalOf(answer, measure);
  const [value, ...others] = columns;
  const share = { label: "Share", unit: "percent", values: value.values.map((each) => (each / total) * 100) };
  return { ...table, kind: "shares", columns: [{ ...value, total }, share, ...others] };
}

/** How much of all, in words. */
export function ofAll(answer, measure) {
  const total = totalOf(answer, measure);
  return (_row, value) =>
    value === null || !(total > 0) ? null : `${written((value / total) * 100, "percent")} of all`;
}

/** Hours by weekdays; an hour without a row had nothing. */
export function weekHours(answer) {
  const [day, hour, at] = ["weekday", "hour_of_day", "count"].map((name) => columnAt(answer, name));
  const days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
  const countAt = (weekday, clock) =>
    number(answer.rows.find((row) => Number(row[day]) === weekday && Number(row[hour]) === clock)?.[at]) ?? 0;
  return {
    kind: "heat",
    rowTitle: "Weekday",
    rows: days.map((name) => ({ name, note: "", keys: [name] })),
    columns: Array.from({ length: 24 }, (_, clock) => ({
      label: `${String(clock).padStart(2, "0")}:00`,
      unit: "count",
      values: days.map((_, index) => countAt(index + 1, clock)),
    })),
  };
}

/** Twenty bins a decade, from the first that has executions to the last; and what is marked. */
export function durationBins(answer, marks) {
  const [bucket, at] = [columnAt(answer, "duration_bucket"), columnAt(answer, "count")];
  const ended = answer.rows.filter((row) => row[bucket] !== null).map((row) => [Number(row[bucket]), row[at]]);
  const places = new Map(
    ended.filter(([ms]) => ms >= 1).map(([ms, count]) => [Math.floor(20 * Math.log10(ms) + 1e-9), count]),
  );
  const instant = sum(ended.filter(([ms]) => ms < 1).map(([, count]) => count));
  const bins = instant ? [{ from: 0, to: 1, count: instant }] : [];
  for (let place = Math.min(...places.keys()); place <= Math.max(...places.keys()); place += 1) {
    bins.push({ from: 10 ** (place / 20), to: 10 ** ((place + 1) / 20), count: places.get(place) ?? 0 });
  }
  const counts = bins.map(({ count }) => count);
  return {
    kind: "bins",
    rowTitle: "Range",
    keyTitles: ["from", "to"],
    rows: [
      ...bins.map(({ from, to }) => ({
        name: `${written(from, "ms")} – ${written(to, "ms")}`,
        note: "",
        keys: [from, to],
      })),
      ...marks.map(([label, ms]) => ({ name: label, note: written(ms, "ms"), keys: [label, ms] })),
    ],
    columns: [
      { label: "Executions", unit: "count", values: [...counts, ...marks.map(() => null)], total: sum(counts) },
    ],
  };
}
