import { describe, expect, it } from "vitest";
import { bytes, change, compact, compactCount, duration, exact, money, percent, plural, share } from "./format.ts";

/** Non-breaking spaces are part of the format; the expectations are easier to read without them. */
const plain = (text: string | undefined) => text?.replaceAll("\u00A0", " ");

describe("counts", () => {
  it.each([
    [0, "0"],
    [1234, "1,234"],
    [9999, "9,999"],
    [12_400, "12.4 k"],
    [999_949, "999.9 k"],
    [999_950, "1.0 M"],
    [3_200_000, "3.2 M"],
    [2_500_000_000, "2.5 G"],
    [-12_400, "−12.4 k"],
  ])("%d is %s", (value, text) => expect(plain(compactCount(value))).toBe(text));

  it("is exact in tables", () => expect(exact(1_234_567, "count")).toBe("1,234,567"));
  it("says of rates what they are", () => expect(plain(exact(12.345, "per_minute"))).toBe("12.35/min"));
  it("is a dash when unknown", () => expect(compact(null, "count")).toBe("–"));
});

describe("durations", () => {
  it.each([
    [0, "0 ms"],
    [0.42, "0.4 ms"],
    [820, "820 ms"],
    [999.6, "1.0 s"],
    [4_200, "4.2 s"],
    [45_000, "45 s"],
    [59_600, "1 m 00 s"],
    [192_000, "3 m 12 s"],
    [7_500_000, "2 h 05 m"],
    [3_599_900, "1 h 00 m"],
    [273_600_000, "3 d 04 h"],
    [-5_000, "−5.0 s"],
  ])("%d is %s", (value, text) => expect(plain(duration(value))).toBe(text));
});

describe("money", () => {
  it.each([
    [0, "$0.00"],
    [12.4, "$12.40"],
    [1234.5, "$1,234.50"],
    [0.0042, "$0.0042"],
    [0.00015, "$0.00015"],
    [-3, "−$3.00"],
  ])("%d is %s", (value, text) => expect(money(value)).toBe(text));
});

describe("rates", () => {
  it.each([
    [94.5, "94.5 %"],
    [94, "94.0 %"],
    [100, "100 %"],
    [0, "0 %"],
    [99.97, "99.9 %"],
    [0.01, "0.1 %"],
  ])("%d is %s", (value, text) => expect(plain(percent(value))).toBe(text));
});

describe("bytes", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1400, "1.4 KB"],
    [999_960, "1.0 MB"],
    [12_000_000, "12.0 MB"],
    [3_400_000_000, "3.4 GB"],
  ])("%d is %s", (value, text) => expect(plain(bytes(value))).toBe(text));
});

describe("changes", () => {
  const text = (...args: Parameters<typeof change>) => plain(change(...args)?.text);

  it("has sign, unit and arrow", () => {
    expect(text(112, 100, "count", null)).toBe("+12 % ↑");
    expect(text(94.5, 92.4, "percent", "higher")).toBe("+2.1 pp ↑");
    expect(text(85, 100, "ms", "lower")).toBe("−15 % ↓");
    expect(text(3500, 100, "count", null)).toBe("+3,400 % ↑");
    expect(text(100.01, 100, "count", null)).toBe("±0 %");
  });
  it("is judged by what is better, not by its sign", () => {
    expect(change(85, 100, "ms", "lower")?.verdict).toBe("good");
    expect(change(115, 100, "ms", "lower")?.verdict).toBe("bad");
    expect(change(92, 94, "percent", "higher")?.verdict).toBe("bad");
    expect(change(200, 100, "count", null)?.verdict).toBe("neutral");
  });
  it("is nothing where there is nothing to compare with", () => {
    expect(change(5, null, "count", null)).toBeNull();
    expect(change(5, 0, "count", null)).toBeNull();
    expect(text(0, 0, "count", null)).toBe("±0 %");
  });
});

it("says shares and plurals", () => {
  expect(share(1, 4)).toBe(25);
  expect(share(1, 0)).toBeNull();
  expect(plain(plural(1, "run"))).toBe("1 run");
  expect(plain(plural(1200, "run"))).toBe("1,200 runs");
});
