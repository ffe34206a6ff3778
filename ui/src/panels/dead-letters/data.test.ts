import { describe, expect, it } from "vitest";
import { checkJson, codeWords, formatJson, lineAndColumn } from "./data.ts";

describe("checkJson", () => {
  it("takes one object", () => expect(checkJson('{"type":"step"}')).toEqual({ isValid: true, message: null }));
  it("refuses what is no object", () => {
    expect(checkJson("[]").isValid).toBe(false);
    expect(checkJson("12").message).toContain("one JSON object");
    expect(checkJson("  ").message).toBe("The record is empty.");
  });
  it("says where it breaks", () => {
    expect(checkJson('{\n  "a": 1\n  "b": 2\n}').message).toMatch(/line 3, column 3/);
    expect(checkJson('{"a": ').isValid).toBe(false);
  });
});

it("counts lines and columns from one", () => {
  expect(lineAndColumn("ab\ncd", 4)).toEqual({ line: 2, column: 2 });
  expect(lineAndColumn("ab", 0)).toEqual({ line: 1, column: 1 });
});

it("lays out JSON and leaves the rest alone", () => {
  expect(formatJson('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(formatJson("{")).toBe("{");
});

it("reads codes aloud", () => expect(codeWords("ends_before_start")).toBe("Ends before start"));
