// What must hold on a running server: journeys, numbers, the keyboard, what is live, and every page's accessibility and width.
import { checkEveryPage } from "./accessibility.mjs";
import { launch, openPage, signIn } from "./browser.mjs";
import { check, conclude, part } from "./check.mjs";
import { checkJourneys } from "./journeys.mjs";
import { checkKeyboard } from "./keyboard.mjs";
import { checkLive, checkRestart } from "./live.mjs";
import { checkNumbers } from "./numbers.mjs";

const browser = await launch();

/** Somebody who has signed in on a wide screen, in a browser of their own. */
async function asViewer(name, run) {
  await part(name, async () => {
    const options = { viewport: { width: 1440, height: 900 }, colorScheme: "light", reducedMotion: "reduce" };
    const { context, page, complaints } = await openPage(browser, options);
    try {
      await signIn(page);
      await run(page);
      check(`no script error and no 5xx: ${name}`, complaints.length === 0, complaints.join("; "));
    } finally {
      await context.close();
    }
  });
}

await asViewer("numbers", checkNumbers);
await asViewer("keyboard", checkKeyboard);
await asViewer("journeys", (page) => checkJourneys(page, browser));
for (const colorScheme of ["light", "dark"]) {
  await part(`pages, ${colorScheme}`, () => checkEveryPage(browser, colorScheme));
}
await asViewer("live", checkLive);
// The last: the server is away for a while, which pages may complain of.
await part("restart", async () => {
  const { context, page } = await openPage(browser, {
    viewport: { width: 1440, height: 900 },
    reducedMotion: "reduce",
  });
  await signIn(page);
  await checkRestart(page);
  await context.close();
});
await browser.close();
conclude();
