/** A cron expression of five fields in words: "At 06:00, Monday to Friday". Pure. */

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS = [
  "",
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

const NICKNAMES: Record<string, string> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

interface Field {
  isAny: boolean;
  /** Every so many, over the whole field. */
  step: number | null;
  /** From where to where; a single value has both the same. */
  ranges: { from: number; to: number; step: number }[];
}

function numberOf(text: string, names: readonly string[]): number {
  if (/^\d+$/.test(text)) return Number(text);
  const found = names.findIndex((name) => name !== "" && name.slice(0, 3).toLowerCase() === text.toLowerCase());
  return found < 0 ? Number.NaN : found;
}

/** Null for what is not understood. */
function parse(text: string, min: number, max: number, names: readonly string[] = []): Field | null {
  if (text === "*" || text === "?") return { isAny: true, step: null, ranges: [] };
  const ranges: Field["ranges"] = [];
  for (const part of text.split(",")) {
    const [span = "", every, ...rest] = part.split("/");
    const step = every === undefined ? 1 : Number(every);
    const ends = span === "*" ? [min, max] : span.split("-").map((each) => numberOf(each, names));
    const from = ends[0] ?? Number.NaN;
    // "5/10" begins at 5 and goes on to the end.
    const to = ends[1] ?? (every === undefined ? from : max);
    const isWrong = rest.length > 0 || ends.length > 2 || !(step >= 1) || !(from >= min && to <= max && from <= to);
    if (isWrong) return null;
    ranges.push({ from, to, step });
  }
  const [only] = ranges;
  const isWhole = ranges.length === 1 && only?.from === min && only.to === max;
  return { isAny: isWhole && only.step === 1, step: isWhole && only.step > 1 ? only.step : null, ranges };
}

/** The values of a field that names few of them; null where a list would be no easier to read. */
function valuesOf({ isAny, ranges }: Field, atMost: number): number[] | null {
  if (isAny) return null;
  const values = new Set<number>();
  for (const { from, to, step } of ranges) for (let value = from; value <= to; value += step) values.add(value);
  return values.size <= atMost ? [...values].sort((a, b) => a - b) : null;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

const two = (value: number) => String(value).padStart(2, "0");

function timeWords(minute: Field, hour: Field): string | null {
  const minutes = valuesOf(minute, 12);
  const hours = valuesOf(hour, 6);
  const [span, ...others] = hour.ranges;
  const between =
    span && others.length === 0 && span.step === 1 && span.to > span.from
      ? ` from ${two(span.from)}:00 to ${two(span.to)}:59`
      : null;
  if (minutes && hours && minutes.length * hours.length <= 6 && !(between && minutes.length > 1)) {
    return `At ${listed(hours.flatMap((h) => minutes.map((m) => `${two(h)}:${two(m)}`)))}`;
  }
  const within = hour.isAny
    ? ""
    : (between ?? (hour.step ? ` of every ${hour.step} hours` : hours && ` in the hours ${listed(hours.map(two))}`));
  if (within === null) return null;
  if (minute.isAny) return `Every minute${within}`;
  if (minute.step) return `Every ${minute.step} minutes${within}`;
  if (!minutes) return null;
  const past =
    minutes.length === 1 && minutes[0] === 0 ? "on the hour" : `at ${listed(minutes.map((m) => `:${two(m)}`))}`;
  if (hour.step) return `Every ${hour.step} hours ${past}`;
  return `Every hour${within} ${past}`;
}

function spansOf({ ranges }: Field, name: (value: number) => string): string {
  return listed(
    ranges.flatMap(({ from, to, step }) => {
      if (step > 1) return valuesOf({ isAny: false, step: null, ranges: [{ from, to, step }] }, 31)?.map(name) ?? [];
      return to > from ? [`${name(from)} to ${name(to)}`] : [name(from)];
    }),
  );
}

function dayWords(day: Field, month: Field, weekday: Field): string {
  const inMonth = month.isAny ? "" : ` in ${spansOf(month, (value) => MONTHS[value] ?? "")}`;
  const days = day.isAny ? null : `on day ${spansOf(day, String)}${inMonth || " of the month"}`;
  const weekdays = weekday.isAny ? null : spansOf(weekday, (value) => DAYS[value] ?? "");
  // Where both are given either is enough; that is how cron has always read it.
  if (days && weekdays) return `, ${days}, and on ${weekdays}`;
  if (days) return `, ${days}`;
  if (weekdays) return `, ${weekdays}${inMonth}`;
  return inMonth ? `, every day${inMonth}` : "";
}

/** Null where the expression is not one of five fields, or too particular for words. */
export function cronWords(cron: string): string | null {
  const fields = (NICKNAMES[cron.trim().toLowerCase()] ?? cron).trim().split(/\s+/);
  if (fields.length !== 5) return null;
  const [minute, hour, day, month, weekday] = [
    parse(fields[0] ?? "", 0, 59),
    parse(fields[1] ?? "", 0, 23),
    parse(fields[2] ?? "", 1, 31),
    parse(fields[3] ?? "", 1, 12, MONTHS),
    parse(fields[4] ?? "", 0, 7, DAYS),
  ];
  if (!minute || !hour || !day || !month || !weekday) return null;
  const time = timeWords(minute, hour);
  if (!time) return null;
  const days = dayWords(day, month, weekday);
  return days === "" && time.startsWith("At ") ? `${time}, every day` : time + days;
}
