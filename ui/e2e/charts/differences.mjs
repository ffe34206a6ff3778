// Where what a browser shows of a table differs from the table that it must be.
import { plain, written } from "./writing.mjs";

/** Sums may be added in another order. */
const isNear = (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));

function isValue(shown, expected) {
  if (expected === null || expected === undefined) return shown === "";
  return typeof expected === "number"
    ? shown !== "" && isNear(Number(shown), expected)
    : plain(shown) === plain(expected);
}

export const differ = (what, shown, expected) => [`${what}: ${JSON.stringify(shown)}, not ${JSON.stringify(expected)}`];

function cellDifference(what, cell, value, unit) {
  if (!cell) return differ(what, null, value);
  const isSame = isValue(cell.value, value) && plain(cell.text) === plain(written(value, unit));
  return isSame ? [] : differ(what, cell, [value, written(value, unit)]);
}

export function tableDifferences(shown, { rowTitle, rows, columns }) {
  const header = [rowTitle, ...columns.map(({ label }) => label)];
  if (String(shown.header) !== String(header)) return differ("header", shown.header, header);
  if (shown.rows.length !== rows.length) return differ("rows", shown.rows.length, rows.length);
  const hasTotals = rows.length > 1 && columns.some(({ total }) => total !== undefined);
  return [
    ...rows.flatMap(({ name, note }, index) => {
      const row = shown.rows[index];
      const isNamed = plain(row.name) === plain(name) && plain(row.note) === plain(note);
      const cells = columns.flatMap(({ label, unit, values }, at) =>
        cellDifference(`${name}, ${label}`, row.cells[at], values[index], unit),
      );
      return isNamed ? cells : differ("row", [row.name, row.note], [name, note]);
    }),
    ...(Boolean(shown.totals) === hasTotals ? [] : differ("totals", shown.totals, hasTotals)),
    ...columns.flatMap(({ label, unit, total }, at) =>
      shown.totals && total !== undefined ? cellDifference(`total ${label}`, shown.totals[at], total, unit) : [],
    ),
  ];
}

/** A spreadsheet must not take a text for a formula. */
const inFile = (value) => (typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value);

export function csvDifferences(lines, { rowTitle, keyTitles, rows, columns }) {
  const header = [...(keyTitles ?? [rowTitle]), ...columns.map(({ label }) => label)];
  if (String(lines[0]) !== String(header)) return differ("file's header", lines[0], header);
  if (lines.length !== rows.length + 1) return differ("file's lines", lines.length, rows.length + 1);
  return rows.flatMap(({ keys }, index) => {
    const expected = [...keys, ...columns.map(({ values }) => values[index] ?? null)].map(inFile);
    const line = lines[index + 1];
    const isSame = line.length === expected.length && expected.every((value, at) => isValue(line[at], value));
    return isSame ? [] : differ("file's line", line, expected);
  });
}
