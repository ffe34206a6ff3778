import { describe, expect, it } from "vitest";
import { TOKENS } from "../../theme/tokens.ts";
import { contrast, heatColor, mix, textOn } from "./color.ts";
import { fileName, tableCsv, toCsv } from "./csv.ts";
import { cellAfter, cursorAfter } from "./cursor.ts";
import { keyPlaces } from "./png.ts";
import { addChart, turnCharts } from "./tableKey.ts";

describe("CSV", () => {
  it("quotes, disarms formulas, and leaves unknown empty", () => {
    expect(toCsv(["a"], [["x,y"], ['say "hi"'], ["=1+1"], [-3], [null]])).toBe(
      'a\r\n"x,y"\r\n"say ""hi"""\r\n\'=1+1\r\n-3\r\n\r\n',
    );
  });
  it("writes keys for a machine instead of the name for people", () => {
    const csv = tableCsv({
      rowTitle: "Time",
      keyTitles: ["from", "to"],
      rows: [{ name: "Today", keys: ["2026-11-22", null] }],
      columns: [{ label: "Cost", unit: "usd", values: [0.0042] }],
    });
    expect(csv).toBe("from,to,Cost\r\n2026-11-22,,0.0042\r\n");
  });
  it("names files after the chart", () => expect(fileName("Cost & more", "csv")).toBe("cost-more.csv"));
});

describe("the cursor", () => {
  it("moves and stops at the ends", () => {
    expect(cursorAfter("ArrowRight", null, 3)).toBe(0);
    expect(cursorAfter("ArrowLeft", null, 3)).toBe(2);
    expect(cursorAfter("ArrowRight", 2, 3)).toBe(2);
    expect(cursorAfter("ArrowLeft", 0, 3)).toBe(0);
    expect(cursorAfter("PageDown", 10, 100)).toBe(20);
    expect(cursorAfter("End", 0, 3)).toBe(2);
    expect(cursorAfter("x", 1, 3)).toBeNull();
    expect(cursorAfter("ArrowRight", null, 0)).toBeNull();
  });
  it("goes from cell to cell and stays in its row at the sides", () => {
    expect(cellAfter("ArrowDown", 1, 2, 3)).toBe(4);
    expect(cellAfter("ArrowDown", 4, 2, 3)).toBe(4);
    expect(cellAfter("ArrowUp", 4, 2, 3)).toBe(1);
    expect(cellAfter("ArrowRight", 2, 2, 3)).toBe(2);
    expect(cellAfter("Home", 5, 2, 3)).toBe(3);
    expect(cellAfter("ArrowDown", null, 2, 3)).toBe(0);
    expect(cellAfter("q", 2, 2, 3)).toBeNull();
  });
});

describe("colours", () => {
  it("mix from one end to the other", () => {
    expect(mix("#000000", "#ffffff", 0)).toBe("#000000");
    expect(mix("#000000", "#ffffff", 1)).toBe("#ffffff");
  });
  it.each(["light", "dark"] as const)("stand out the more, the greater the value: %s", (scheme) => {
    const tokens = TOKENS[scheme];
    const steps = [0, 0.25, 0.5, 0.75, 1].map((share) => contrast(heatColor(share, tokens), tokens.background));
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });
  it.each(["light", "dark"] as const)("carry text that can be read: %s", (scheme) => {
    for (let share = 0; share <= 1; share += 0.05) {
      const color = heatColor(share, TOKENS[scheme]);
      expect(contrast(color, textOn(color))).toBeGreaterThanOrEqual(4.5);
    }
  });
});

describe("the names in a picture", () => {
  it("go on in the next line where the width ends", () => {
    expect(keyPlaces([60, 60, 60], 150)).toEqual([
      { x: 0, line: 0 },
      { x: 76, line: 0 },
      { x: 0, line: 1 },
    ]);
  });
});

describe("the key for tables", () => {
  it("turns the chart that has the focus, else all", () => {
    const turned: string[] = [];
    const button = document.createElement("button");
    document.body.append(button);
    const remove = [
      addChart({ element: () => document.createElement("div"), turn: () => turned.push("first") }),
      addChart({ element: () => button, turn: () => turned.push("second") }),
    ];
    turnCharts();
    expect(turned).toEqual(["first", "second"]);
    button.focus();
    turnCharts();
    expect(turned).toEqual(["first", "second", "second"]);
    for (const each of remove) each();
    turnCharts();
    expect(turned).toHaveLength(3);
  });
});
