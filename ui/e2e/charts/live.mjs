// The charts of the Live page, which move on while they are looked at: their tables and files are the counts that the server has
// just told.
import { settle, url } from "../browser.mjs";
import { check } from "../check.mjs";
import { csvDifferences, tableDifferences } from "./differences.mjs";
import { readCsv, readTable } from "./read.mjs";
import { bucketName } from "./writing.mjs";

const BAR_MS = 30_000;

/** The last hour after each frame that told of counts. */
function watch(page) {
  const states = [];
  const onFrame = ({ payload }) => {
    const { type, topic, at, is_snapshot, data } = JSON.parse(payload);
    if (type !== "metrics_update" || topic !== "metrics:1s") return;
    const points = new Map(is_snapshot ? [] : states.at(-1)?.points);
    const { start_ms, step_ms, success, failures } = data.series;
    for (const [index, count] of success.entries()) {
      points.set(start_ms + index * step_ms, { success: count, failures: failures[index] });
    }
    const last = start_ms + (success.length - 1) * step_ms;
    for (const begin of points.keys()) if (begin <= last - 3_600_000) points.delete(begin);
    states.push({ at: Date.parse(at), points });
  };
  page.on("websocket", (socket) => socket.on("framereceived", onFrame));
  return states;
}

const MEASURES = { success: "Success", failures: "Failed or timed out" };

/** Bars of half a minute, those at the ends cut. */
function tableOf({ at, points }, names, zone) {
  const barOf = (instant) => Math.floor(instant / BAR_MS) * BAR_MS;
  const instants = [...points.keys()].toSorted((a, b) => a - b);
  const [first, last] = [barOf(instants[0]), barOf(instants.at(-1))];
  const begins = Array.from({ length: (last - first) / BAR_MS + 1 }, (_, index) => first + index * BAR_MS);
  const sums = (name) =>
    begins.map((begin) =>
      instants.filter((each) => barOf(each) === begin).reduce((all, each) => all + points.get(each)[name], 0),
    );
  const total = (values) => values.reduce((all, value) => all + value, 0);
  const columns = names.map((name) => ({ label: MEASURES[name], unit: "count", values: sums(name) }));
  if (columns.length > 1) {
    const values = begins.map((_, index) => total(columns.map((column) => column.values[index])));
    columns.push({ label: "Total", unit: "count", values });
  }
  const isCut = (begin) => begin < instants[0] || begin + BAR_MS > at;
  return {
    rowTitle: "Time",
    keyTitles: ["from", "to"],
    rows: begins.map((begin) => {
      const keys = [begin, begin + BAR_MS].map((instant) => new Date(instant).toISOString());
      return { name: bucketName(...keys, "half_minute", zone), note: isCut(begin) ? "Covered only in part" : "", keys };
    }),
    columns: columns.map((column) => ({ ...column, total: total(column.values) })),
  };
}

const CHARTS = {
  "Executions that ended": ["success", "failures"],
  "Executions that failed or timed out": ["failures"],
};

export async function checkLiveCharts(page) {
  const states = watch(page);
  await page.goto(`${url}/live?tz=UTC`);
  await settle(page);
  const figures = page.locator("figure");
  const titles = await figures.evaluateAll((all) => all.map((figure) => figure.getAttribute("aria-label")));
  const names = Object.keys(CHARTS);
  check("the charts of live are those that are checked", String(titles) === String(names), `${titles}; not ${names}`);
  for (const [index, name] of names.entries()) {
    const before = Math.max(0, states.length - 2);
    const shown = await readTable(figures.nth(index));
    const file = await readCsv(page, figures.nth(index));
    // What is read is of one of the moments meanwhile.
    const tables = states.slice(before).map((state) => tableOf(state, CHARTS[name], "UTC"));
    const least = (differences) =>
      tables.map(differences).toSorted((a, b) => a.length - b.length)[0] ?? ["no count was told"];
    const all = [...least((table) => tableDifferences(shown, table)), ...least((table) => csvDifferences(file, table))];
    check(`“${name}” on live is what the server told: table and file`, all.length === 0, all.slice(0, 3).join("; "));
  }
}
