// The application by keyboard alone.
import { settle, url } from "./browser.mjs";
import { check } from "./check.mjs";

const focusedName = (page) =>
  page.evaluate(
    () => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent?.trim() ?? "",
  );

async function press(page, ...keys) {
  for (const key of keys) await page.keyboard.press(key);
}

const heading = (page, name) => page.getByRole("heading", { level: 1, name }).waitFor();

async function checkGoing(page) {
  const places = {
    l: "Live",
    w: "Workflows",
    e: "Executions",
    f: "Failures",
    p: "Performance",
    u: "Usage",
    c: "Costs",
  };
  for (const [key, name] of Object.entries({ ...places, y: "System", o: "Overview" })) {
    await press(page, "g", key);
    await heading(page, name);
    check(`g ${key} goes to ${name}`, true);
  }
  await settle(page);
}

async function checkPalette(page) {
  await press(page, "Control+k");
  const box = page.getByRole("combobox", { name: /an execution id/ });
  await box.waitFor();
  await page.keyboard.type("invoice capt");
  await page
    .getByRole("option", { name: /Invoice capture/ })
    .first()
    .waitFor();
  await press(page, "Enter");
  await heading(page, "Invoice capture");
  check("Ctrl K, some letters and Enter open a workflow", page.url().includes("/workflows/"));
}

async function checkPeriods(page) {
  await page.goto(url);
  await settle(page);
  await press(page, "[");
  await page.waitForURL(/from=/);
  // The address changes before the page does; a key pressed in between is for the page as it was.
  await settle(page);
  check("[ shows the period before", true);
  await press(page, "]");
  await page.waitForURL((address) => !address.search.includes("from="));
  check("] returns to the current period", true);
  await settle(page);
}

async function checkRange(page) {
  await press(page, "p");
  const picker = page.getByRole("dialog", { name: "Time range" });
  await picker.getByLabel("From", { exact: true }).focus();
  const write = async (text) => {
    await press(page, "Control+a");
    await page.keyboard.type(text);
  };
  await write("sometime");
  await press(page, "Enter");
  await picker.getByText("“sometime” is no day or time").waitFor();
  check("a range that can't be read says so", true);
  await write("yesterday");
  await press(page, "Tab");
  await write("yesterday");
  await press(page, "Enter");
  await page.waitForURL(/from=/);
  const [from, to] = ["from", "to"].map((name) => Date.parse(new URL(page.url()).searchParams.get(name)));
  const hours = (to - from) / 3_600_000;
  check("p and a day in words show that day", hours >= 23 && hours <= 25 && to < Date.now(), page.url());
  await settle(page);
}

async function checkChart(page) {
  const chart = page.locator('[aria-roledescription="chart"]').first();
  await chart.focus();
  await press(page, "End");
  const said = await chart.locator('[aria-live="polite"]').textContent();
  check("the chart says the value under its cursor", /total/.test(said ?? ""), said ?? "");
  await press(page, "t");
  const table = page
    .getByRole("region", { name: /as a table/ })
    .getByRole("table")
    .first();
  await table.waitFor();
  check("T shows the chart as a table", (await table.getByRole("row").count()) > 2);
}

async function checkRows(page) {
  await press(page, "g", "e");
  await heading(page, "Executions");
  await settle(page);
  await press(page, "j", "j", "Enter");
  await page.waitForURL(/\/executions\/./);
  check("j j Enter opens the second execution", true);
  await page.goBack();
  await heading(page, "Executions");
  check("back leads back to the list", true);
}

export async function checkKeyboard(page) {
  await page.goto(url);
  await settle(page);
  await press(page, "Tab");
  check("the first stop of Tab is the skip link", (await focusedName(page)) === "Skip to content");
  await press(page, "Enter");
  check("the skip link leads to the content", await page.evaluate(() => document.activeElement?.id === "main"));
  await press(page, "?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  check("? shows the shortcuts", true);
  await press(page, "Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await checkGoing(page);
  await checkPalette(page);
  await checkPeriods(page);
  await checkRange(page);
  await checkChart(page);
  await checkRows(page);
}
