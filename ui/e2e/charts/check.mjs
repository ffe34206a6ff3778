// Every chart of every page: its table, its file and what is said of it are the answers that the page got.
import { settle, url } from "../browser.mjs";
import { check } from "../check.mjs";
import { pagesFor } from "../pages.mjs";
import { VISITS } from "./expected.mjs";
import { readCsv, readDrawn, readTable } from "./read.mjs";
import { record } from "./recorded.mjs";
import { plain, written } from "./writing.mjs";

/** Sums may be added in another order. */
const isNear = (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));

function isValue(shown, expected) {
  if (expected === null || expected === undefined) return shown === "";
  return typeof expected === "number"
    ? shown !== "" && isNear(Number(shown), expected)
    : plain(shown) === plain(expected);
}

const differ = (what, shown, expected) => [`${what}: ${JSON.stringify(shown)}, not ${JSON.stringify(expected)}`];

function cellDifference(what, cell, value, unit) {
  if (!cell) return differ(what, null, value);
  const isSame = isValue(cell.value, value) && plain(cell.text) === plain(written(value, unit));
  return isSame ? [] : differ(what, cell, [value, written(value, unit)]);
}

function tableDifferences(shown, { rowTitle, rows, columns }) {
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

function csvDifferences(lines, { rowTitle, keyTitles, rows, columns }) {
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

/** What must be said at the place where the drawing's cursor is, or stand in each of its rows. */
function wordsOf({ kind, rows, columns }) {
  const text = ({ values, unit }, index) => plain(written(values[index] ?? null, unit));
  if (kind === "items") return rows.map(({ name }, index) => [name, text(columns[0], index)]);
  if (kind === "timeline") {
    const duration = columns.find(({ label }) => label === "Duration");
    return rows.map(({ name }, index) => [name, text(duration, index)]);
  }
  if (kind === "heat") return [[rows[0].name, columns[0].label, text(columns[0], 0)]];
  const bins = rows.filter(({ keys }) => kind !== "bins" || typeof keys[0] === "number");
  const last = bins.length - 1;
  const figure = columns.find(({ label }) => label === "Total") ?? columns[0];
  return [[rows[last].name, text(figure, last)]];
}

function drawnDifferences(drawn, table) {
  const words = wordsOf(table);
  if (drawn.length !== words.length) return differ("what is drawn", drawn, words);
  return words.flatMap((parts, index) => {
    const said = plain(drawn[index]);
    return parts.every((part) => said.includes(plain(part))) ? [] : differ("what is drawn", said, parts);
  });
}

async function checkChart(page, name, figure, table) {
  const drawn = drawnDifferences(await readDrawn(figure, table.kind), table);
  const shown = tableDifferences(await readTable(figure), table);
  const file = csvDifferences(await readCsv(page, figure), table);
  const all = [...drawn, ...shown, ...file];
  check(`${name} is what its answer says: drawing, table and file`, all.length === 0, all.slice(0, 3).join("; "));
}

async function checkVisit(page, seen, { name, path, charts }) {
  seen.clear();
  await page.goto(url + path);
  await settle(page);
  const figures = page.locator("figure");
  const titles = await figures.evaluateAll((all) => all.map((figure) => figure.getAttribute("aria-label")));
  const wanted = Object.keys(charts);
  check(
    `the charts of ${name} are those that are checked`,
    String(titles.toSorted()) === String(wanted.toSorted()),
    `${titles}; not ${wanted}`,
  );
  const answers = await seen.settled();
  for (const title of titles.filter((each) => each in charts)) {
    const what = `“${title}” on ${name}`;
    try {
      await checkChart(page, what, figures.nth(titles.indexOf(title)), charts[title](answers));
    } catch (error) {
      check(`${what} can be read`, false, error.message);
    }
  }
}

/** Asks nothing by itself while a chart is compared with the answer that it is made of. */
async function setRefresh(page, seconds) {
  return page.evaluate(async (wanted) => {
    const headers = { "content-type": "application/json", "X-Tacho-CSRF": "1" };
    const { updated_at: _, ...before } = await (await fetch("/api/v1/preferences")).json();
    const body = JSON.stringify({ ...before, refresh_interval_seconds: wanted });
    const answer = await fetch("/api/v1/preferences", { method: "PUT", headers, body });
    if (!answer.ok) throw new Error(await answer.text());
    return before.refresh_interval_seconds;
  }, seconds);
}

/** All pages of `pages.mjs`: those of which no visit tells have no chart. */
export async function checkCharts(page, ids, range) {
  const pages = pagesFor(ids);
  const visited = new Set(VISITS.map((visit) => visit.page));
  const bare = Object.keys(pages).filter((name) => !visited.has(name));
  const visits = [...VISITS, ...bare.map((name) => ({ page: name, charts: {} }))];
  const seen = record(page);
  const before = await setRefresh(page, 0);
  try {
    for (const { page: name, search, charts } of visits) {
      const added = new URLSearchParams({ ...range, ...search });
      const words = search ? ` with ${new URLSearchParams(search)}` : "";
      await checkVisit(page, seen, { name: `${name}${words}`, path: `${pages[name]}?${added}`, charts });
    }
  } finally {
    await setRefresh(page, before);
  }
}
