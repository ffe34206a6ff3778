// What a browser shows and gives of a chart: its table, its file, what is said of it, its rows.
import { readFile } from "node:fs/promises";
import { plain } from "./writing.mjs";

/** Cells as [text, exact value]; a row's name apart from its note. */
export async function readTable(figure) {
  await figure.getByRole("button", { name: "Show as table (T)" }).click();
  const table = figure.getByRole("region", { name: /as a table$/ }).getByRole("table");
  await table.waitFor();
  const read = await table.evaluate((element) => {
    const cellsOf = (row) =>
      [...row.querySelectorAll("td")].map((cell) => {
        const data = cell.querySelector("data");
        return data ? { text: data.textContent, value: data.getAttribute("value") } : null;
      });
    const nameOf = (head) => ({
      name: head.firstChild?.textContent ?? "",
      note: head.querySelector("span")?.textContent ?? "",
    });
    const foot = element.querySelector("tfoot tr");
    return {
      header: [...element.querySelectorAll("thead th")].map((cell) => cell.textContent),
      rows: [...element.querySelectorAll("tbody tr")].map((row) => ({
        ...nameOf(row.querySelector("th")),
        cells: cellsOf(row),
      })),
      totals: foot && cellsOf(foot),
    };
  });
  await figure.getByRole("button", { name: "Show as chart (T)" }).click();
  return read;
}

/** The exported file, as lines of fields (RFC 4180). */
export async function readCsv(page, figure) {
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    figure.getByRole("button", { name: "Save as CSV" }).click(),
  ]);
  const text = await readFile(await file.path(), "utf8");
  const lines = [[]];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    lines.at(-1).push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (end !== ",") lines.push([]);
  }
  return lines.slice(0, -1);
}

/** What is said at the last thing that the chart draws (of a heat map: the first), or of each bar. */
export async function readDrawn(figure, kind) {
  if (kind === "timeline") return figure.locator("tbody").first().locator("tr").allInnerTexts();
  if (kind === "items") return figure.locator("[data-bar]").allTextContents();
  const chart = figure.getByRole("application");
  await chart.focus();
  await chart.press("End");
  return [plain((await chart.locator('[aria-live="polite"]').textContent()) ?? "")];
}
