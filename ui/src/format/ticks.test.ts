import { describe, expect, it } from "vitest";
import { niceScale, ticksOf, tickText } from "./ticks.ts";

const plain = (text: string) => text.replaceAll("\u00A0", " ");
const labels = (max: number, unit: Parameters<typeof niceScale>[2], min = 0) => {
  const scale = niceScale(min, max, unit);
  return ticksOf(scale).map((tick) => plain(tickText(tick, unit, scale.step)));
};

describe("an axis", () => {
  it("counts in whole things", () => expect(labels(3, "count")).toEqual(["0", "1", "2", "3"]));
  it("is short for large numbers", () =>
    expect(labels(71_000, "count")).toEqual(["0", "20 k", "40 k", "60 k", "80 k"]));
  it("tells durations in steps of the clock", () => expect(labels(170_000, "ms")).toEqual(["0", "1 m", "2 m", "3 m"]));
  it("tells long durations in days", () => expect(labels(86_400_000 * 9, "ms")).toEqual(["0", "5 d", "10 d"]));
  it("tells minutes as the clock does", () =>
    expect(labels(55, "minutes")).toEqual(["0", "15 m", "30 m", "45 m", "1 h"]));
  it("tells cents and less", () => {
    expect(labels(0.0042, "usd")).toEqual(["$0", "$0.001", "$0.002", "$0.003", "$0.004", "$0.005"]);
    expect(labels(2.2, "usd")).toEqual(["$0", "$0.50", "$1.00", "$1.50", "$2.00", "$2.50"]);
    expect(labels(1.6, "usd")).toEqual(["$0", "$0.50", "$1.00", "$1.50", "$2.00"]);
  });
  it("starts above zero where it is told to", () =>
    expect(labels(100, "percent", 95)).toEqual(["95 %", "96 %", "97 %", "98 %", "99 %", "100 %"]));
  it("stands on its own where all is zero", () => expect(labels(0, "count")).toEqual(["0", "1"]));
  it("reaches the greatest value", () => {
    for (const max of [1, 9.99, 10, 10.01, 123_456, 7e9])
      expect(niceScale(0, max, "value").max).toBeGreaterThanOrEqual(max);
  });
});
