// What people come for, step by step.
import { openPage, settle, signIn, url } from "./browser.mjs";
import { check } from "./check.mjs";
import { ask, pastWeek } from "./numbers.mjs";
import { send } from "./records.mjs";

const heading = (page, name) => page.getByRole("heading", { level: 1, name });
const parameters = (page) => new URL(page.url()).searchParams;

/** From Overview to the step that failed, in four clicks. */
async function checkWorstWorkflow(page) {
  await page.goto(url);
  await settle(page);
  let clicks = 0;
  const click = async (locator) => {
    await locator.click();
    clicks += 1;
    await settle(page);
  };
  await click(page.getByRole("button", { name: /^Time range/ }));
  await click(page.getByRole("button", { name: "Yesterday", exact: true }));
  const [from, to] = ["from", "to"].map((name) => parameters(page).get(name));
  const worst = await ask(page, {
    source: "executions",
    measures: ["count_failed"],
    dimensions: ["workflow"],
    time: { from, to },
    limit: 1,
  });
  const [id, name] = worst.rows[0];
  const bars = page.getByRole("list", { name: "Workflows that fail most" });
  await click(bars.getByRole("link").first());
  await heading(page, name).waitFor();
  check("the first bar is yesterday's worst workflow", new URL(page.url()).pathname === `/workflows/${id}`);
  check("its page keeps the range", parameters(page).get("from") === from);
  await click(page.getByRole("link", { name: /^Execution, / }).first());
  await page.waitForURL(/\/executions\/./);
  await settle(page);
  const timeline = page.locator("section").filter({ has: page.getByRole("heading", { name: "Timeline" }) });
  const failed = timeline.getByText("Failed", { exact: true }).first();
  const { top } = await failed.evaluate((element) => element.getBoundingClientRect());
  check("the step that failed is on the first screen", top < 900, `${top} px down`);
  check("it took at most four clicks", clicks <= 4, `${clicks}`);
}

async function checkTimeAndZone(page) {
  await page.goto(url);
  await settle(page);
  await page.getByRole("navigation", { name: "Period" }).getByRole("link", { name: "Month" }).click();
  await page.waitForURL(/period=month/);
  await settle(page);
  const { totals } = await ask(page, { source: "executions", measures: ["count"], time: { period: "month" } });
  const shown = Number(await page.locator('[data-kpi$="count"]').first().getAttribute("data-value"));
  // Executions begin while the two are asked.
  check("another period has its own numbers", Math.abs(shown - totals[0]) <= 20, `${shown} and ${totals[0]}`);
  await page.goto(`${url}/?tz=Asia%2FKolkata`);
  await settle(page);
  check("another zone is named", await page.getByText("Asia/Kolkata").first().isVisible());
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Usage" }).click();
  await heading(page, "Usage").waitFor();
  check("the zone goes along to the next page", parameters(page).get("tz") === "Asia/Kolkata");
}

async function checkComparison(page) {
  const range = pastWeek();
  await page.goto(`${url}/?${new URLSearchParams(range)}`);
  await settle(page);
  const card = page.locator('[data-kpi$="count_failed"]').first();
  check("a figure is compared with the period before", /from/.test(await card.textContent()));
  await page.getByRole("button", { name: /^against/ }).click();
  await page.getByRole("menuitem", { name: "Nothing" }).click();
  await page.waitForURL(/compare=off/);
  await settle(page);
  check("with the comparison off it stands alone", !/from/.test(await card.textContent()));
}

async function checkBrush(page) {
  const range = pastWeek();
  await page.goto(`${url}/?${new URLSearchParams(range)}`);
  await settle(page);
  const chart = page.getByRole("application", { name: /^Executions by status over time/ });
  const box = await chart.boundingBox();
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.4, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, y, { steps: 5 });
  await page.mouse.move(box.x + box.width * 0.6, y, { steps: 5 });
  await page.mouse.up();
  await page.waitForURL((address) => address.searchParams.get("from") !== range.from);
  const [from, to] = ["from", "to"].map((name) => Date.parse(parameters(page).get(name)));
  const isInside = from > Date.parse(range.from) && to < Date.parse(range.to) && from < to;
  check("a drag over the chart narrows the range", isInside, page.url());
  await settle(page);
  const zoomed = page.url();
  await chart.dblclick({ position: { x: box.width / 2, y: box.height / 2 } });
  await page.waitForURL((address) => address.href !== zoomed);
  check("a double click leads back", parameters(page).get("from") === range.from, page.url());
}

async function checkDrill(page) {
  const range = pastWeek();
  await page.goto(`${url}/?${new URLSearchParams(range)}`);
  await settle(page);
  const chart = page.getByRole("application", { name: /^Executions by status over time/ });
  await chart.focus();
  for (const key of ["Home", "ArrowRight", "ArrowRight", "Enter"]) await page.keyboard.press(key);
  await page.waitForURL(/\/executions\?/);
  await settle(page);
  const [from, to] = ["from", "to"].map((name) => parameters(page).get(name));
  const { totals } = await ask(page, { source: "executions", measures: ["count"], time: { from, to } });
  const said = await page
    .getByText(/[\d,]+ (executions? )?in this range/)
    .first()
    .textContent();
  check(
    "the rows behind a bucket are its executions",
    said.startsWith(totals[0].toLocaleString("en")),
    `${said}, ${totals[0]}`,
  );
}

/** From the slowest bar of a histogram to just its executions. */
async function checkHistogram(page) {
  const range = pastWeek();
  await page.goto(`${url}/performance?${new URLSearchParams(range)}`);
  await settle(page);
  const chart = page.getByRole("application", { name: /^How durations are spread/ });
  await chart.focus();
  await chart.press("End");
  const said = await chart.locator('[aria-live="polite"]').textContent();
  await chart.press("Enter");
  await page.waitForURL(/\/executions\?/);
  await settle(page);
  const line = await page
    .getByText(/[\d,]+ of [\d,]+ in this range/)
    .first()
    .textContent();
  const [count, shown] = [/: ([\d,]+),/.exec(said)?.[1], /^[\d,]+/.exec(line)?.[0]];
  check("the rows behind a bar of durations are its executions", count === shown, `${said}; ${line}`);
  await page.getByRole("button", { name: /^Duration .+ – .+ remove$/ }).click();
  await page.waitForURL((address) => !address.search.includes("duration"));
  check("its range is a filter that goes", true);
}

async function checkDeepLink(page, browser) {
  const search = new URLSearchParams({ ...pastWeek(), where: JSON.stringify({ status: ["failed"] }) });
  const link = `${url}/executions?${search}`;
  await page.goto(link);
  await settle(page);
  const first = await page.locator("[data-row-open]").first().getAttribute("href");
  const { context, page: other } = await openPage(browser, { viewport: { width: 1440, height: 900 } });
  await other.goto(link);
  await other.locator("input[name=email]").fill(process.env.TACHO_EMAIL);
  await other.locator("input[name=password]").fill(process.env.TACHO_PASSWORD);
  await other.getByRole("button", { name: "Sign in" }).click();
  await heading(other, "Executions").waitFor();
  await settle(other);
  const same = await other.locator("[data-row-open]").first().getAttribute("href");
  check("a link shows the same to somebody who signs in first", same === first && first !== null, `${same}, ${first}`);
  await context.close();
}

async function checkPhone(browser) {
  const viewport = { width: 360, height: 740 };
  const { context, page } = await openPage(browser, { viewport, colorScheme: "dark", hasTouch: true });
  await signIn(page);
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Workflows" }).click();
  await heading(page, "Workflows").waitFor();
  await settle(page);
  await page.locator("[data-row-open]").first().click();
  await page.waitForURL(/\/workflows\/./);
  await settle(page);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  check("a phone in the dark finds its way to a workflow", over <= 0, `${over} px too wide`);
  await context.close();
}

/** Ordinary use stays far from 100 questions a minute, and what happens is asked for. */
async function checkRequests(page) {
  await page.goto(url);
  await settle(page);
  const begun = Date.now();
  let asked = 0;
  page.on("request", (request) => {
    if (new URL(request.url()).pathname.startsWith("/api/")) asked += 1;
  });
  const told = page.waitForRequest((request) => request.url().includes("/api/v1/query"), { timeout: 12_000 });
  const now = new Date().toISOString();
  await send({
    type: "execution",
    id: `asked-${Date.now()}`,
    workflow_id: "asked",
    status: "success",
    trigger_type: "manual",
    started_at: now,
    completed_at: now,
    updated_at: now,
  });
  const isTold = await told.then(() => true).catch(() => false);
  check("Overview asks again when something happens", isTold);
  await page.waitForTimeout(12_000);
  const seconds = (Date.now() - begun) / 1000;
  check("Overview asks at most 40 times a minute at 5 s", asked <= 1 + (40 / 60) * seconds, `${asked} in ${seconds} s`);
}

export async function checkJourneys(page, browser) {
  await checkWorstWorkflow(page);
  await checkTimeAndZone(page);
  await checkComparison(page);
  await checkBrush(page);
  await checkDrill(page);
  await checkHistogram(page);
  await checkDeepLink(page, browser);
  await checkPhone(browser);
  await checkRequests(page);
}
