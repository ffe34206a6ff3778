// What both end-to-end scripts share: the browser, and signing in on a running server.
import { chromium } from "playwright-core";

const need = (name) => {
  const value = process.env[name];
  if (!value) {
    console.error(`Set ${name}. Needed: TACHO_URL, TACHO_EMAIL, TACHO_PASSWORD; optional: CHROMIUM.`);
    process.exit(2);
  }
  return value;
};

export const url = need("TACHO_URL").replace(/\/$/, "");
const email = need("TACHO_EMAIL");
const password = need("TACHO_PASSWORD");

const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS });
}

/** A page whose script errors and failed requests are collected in `complaints`. */
export async function openPage(browser, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`script error: ${error.message}`));
  page.on("response", (response) => {
    if (response.status() >= 500) complaints.push(`${response.status()} from ${new URL(response.url()).pathname}`);
  });
  return { context, page, complaints };
}

export async function signIn(page) {
  await page.goto(`${url}/sign-in`);
  await page.locator("input[name=email]").fill(email);
  await page.locator("input[name=password]").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
}

/** Until the page has its data: no skeleton left, charts drawn, fonts in, nothing gliding. */
export async function settle(page) {
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await page.waitForFunction(() => !document.querySelector('[class*="_skeleton_"]'), undefined, { timeout: 20_000 });
  await page.evaluate(() => document.fonts.ready);
  // Charts far below the screen may wait until they come near.
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll('[aria-roledescription="chart"]')].every(
        (chart) => chart.querySelector("canvas, svg, li") || chart.getBoundingClientRect().top > innerHeight,
      ),
    undefined,
    { timeout: 20_000 },
  );
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 400)))),
  );
}
