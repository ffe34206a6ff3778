// Pictures of every page, light and dark, at three widths: node e2e/screenshots.mjs [FOLDER]
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { anExecution, launch, openPage, settle, signIn, url } from "./browser.mjs";

const folder = process.argv[2] ?? process.env.SCREENSHOTS ?? "screenshots";
const VIEWPORTS = [
  { width: 1440, height: 900 },
  { width: 768, height: 1024 },
  { width: 390, height: 844 },
];

await mkdir(folder, { recursive: true });
const browser = await launch();
try {
  for (const colorScheme of ["light", "dark"]) {
    for (const viewport of VIEWPORTS) {
      const { context, page } = await openPage(browser, { viewport, colorScheme, reducedMotion: "reduce" });
      const save = async (name, fullPage) => {
        const path = join(folder, `${name}-${viewport.width}-${colorScheme}.png`);
        await page.screenshot({ path, fullPage });
        console.log(path);
      };
      await page.goto(`${url}/sign-in`);
      await settle(page);
      await save("sign-in", false);
      await signIn(page);
      const id = await anExecution(page);
      const pages = { overview: "/", system: "/system", settings: "/settings" };
      if (id) pages.execution = `/executions/${encodeURIComponent(id)}`;
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(url + path);
        await settle(page);
        await save(name, viewport.width < 768 ? false : name !== "overview");
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
}
