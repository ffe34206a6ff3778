// Every chart of every page: its table, its file and what is said of it are the answers that the page got.
import { settle, url } from "../browser.mjs";
import { check } from "../check.mjs";
import { pagesFor } from "../pages.mjs";
import { csvDifferences, differ, tableDifferences } from "./differences.mjs";
import { VISITS } from "./expected.mjs";
import { checkLiveCharts } from "./live.mjs";
import { readCsv, readDrawn, readTable } from "./read.mjs";
import { record } from "./recorded.mjs";
import { plain, written } from "./writing.mjs";

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

/** `wanted`: those of its charts that no visit before had. */
async function checkVisit(page, seen, { name, path, charts, wanted }) {
  seen.clear();
  await page.goto(url + path);
  await settle(page);
  const figures = page.locator("figure");
  const titles = await figures.evaluateAll((all) => all.map((figure) => figure.getAttribute("aria-label")));
  check(
    `the charts of ${name} are those that are checked`,
    String(titles.toSorted()) === String(Object.keys(charts).toSorted()),
    `${titles}; not ${Object.keys(charts)}`,
  );
  const answers = await seen.settled();
  for (const title of titles.filter((each) => wanted.includes(each))) {
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
  const visited = new Set(["live", ...VISITS.map((visit) => visit.page)]);
  const bare = Object.keys(pages).filter((name) => !visited.has(name));
  const visits = [...VISITS, ...bare.map((name) => ({ page: name, charts: {} }))];
  const seen = record(page);
  const seconds = await setRefresh(page, 0);
  try {
    for (const [index, { page: name, search, charts }] of visits.entries()) {
      const before = visits.slice(0, index).filter((visit) => visit.page === name);
      const wanted = Object.keys(charts).filter((title) =>
        before.every((visit) => visit.charts[title] !== charts[title]),
      );
      const added = new URLSearchParams({ ...range, ...search });
      const words = search ? ` with ${new URLSearchParams(search)}` : "";
      await checkVisit(page, seen, { name: `${name}${words}`, path: `${pages[name]}?${added}`, charts, wanted });
    }
  } finally {
    await setRefresh(page, seconds);
  }
  await checkLiveCharts(page);
}
