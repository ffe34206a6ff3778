import { describe, expect, it } from "vitest";
import { arrangementOf, isUsual, placed, WIDGETS, withArrangement, withHidden } from "./arrangement.ts";

const usual = arrangementOf(null);

describe("the arrangement of the Overview", () => {
  it("is that of everybody at first", () => {
    expect(usual.order).toEqual(WIDGETS.map(({ id }) => id));
    expect(isUsual(usual)).toBe(true);
  });
  it("comes back from the preference as it went in", () => {
    const mine = withHidden(placed(usual, "executions", 0), "costs");
    expect(arrangementOf(withArrangement(null, mine))).toEqual(mine);
  });
  it("survives what it does not know, and puts what is new where everybody has it", () => {
    const read = arrangementOf({ overview: { order: ["failures", "gone", "kpis", "kpis"], hidden: [7, "trend"] } });
    expect([...read.order].sort()).toEqual([...usual.order].sort());
    expect(read.order.indexOf("failures")).toBeLessThan(read.order.indexOf("kpis"));
    expect(read.hidden).toEqual(["trend"]);
    expect(arrangementOf({ overview: "nonsense" })).toEqual(usual);
  });
  it("moves no further than either end", () => {
    expect(placed(usual, "kpis", -1)).toEqual(usual);
    expect(placed(usual, "kpis", 99).order.at(-1)).toBe("kpis");
    expect(placed(usual, "trend", 0).order.slice(0, 2)).toEqual(["trend", "kpis"]);
  });
  it("shows again what was hidden, where it was", () => {
    expect(withHidden(withHidden(usual, "trend"), "trend")).toEqual(usual);
  });
  it("leaves the arrangements of other pages alone, and nothing behind when it is reset", () => {
    const others = { live: { order: [] } };
    expect(withArrangement({ ...others, overview: usual }, null)).toEqual(others);
    expect(withArrangement(others, usual)).toEqual(others);
    expect(withArrangement(null, null)).toBeNull();
  });
});
