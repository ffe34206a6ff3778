// What happens shows at once, on the page that is open, and goes on when the server was away.
import { readFileSync } from "node:fs";
import { settle, url } from "./browser.mjs";
import { check } from "./check.mjs";
import { ask } from "./numbers.mjs";
import { send } from "./records.mjs";

const WORKFLOW = "live-check";
const NAME = "Live check";

const execution = (id, more) => ({
  type: "execution",
  id,
  workflow_id: WORKFLOW,
  trigger_type: "manual",
  updated_at: new Date().toISOString(),
  ...more,
});

/** One that is on its way, and how it goes on. */
function run(id) {
  const started_at = new Date().toISOString();
  const tell = (status, more) => send(execution(id, { status, started_at, ...more }));
  return {
    start: () => tell("running", { steps_completed: 0, steps_total: 4 }),
    progress: (steps_completed) => tell("running", { steps_completed, steps_total: 4 }),
    fail: () =>
      tell("failed", {
        steps_completed: 3,
        steps_total: 4,
        completed_at: new Date().toISOString(),
        error_type: "PortalTimeout",
        error_message: "The portal did not answer",
      }),
    succeed: () => tell("success", { completed_at: new Date().toISOString() }),
  };
}

/** Whether something becomes true soon, and after how long. */
async function soon(what, look, seconds = 10) {
  const begun = Date.now();
  let seen;
  while (Date.now() - begun < seconds * 1000) {
    seen = await look();
    if (seen === true) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  check(what, seen === true, `after ${seconds} s: ${JSON.stringify(seen)}`);
}

const numberAt = async (page, selector) => Number(await page.locator(selector).first().getAttribute("data-value"));
const figure = (page, name) => numberAt(page, `[data-figure="${name}"]`);

/** The last number of a column of the first chart's table, added up over all rows. */
async function charted(page, title) {
  const chart = page.getByRole("figure", { name: title });
  if ((await chart.getByRole("table").count()) === 0)
    await chart.getByRole("button", { name: /^Show as table/ }).click();
  const cells = await chart
    .locator("tbody tr td:last-child data")
    .evaluateAll((all) => all.map((cell) => Number(cell.value)));
  return cells.reduce((sum, value) => sum + value, 0);
}

/** Marks the document, so that a reload would be seen. */
const mark = (page) => page.evaluate(() => Object.assign(globalThis, { __mark: true }));
const isMarked = (page) => page.evaluate(() => globalThis.__mark === true);

const stamp = () => Date.now().toString(36);

async function checkLivePage(page) {
  await page.goto(`${url}/live?workflow=${WORKFLOW}`);
  await settle(page);
  await page.getByText(/^Live · \d\d:/).waitFor();
  await mark(page);
  await page.mouse.move(5, 5);
  const failedBefore = await charted(page, "Executions that failed or timed out");
  const countBefore = await figure(page, "failed");
  const feed = page.getByRole("list", { name: "Events" });
  const toldBefore = await feed.getByText("PortalTimeout").count();

  const one = run(`live-${stamp()}`);
  const begun = Date.now();
  await one.start();
  const table = page.getByRole("table", { name: "Active executions" });
  const row = table.getByRole("row").filter({ hasText: NAME });
  await row.waitFor();
  check("an execution that starts has a row within a second", Date.now() - begun < 1_000, `${Date.now() - begun} ms`);
  await one.progress(2);
  await soon(
    "its progress moves",
    async () => (await row.getByRole("progressbar").getAttribute("aria-valuenow")) === "50",
  );
  await one.fail();
  await soon("its row goes when it has ended", async () => (await row.count()) === 0);
  await soon(
    "the feed tells that it failed",
    async () => (await feed.getByText("PortalTimeout").count()) === toldBefore + 1,
  );
  await soon("the count of failures follows", async () => (await figure(page, "failed")) === countBefore + 1);
  await soon("the chart follows", async () => {
    const now = await charted(page, "Executions that failed or timed out");
    return now === failedBefore + 1 || `${failedBefore}, then ${now}`;
  });
  check("the page was not loaded again", await isMarked(page));
}

async function checkHold(page) {
  await page.goto(`${url}/live?workflow=${WORKFLOW}`);
  await settle(page);
  const first = run(`hold-a-${stamp()}`);
  await first.start();
  const rows = page.getByRole("table", { name: "Active executions" }).getByRole("row").filter({ hasText: NAME });
  await rows.first().waitFor();
  await rows.first().hover();
  const second = run(`hold-b-${stamp()}`);
  await second.start();
  await page.getByText("1 update waiting").waitFor();
  check("under the pointer no row comes", (await rows.count()) === 1);
  await page.mouse.move(5, 5);
  await soon("it comes when the pointer leaves", async () => (await rows.count()) === 2);

  await page.getByRole("button", { name: "Pause" }).click();
  const events = page.getByRole("list", { name: "Events" }).getByRole("listitem");
  const before = await events.count();
  await Promise.all([first.succeed(), second.succeed()]);
  await page.getByText("2 new").waitFor();
  check("a paused feed says what waits and stays", (await events.count()) === before);
  await page.getByRole("button", { name: "Go on" }).click();
  await page.mouse.move(5, 5);
  await soon("and goes on when asked", async () => (await events.count()) === before + 2);
}

async function checkInPlace(page) {
  await page.goto(`${url}/?last=1h`);
  await settle(page);
  await mark(page);
  const count = () => numberAt(page, '[data-kpi="count"]');
  const before = await count();
  const one = run(`place-${stamp()}`);
  await one.start();
  await soon("Overview counts it without a reload", async () => (await count()) > before);
  const listed = page.getByRole("table", { name: "Recent executions" }).getByRole("row").filter({ hasText: NAME });
  await soon("its row comes", async () => (await listed.filter({ hasText: "Running" }).count()) === 1, 15);
  await one.fail();
  await soon("and says that it failed", async () => (await listed.first().textContent()).includes("Failed"), 3);
  check("Overview was not loaded again", await isMarked(page));

  await page.goto(`${url}/workflows/${WORKFLOW}?last=1h`);
  await settle(page);
  await mark(page);
  const runs = await count();
  const next = run(`place-${stamp()}`);
  await next.start();
  await soon("the workflow says that it runs", async () => (await page.getByText("1 running now").count()) > 0, 3);
  await next.succeed();
  await soon("and that it does not any more", async () => (await page.getByText("None running now").count()) > 0, 3);
  await soon("its figures follow", async () => (await count()) === runs + 1);
  check("the workflow's page was not loaded again", await isMarked(page));
}

/** Whether what the page counts is what the query answers. */
async function agrees(page) {
  const { totals } = await ask(page, {
    source: "executions",
    measures: ["count_running", "count_queued"],
    time: { period: "all" },
  });
  const shown = [await figure(page, "running"), await figure(page, "queued")];
  return String(shown) === String(totals) || `${shown} and ${totals}`;
}

/** Stops the server, which starts again by itself. */
export async function checkRestart(page) {
  await page.goto(`${url}/live`);
  await settle(page);
  await page.getByText(/^Live · \d\d:/).waitFor();
  await mark(page);
  await soon("what runs is what the query answers", () => agrees(page), 20);
  const away = run(`away-${stamp()}`);
  await away.start();
  process.kill(Number(readFileSync(process.env.TACHO_PID, "utf8")));
  await page.getByText(/^Reconnecting/).waitFor({ timeout: 20_000 });
  check("a server that is away is said to be", true);
  const isReady = () =>
    fetch(`${url}/readyz`)
      .then(({ ok }) => ok)
      .catch(() => false);
  await soon("the server is back", isReady, 60);
  await soon("the page finds it by itself", async () => (await page.getByText(/^Live · \d\d:/).count()) === 1, 45);
  const row = page.getByRole("table", { name: "Active executions" }).getByRole("row").filter({ hasText: NAME });
  await soon("what ran before still does", async () => (await row.count()) === 1);
  await away.succeed();
  await soon("and ends", async () => (await row.count()) === 0);
  await soon("after the restart, too, what runs is what the query answers", () => agrees(page), 20);
  check("no reload was needed", await isMarked(page));
}

async function checkWall(page) {
  await page.setViewportSize({ width: 1920, height: 1080 });
  await page.goto(`${url}/live?wall=1`);
  await page.getByRole("button", { name: "Leave wall screen" }).waitFor();
  await settle(page);
  const over = await page.evaluate(() => {
    const { scrollHeight, clientHeight, scrollWidth, clientWidth } = document.documentElement;
    return [scrollHeight - clientHeight, scrollWidth - clientWidth];
  });
  check(
    "a wall screen fits",
    over.every((px) => px <= 0),
    `${over} px`,
  );
  check("it has no navigation", (await page.getByRole("navigation", { name: "Pages" }).count()) === 0);
  await page.keyboard.press("Escape");
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
  check("Escape leaves it", true);
}

export async function checkLive(page) {
  await send({ type: "workflow", id: WORKFLOW, name: NAME, updated_at: new Date().toISOString() });
  await checkLivePage(page);
  await checkHold(page);
  await checkInPlace(page);
  await checkWall(page);
}
