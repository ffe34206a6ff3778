// What must hold on a running server: the numbers, the keyboard, the contrast, the narrow screen.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { anExecution, launch, openPage, settle, signIn, url } from "./browser.mjs";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let passed = 0;
const failures = [];

function check(what, isTrue, detail = "") {
  if (isTrue) passed += 1;
  else failures.push(`${what}${detail ? `: ${detail}` : ""}`);
  console.log(`${isTrue ? "ok  " : "FAIL"} ${what}${isTrue || !detail ? "" : `\n     ${detail}`}`);
}

async function ask(page, body) {
  return page.evaluate(async (question) => {
    const answer = await fetch("/api/v1/query", {
      method: "POST",
      headers: { "content-type": "application/json", "X-Tacho-CSRF": "1" },
      body: JSON.stringify(question),
    });
    return answer.json();
  }, body);
}

/** Over a range that is past, so that nothing moves between the page's question and ours. */
async function checkNumbers(page) {
  const to = new Date(Date.now() - 3_600_000).toISOString();
  const from = new Date(Date.now() - 8 * 86_400_000).toISOString();
  await page.goto(`${url}/?${new URLSearchParams({ from, to })}`);
  await settle(page);
  const measures = ["count", "success_rate", "count_failed", "duration_avg"];
  const answer = await ask(page, { source: "executions", measures, time: { from, to } });
  for (const [index, measure] of measures.entries()) {
    const shown = await page.locator(`[data-kpi="${measure}"]`).getAttribute("data-value");
    const expected = answer.totals[index];
    check(
      `${measure} on the page is what the query answers`,
      shown === String(expected ?? ""),
      `${shown} and ${expected}`,
    );
  }
  const statuses = await ask(page, {
    source: "executions",
    measures: ["count"],
    dimensions: ["status"],
    time: { from, to },
  });
  const total = statuses.rows.reduce((sum, row) => sum + row[1], 0);
  check("the statuses add up to the total", total === answer.totals[0], `${total} and ${answer.totals[0]}`);
}

async function checkAccessibility(page, where) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }),
  );
  const said = violations.map(
    ({ id, nodes }) =>
      `${id} (${nodes.length}×, first: ${nodes[0].target.join(" ")} ${nodes[0].failureSummary?.replaceAll("\n", " ")})`,
  );
  check(`no accessibility violation on ${where}`, violations.length === 0, said.join("; "));
}

async function checkNoOverflow(page, where) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  check(`no horizontal overflow on ${where}`, over <= 0, `${over} px too wide`);
}

const focusedName = (page) =>
  page.evaluate(
    () => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent?.trim() ?? "",
  );

async function checkKeyboard(page) {
  await page.goto(url);
  await settle(page);
  await page.keyboard.press("Tab");
  check("the first stop of Tab is the skip link", (await focusedName(page)) === "Skip to content");
  await page.keyboard.press("Enter");
  check("the skip link leads to the content", await page.evaluate(() => document.activeElement?.id === "main"));

  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  check("? shows the shortcuts", true);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });

  await page.keyboard.press("g");
  await page.keyboard.press("y");
  await page.getByRole("heading", { level: 1, name: "System" }).waitFor();
  check("g y goes to System", page.url().endsWith("/system"));
  await page.keyboard.press("g");
  await page.keyboard.press("o");
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await settle(page);
  check("g o goes to Overview", new URL(page.url()).pathname === "/");

  await page.keyboard.press("[");
  await page.waitForURL(/from=/);
  // The address changes before the page does; a key pressed in between is for the page as it was.
  await settle(page);
  check("[ shows the period before", true);
  await page.keyboard.press("]");
  await page.waitForURL((address) => !address.search.includes("from="));
  check("] returns to the current period", true);
  await settle(page);

  const chart = page.locator('[aria-roledescription="chart"]').first();
  if (await chart.count()) {
    await chart.focus();
    await page.keyboard.press("End");
    const said = await chart.locator('[aria-live="polite"]').textContent();
    check("the chart says the value under its cursor", /total/.test(said ?? ""), said ?? "");
    await page.keyboard.press("t");
    const table = page.getByRole("region", { name: /as a table/ }).getByRole("table");
    await table.waitFor();
    check("T shows the chart as a table", (await table.getByRole("row").count()) > 2);
  }
  const row = page.locator("[data-row-open]").first();
  if (await row.count()) {
    await row.focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/executions\//);
    check("Enter on a row opens the execution", true);
  }
}

const browser = await launch();
try {
  for (const colorScheme of ["light", "dark"]) {
    const { context, page, complaints } = await openPage(browser, {
      viewport: { width: 1440, height: 900 },
      colorScheme,
      reducedMotion: "reduce",
    });
    await page.goto(`${url}/sign-in`);
    await settle(page);
    await checkAccessibility(page, `sign-in, ${colorScheme}`);
    await signIn(page);
    if (colorScheme === "light") {
      await checkNumbers(page);
      await checkKeyboard(page);
    }
    const id = await anExecution(page);
    const paths = { Overview: "/", System: "/system", Settings: "/settings", "a missing page": "/nowhere" };
    if (id) paths["an execution"] = `/executions/${encodeURIComponent(id)}`;
    for (const [name, path] of Object.entries(paths)) {
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.goto(url + path);
      await settle(page);
      await checkAccessibility(page, `${name}, ${colorScheme}`);
      for (const width of [768, 390, 360]) {
        await page.setViewportSize({ width, height: 844 });
        await settle(page);
        await checkNoOverflow(page, `${name} at ${width} px, ${colorScheme}`);
        if (width === 390) await checkAccessibility(page, `${name} at 390 px, ${colorScheme}`);
      }
    }
    check(`no script error and no 5xx, ${colorScheme}`, complaints.length === 0, complaints.join("; "));
    await context.close();
  }
} catch (error) {
  failures.push(error.message);
  console.error(error);
} finally {
  await browser.close();
}
for (const failure of failures) console.error(`failed: ${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);
