// How fast pages are: node e2e/performance.mjs, on a running server (bench/run web fills one). Prints Markdown.
//
// Each visit is one of somebody who is signed in and has nothing in the browser's cache. LCP is when the largest part of the
// page stood (Largest Contentful Paint); "all there" is when no skeleton is left and every chart is drawn; an interaction
// lasts from the key or click to the next frame that shows what came of it (Event Timing, the longest event of each).
import { fileURLToPath } from "node:url";
import { firstLoad } from "../scripts/first-load.mjs";
import { launch, signIn, url } from "./browser.mjs";
import { idsIn, pagesFor } from "./pages.mjs";

const VISITS = Number(process.env.VISITS ?? 12);

/** Runs in the page before anything else. */
function observe() {
  globalThis.__seen = { lcp: 0, there: 0, events: [] };
  const seen = globalThis.__seen;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.lcp = entry.startTime;
  }).observe({ type: "largest-contentful-paint", buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.interactionId) seen.events.push({ name: entry.name, ms: entry.duration });
    }
  }).observe({ type: "event", buffered: true, durationThreshold: 16 });
  const look = () => {
    const isThere =
      document.querySelector("h1") &&
      !document.querySelector('[class*="_skeleton_"]') &&
      [...document.querySelectorAll('[aria-roledescription="chart"]')].every((chart) =>
        chart.querySelector("canvas, svg, li"),
      );
    if (isThere) seen.there = performance.now();
    else requestAnimationFrame(look);
  };
  document.addEventListener("DOMContentLoaded", () => requestAnimationFrame(look));
}

const INTERACTIONS = [
  { name: "another period", path: "/", run: (page) => turn(page, ["Month", "Week"], "link") },
  { name: "palette opened", path: "/", run: (page) => press(page, "Control+k", "Escape") },
  { name: "a letter in the palette", path: "/", run: (page) => press(page, "Control+k", "b", "Escape") },
  { name: "cursor along a chart", path: "/", run: onChart("ArrowRight") },
  { name: "chart as a table and back", path: "/", run: onChart("t") },
  { name: "to Workflows and back", path: "/", run: (page) => turn(page, ["Workflows", "Overview"], "link") },
  { name: "workflows sorted", path: "/workflows", run: (page) => turn(page, ["Cost", "Failures"], "columnheader") },
  {
    name: "a letter in the search for workflows",
    path: "/workflows",
    run: (page) => press(page, "/", "a", "Backspace"),
  },
  {
    name: "executions narrowed to a status",
    path: "/executions",
    run: (page) => turn(page, ["Failed", "Failed"], "button"),
  },
];

async function press(page, ...keys) {
  for (const key of keys) {
    await page.keyboard.press(key);
    await page.waitForTimeout(150);
  }
}

/** Clicks one and then the other. */
async function turn(page, names, role) {
  for (const name of names) {
    const found = page.getByRole(role, { name: new RegExp(`^${name}`) }).first();
    await (role === "columnheader" ? found.getByRole("button") : found).click();
    await page.waitForTimeout(600);
  }
}

function onChart(key) {
  return async (page) => {
    await page.locator('[aria-roledescription="chart"], [aria-label$="as a table"]').first().focus();
    await press(page, key);
  };
}

const quantile = (values, q) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? 0;
};
const kilobytes = (sizes) => ms([...sizes].reduce((sum, size) => sum + size, 0) / 1000);
const ms = (value) => (value < 10 ? value.toFixed(1) : value.toFixed(0));
const row = (cells) => `| ${cells.join(" | ")} |`;

/** A browser of somebody who is signed in, with an empty cache. */
async function visitor(browser, storageState) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, storageState });
  await context.addInitScript(observe);
  return { context, page: await context.newPage() };
}

async function measurePage(browser, storageState, path) {
  const visits = [];
  for (let visit = 0; visit < VISITS; visit += 1) {
    const { context, page } = await visitor(browser, storageState);
    const scripts = new Map();
    page.on("response", (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.endsWith(".js")) scripts.set(pathname, Number(response.headers()["content-length"] ?? 0));
    });
    await page.goto(url + path);
    await page.waitForFunction(() => globalThis.__seen.there > 0, undefined, { timeout: 60_000 });
    await page.waitForTimeout(300);
    visits.push({ ...(await page.evaluate(() => globalThis.__seen)), scripts });
    await context.close();
  }
  return visits;
}

async function measureInteraction(browser, storageState, { path, run }) {
  const { context, page } = await visitor(browser, storageState);
  await page.goto(url + path);
  await page.waitForFunction(() => globalThis.__seen.there > 0, undefined, { timeout: 60_000 });
  await page.waitForTimeout(500);
  const longest = [];
  for (let round = 0; round < VISITS; round += 1) {
    await page.evaluate(() => {
      globalThis.__seen.events = [];
    });
    await run(page);
    await page.waitForTimeout(250);
    const events = await page.evaluate(() => globalThis.__seen.events);
    // Events shorter than 16 ms are not told of.
    longest.push(Math.max(16, ...events.map((event) => event.ms)));
  }
  await context.close();
  return longest;
}

const browser = await launch();
try {
  const context = await browser.newContext();
  const page = await context.newPage();
  await signIn(page);
  const storageState = await context.storageState();
  const ids = await idsIn(page);
  await context.close();

  console.log(row(["page", "LCP p50 ms", "p75", "all there p50 ms", "p75", "scripts KB"]));
  console.log(row(["---", "---:", "---:", "---:", "---:", "---:"]));
  const all = [];
  let first;
  for (const [name, path] of Object.entries(pagesFor(ids))) {
    const visits = await measurePage(browser, storageState, path);
    all.push(...visits);
    const [lcp, there] = ["lcp", "there"].map((key) => visits.map((visit) => visit[key]));
    const figures = [quantile(lcp, 0.5), quantile(lcp, 0.75), quantile(there, 0.5), quantile(there, 0.75)].map(ms);
    first ??= visits[0].scripts;
    console.log(row([name, ...figures, kilobytes(visits[0].scripts.values())]));
  }
  const every = ["lcp", "there"].flatMap((key) =>
    [0.5, 0.75].map((q) =>
      ms(
        quantile(
          all.map((each) => each[key]),
          q,
        ),
      ),
    ),
  );
  console.log(row(["**all pages**", ...every, ""]));
  const before = firstLoad(fileURLToPath(new URL("../dist", import.meta.url))).files;
  const sizes = before.map((file) => first.get(`/${file}`));
  if (sizes.includes(undefined)) throw new Error("ui/dist is not what the server serves: build it anew");
  console.log(row(["**before Overview stands**", "", "", "", "", kilobytes(sizes)]));

  console.log(`\n${row(["interaction", "p50 ms", "p75", "max"])}`);
  console.log(row(["---", "---:", "---:", "---:"]));
  const longest = [];
  for (const interaction of INTERACTIONS) {
    const rounds = await measureInteraction(browser, storageState, interaction);
    longest.push(...rounds);
    console.log(row([interaction.name, ...[0.5, 0.75, 1].map((q) => ms(quantile(rounds, q)))]));
  }
  console.log(row(["**all**", ...[0.5, 0.75, 1].map((q) => ms(quantile(longest, q)))]));
} finally {
  await browser.close();
}
