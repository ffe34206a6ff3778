// Pictures of every page, light and dark: node e2e/screenshots.mjs [FOLDER [PREFIX]]
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { launch, openPage, settle, signIn, url } from "./browser.mjs";
import { idsIn, pagesFor } from "./pages.mjs";

const folder = process.argv[2] ?? process.env.SCREENSHOTS ?? "screenshots";
const prefix = process.argv[3] ?? "";
const VIEWPORTS = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

await mkdir(folder, { recursive: true });
const browser = await launch();

async function take(page, name, viewport, colorScheme) {
  const path = join(folder, `${prefix}${name}-${viewport.width}-${colorScheme}.png`);
  // A phone's page is long: what is seen first is what counts.
  await page.screenshot({ path, fullPage: viewport.width >= 768 });
  console.log(path);
}

try {
  for (const colorScheme of ["light", "dark"]) {
    for (const viewport of VIEWPORTS) {
      const { context, page } = await openPage(browser, { viewport, colorScheme, reducedMotion: "reduce" });
      await page.goto(`${url}/sign-in`);
      await settle(page);
      await take(page, "sign-in", viewport, colorScheme);
      await signIn(page);
      for (const [name, path] of Object.entries(pagesFor(await idsIn(page)))) {
        await page.goto(url + path);
        await settle(page);
        await take(page, name, viewport, colorScheme);
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
}
