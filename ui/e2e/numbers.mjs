// What pages show is what the API answers to the same question, and charts and their tables are what the page was answered.
import { settle, url } from "./browser.mjs";
import { checkCharts } from "./charts/check.mjs";
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

export async function checkNumbers(page) {
  const range = pastWeek();
  const ids = await idsIn(page);
  const { workflow } = ids;
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
  await checkCharts(page, ids, range);
}
