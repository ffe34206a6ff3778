import { describe, expect, it } from "vitest";
import { sparkPath } from "./sparkPath.ts";

describe("sparkPath", () => {
  it("stays inside its box and breaks where nothing is known", () => {
    const { line, area, last } = sparkPath([1, null, 3, 2], 90, 30, true);
    expect(line.match(/M/g)).toHaveLength(2);
    expect(area.match(/Z/g)).toHaveLength(2);
    expect(last?.x).toBe(90);
  });
  it("is empty without values", () => expect(sparkPath([null], 90, 30, true).line).toBe(""));
  it("draws an even line where all are equal", () => expect(sparkPath([5, 5], 90, 30, false).line).toBe("M0 28L90 28"));
});
