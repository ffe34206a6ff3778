// How fast charts are: node e2e/gallery.mjs FOLDER, with what `vite build --mode gallery --outDir FOLDER` wrote. Prints Markdown,
// and fails over the budget.
//
// Nothing moves (prefers-reduced-motion), so that the first picture of a chart is the whole of it: "drawn" is when its canvas
// holds one. A page is interactive when all charts are drawn and a click has been answered, on the screen, within 100 ms.
import { chromium } from "playwright-core";
import { preview } from "vite";

const folder = process.argv[2] ?? "dist-gallery";
const RUNS = Number(process.env.RUNS ?? 12);
const CHARTS = 20;
const INTERACTIVE_MS_MAX = 2_000;
const CLICK_MS_MAX = 100;
const DRAWN_MS_MAX = 200;

/** Runs in the page before anything else: how many charts hold a picture, and how long clicks take until the next frame. */
function observe() {
  const small = document.createElement("canvas");
  small.width = 16;
  small.height = 16;
  const pen = small.getContext("2d", { willReadFrequently: true });
  const holdsPicture = (canvas) => {
    if (canvas.width === 0 || canvas.height === 0) return false;
    pen.clearRect(0, 0, 16, 16);
    pen.drawImage(canvas, 0, 0, 16, 16);
    return pen.getImageData(0, 0, 16, 16).data.some((part) => part > 0);
  };
  const drawn = new WeakSet();
  globalThis.__gallery = {
    /** Bars are rows of the page, all others a canvas. */
    countDrawn() {
      let count = 0;
      for (const figure of document.querySelectorAll("figure")) {
        const canvas = figure.querySelector("canvas");
        if (canvas && !drawn.has(canvas) && holdsPicture(canvas)) drawn.add(canvas);
        if (canvas ? drawn.has(canvas) : figure.querySelector("[data-bar]")) count += 1;
      }
      return count;
    },
    /** When so many are drawn, in ms since the page was asked for: looked at once a frame. */
    whenDrawn(wanted) {
      return new Promise((resolve) => {
        const look = () => (this.countDrawn() >= wanted ? resolve(performance.now()) : requestAnimationFrame(look));
        look();
      });
    },
    /** Listens for the next click: `clicked` is when it was, and how long it took until a frame showed what came of it. */
    awaitClick(isDone) {
      this.clicked = new Promise((resolve) => {
        const onClick = ({ timeStamp }) => {
          const look = () => {
            if (!isDone()) return requestAnimationFrame(look);
            // A message comes after the frame that is being made now.
            const channel = new MessageChannel();
            channel.port1.onmessage = () => resolve({ at: timeStamp, ms: performance.now() - timeStamp });
            channel.port2.postMessage(null);
          };
          requestAnimationFrame(look);
        };
        document.addEventListener("click", onClick, { capture: true, once: true });
      });
    },
  };
}

const quantile = (values, q) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? 0;
};

/** A browser with an empty cache. */
async function visitor(browser, address) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
  await context.addInitScript(observe);
  const page = await context.newPage();
  await page.goto(address, { waitUntil: "commit" });
  return { context, page };
}

async function centreOf(locator) {
  const box = await locator.boundingBox();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

/** Until all charts are drawn, and until a click is answered in time. */
async function measurePage(browser, address) {
  const { context, page } = await visitor(browser, address);
  await page.waitForFunction(() => globalThis.__gallery && document.querySelector("figure"));
  // The pointer waits where it will click; to look for the place takes the driver a tenth of a second.
  const place = await centreOf(page.getByRole("button", { name: /Show as table/ }).first());
  await page.mouse.move(...place);
  const drawn = await page.evaluate((wanted) => globalThis.__gallery.whenDrawn(wanted), CHARTS);
  let click = null;
  for (let turn = 0; turn < 20; turn += 1) {
    await page.evaluate(
      (isTable) => {
        const isDone = () => Boolean(document.querySelector('figure section[aria-label$="as a table"]')) === isTable;
        globalThis.__gallery.awaitClick(isDone);
      },
      turn % 2 === 0,
    );
    await page.mouse.click(...place);
    click = await page.evaluate(() => globalThis.__gallery.clicked);
    if (click.ms <= CLICK_MS_MAX) break;
  }
  await context.close();
  return { drawn, click: click.ms, interactive: click.at + click.ms };
}

/** From the click that asks for a chart to the frame that shows it, once the drawing library is there. */
async function measureChart(browser, address) {
  const { context, page } = await visitor(browser, address);
  const button = page.getByRole("button", { name: "Draw", exact: true });
  await button.waitFor();
  const rounds = [];
  for (let round = 0; round <= RUNS; round += 1) {
    await page.evaluate(() => {
      const before = document.querySelector("figure canvas");
      globalThis.__gallery.awaitClick(
        () => document.querySelector("figure canvas") !== before && globalThis.__gallery.countDrawn() === 1,
      );
    });
    await page.mouse.click(...(await centreOf(button)));
    const { ms } = await page.evaluate(() => globalThis.__gallery.clicked);
    // The first click loads the library.
    if (round > 0) rounds.push(ms);
    await page.waitForTimeout(100);
  }
  await context.close();
  return rounds;
}

const row = (cells) => `| ${cells.join(" | ")} |`;
const ms = (value) => value.toFixed(0);
let isOver = false;

function report(name, values, budget) {
  const p75 = quantile(values, 0.75);
  isOver ||= p75 > budget;
  console.log(row([name, ...[quantile(values, 0.5), p75, Math.max(...values)].map(ms), ms(budget)]));
}

const server = await preview({ build: { outDir: folder }, preview: { host: "127.0.0.1", port: 0 }, logLevel: "error" });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});
try {
  const address = `http://127.0.0.1:${server.httpServer.address().port}/gallery/`;
  const visits = [];
  for (let run = 0; run < RUNS; run += 1) visits.push(await measurePage(browser, address));
  console.log(row(["what", "p50 ms", "p75", "max", "at most (p75)"]));
  console.log(row(["---", "---:", "---:", "---:", "---:"]));
  const of = (key) => visits.map((visit) => visit[key]);
  report(`${CHARTS} charts drawn`, of("drawn"), INTERACTIVE_MS_MAX);
  report("the click after that", of("click"), CLICK_MS_MAX);
  report(`page of ${CHARTS} charts interactive`, of("interactive"), INTERACTIVE_MS_MAX);
  report("line of 1,000 points drawn", await measureChart(browser, `${address}?chart=line`), DRAWN_MS_MAX);
  report("bars of 3 × 1,000 points drawn", await measureChart(browser, `${address}?chart=bars`), DRAWN_MS_MAX);
} finally {
  await browser.close();
  await server.close();
}
if (isOver) console.error("Over the budget.");
process.exit(isOver ? 1 : 0);
