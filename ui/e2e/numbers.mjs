// What pages show is what the API answers to the same question, and a chart's table is what the chart was made of.
import { settle, url } from "./browser.mjs";
import { check } from "./check.mjs";
import { idsIn } from "./pages.mjs";

/** A range that is past, so that nothing moves between the page's question and ours. */
export function pastWeek() {
  const hour = 3_600_000;
  const to = Math.floor(Date.now() / hour - 1) * hour;
  return { from: new Date(to - 7 * 24 * hour).toISOString(), to: new Date(to).toISOString() };
}

export async function ask(page, body) {
  return page.evaluate(async (question) => {
    const answer = await fetch("/api/v1/query", {
      method: "POST",
      headers: { "content-type": "application/json", "X-Tacho-CSRF": "1" },
      body: JSON.stringify(question),
    });
    return answer.json();
  }, body);
}

async function checkFigures(page, where, path, range, source, measures, filters = []) {
  await page.goto(`${url}${path}?${new URLSearchParams(range)}`);
  await settle(page);
  const answer = await ask(page, { source, measures, time: range, filters });
  for (const [index, measure] of measures.entries()) {
    const figure = page.locator(`[data-kpi="${measure}"], [data-kpi="${source}.${measure}"]`).first();
    const shown = await figure.getAttribute("data-value");
    const expected = answer.totals[index];
    const isSame = shown === "" ? expected === null : Math.abs(Number(shown) - expected) < 1e-6;
    check(`${measure} on ${where} is what the query answers`, isSame, `${shown} and ${expected}`);
  }
  return answer;
}

/** The cells of the first chart's table, row by row. */
async function tableOf(page, chart) {
  await chart.focus();
  await page.keyboard.press("t");
  const table = page
    .getByRole("region", { name: /as a table/ })
    .getByRole("table")
    .first();
  await table.waitFor();
  return table.evaluate((element) =>
    [...element.querySelectorAll("tr")].map((row) => [...row.children].map((cell) => cell.textContent.trim())),
  );
}

const numberIn = (text) => Number(text.replaceAll(",", "").replace(/[^\d.-].*$/, ""));

async function checkTable(page, range) {
  await page.goto(`${url}/?${new URLSearchParams(range)}`);
  await settle(page);
  const chart = page.getByRole("application", { name: /^Executions by status over time/ });
  const [header, ...rows] = await tableOf(page, chart);
  const statuses = ["success", "failed", "timeout", "cancelled", "running", "queued"];
  const answer = await ask(page, {
    source: "executions",
    measures: statuses.map((status) => `count_${status}`),
    time: range,
    granularity: "hour",
  });
  const word = { success: "Success", failed: "Failed", timeout: "Timeout", cancelled: "Cancelled" };
  for (const [status, label] of Object.entries(word)) {
    const column = header.findIndex((each) => each.startsWith(label));
    const index = statuses.indexOf(status) + 1;
    const expected = answer.rows.map((row) => row[index]);
    if (column < 0) {
      check(
        `a status without a column in the table never occurred: ${label}`,
        expected.every((value) => !value),
      );
      continue;
    }
    const shown = rows.slice(0, expected.length).map((row) => numberIn(row[column]));
    check(`the table has each hour's ${label} as the query answers it`, String(shown) === String(expected));
  }
}

export async function checkNumbers(page) {
  const range = pastWeek();
  const { workflow } = await idsIn(page);
  const measures = ["count", "success_rate", "count_failed", "duration_avg", "duration_p95", "cost"];
  const overview = await checkFigures(page, "Overview", "/", range, "executions", measures);
  const its = [{ field: "workflow", op: "eq", value: workflow }];
  await checkFigures(page, "a workflow", `/workflows/${workflow}`, range, "executions", measures, its);

  const statuses = await ask(page, {
    source: "executions",
    measures: ["count"],
    dimensions: ["status"],
    time: range,
  });
  const total = statuses.rows.reduce((sum, row) => sum + row[1], 0);
  check("the statuses add up to the total", total === overview.totals[0], `${total} and ${overview.totals[0]}`);
  await checkTable(page, range);
}
