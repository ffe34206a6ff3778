import { describe, expect, it } from "vitest";
import { boundOf, conditionCount, rangeWhere, rangeWords, withoutRange, withUpperEnd } from "./ranges.ts";
import { filtersOf, parseWhere } from "./view.ts";
import { chipsOf } from "./words.ts";

const range = rangeWhere("duration", 1259, 2400);
const plain = (text: string | undefined) => text?.replaceAll("\u00A0", " ");

describe("a range of durations", () => {
  it("is two filters, the upper end outside", () =>
    expect(filtersOf({ ...range, status: ["failed"] })).toEqual([
      { field: "duration", op: "gte", value: 1259 },
      { field: "duration", op: "lt", value: 2400 },
      { field: "status", op: "in", values: ["failed"] },
    ]));
  it("is read from an address, and dropped where it is no number", () => {
    expect(parseWhere(range)).toEqual(range);
    expect(parseWhere({ "duration.gte": ["soon"], "duration.lt": ["1", "2"] })).toBeUndefined();
    expect(parseWhere({ "duration.gte": [" "], "duration.lt": "0" })).toEqual({ "duration.lt": ["0"] });
  });
  it("is no range of what is not a figure", () => {
    expect(boundOf("tags.gte")).toBeNull();
    expect(boundOf("status.lt")).toBeNull();
    expect(boundOf("!duration.gte")).toBeNull();
    expect(filtersOf({ "tags.lt": ["7"] })).toEqual([{ field: "tags.lt", op: "in", values: ["7"] }]);
  });
  it("is one chip, which takes both ends away", () => {
    const chips = chipsOf(
      { user: ["ada"], ...range },
      (field) => field,
      () => undefined,
    );
    expect(chips.map(({ label }) => plain(label))).toEqual(["user: ada", "duration 1.3 s – 2.4 s"]);
    expect(chips.map(({ rest }) => rest)).toEqual([range, { user: ["ada"] }]);
  });
  it("may be open at either end", () => {
    expect(plain(rangeWords({ "duration.gte": ["60000"] }, "duration"))).toBe("at least 1 m 00 s");
    expect(withUpperEnd(range, "duration", 2000)).toEqual(rangeWhere("duration", 1259, 2000));
    expect(plain(rangeWords({ "duration.lt": ["5"] }, "duration"))).toBe("under 5 ms");
  });
  it("counts as one condition", () => {
    expect(conditionCount({ ...range, status: ["failed", "timeout"] })).toBe(3);
    expect(conditionCount(undefined)).toBe(0);
    expect(withoutRange(range, "duration")).toBeUndefined();
  });
});
