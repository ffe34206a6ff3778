// No violation of WCAG 2.1 AA on any page in both themes; nothing wider than the screen.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { openPage, settle, signIn, url } from "./browser.mjs";
import { check } from "./check.mjs";
import { idsIn, pagesFor } from "./pages.mjs";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

async function checkRules(page, where) {
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

export async function checkEveryPage(browser, colorScheme) {
  const { context, page, complaints } = await openPage(browser, {
    viewport: { width: 1440, height: 900 },
    colorScheme,
    reducedMotion: "reduce",
  });
  await page.goto(`${url}/sign-in`);
  await settle(page);
  await checkRules(page, `sign-in, ${colorScheme}`);
  await signIn(page);
  const pages = { ...pagesFor(await idsIn(page)), "a missing page": "/nowhere" };
  for (const [name, path] of Object.entries(pages)) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(url + path);
    await settle(page);
    await checkRules(page, `${name}, ${colorScheme}`);
    for (const width of [768, 390, 360]) {
      await page.setViewportSize({ width, height: 844 });
      await settle(page);
      await checkNoOverflow(page, `${name} at ${width} px, ${colorScheme}`);
      if (width === 390) await checkRules(page, `${name} at 390 px, ${colorScheme}`);
    }
  }
  check(`no script error and no 5xx, ${colorScheme}`, complaints.length === 0, complaints.join("; "));
  await context.close();
}
