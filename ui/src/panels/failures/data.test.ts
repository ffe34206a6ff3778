import { describe, expect, it } from "vitest";
import type { Answer } from "../../api/types.ts";
import { failuresQueries, faultTitle, listedTotal, patternParts, sparksOf } from "./data.ts";
import { failureFilter, parseFailuresSearch } from "./search.ts";

const now = new Date("2026-11-22T12:00:30Z");
const view = {
  frame: () => ({ time: { period: "week" as const }, timezone: "UTC", filters: [] }),
  granularity: "hour" as const,
};

describe("parseFailuresSearch", () => {
  it("keeps what faults can be narrowed by, one value each", () => {
    const raw = { where: { workflow: ["a", "b"], status: ["failed"] }, state: "new", order: "count", offset: "50" };
    expect(parseFailuresSearch(raw)).toEqual({ where: { workflow: ["a"] }, state: "new", offset: 50 });
  });
  it("drops what it does not know", () => {
    expect(parseFailuresSearch({ state: "odd", order: "odd", offset: -1, where: { user: ["x"] } })).toEqual({});
  });
});

it("asks the list for what the address says", () => {
  const search = { where: { workflow: ["w"], error_type: ["http_500"] }, state: "new" as const, q: "x", offset: 50 };
  expect(failureFilter({ ...search, order: "cost" }, "week", "UTC", now)).toEqual({
    period: "week",
    timezone: "UTC",
    workflow_id: "w",
    error_type: "http_500",
    state: "new",
    search: "x",
    order: "cost",
    limit: 50,
    offset: 50,
  });
});

describe("patternParts", () => {
  it("sets apart what differs each time", () => {
    expect(patternParts("HTTP <num> from <url>").map(({ text, isPlaceholder }) => [text, isPlaceholder])).toEqual([
      ["HTTP ", false],
      ["num", true],
      [" from ", false],
      ["url", true],
    ]);
  });
  it("leaves other brackets alone", () => {
    expect(patternParts("a < b > c <B>")).toEqual([{ text: "a < b > c <B>", isPlaceholder: false, at: 0 }]);
    expect(patternParts("")).toEqual([]);
  });
});

describe("failuresQueries", () => {
  it("draws all faults, or those that are listed where the list knows better", () => {
    expect(failuresQueries(view, {}, ["b", "a"]).timeline.filters).toEqual([
      { field: "error_fingerprint", op: "is_not_null" },
    ]);
    expect(failuresQueries(view, { state: "new" }, ["b", "a"]).timeline.filters).toEqual([
      { field: "error_fingerprint", op: "in", values: ["a", "b"] },
    ]);
  });
  it("narrows by workflow and error type", () => {
    const { timeline, sparks } = failuresQueries(view, { where: { workflow: ["w"] } }, []);
    expect(timeline.filters?.[0]).toEqual({ field: "workflow", op: "eq", value: "w" });
    expect(sparks.granularity).toBe("day");
    expect(sparks.limit).toBe(1);
  });
});

it("lays each fault out over all buckets", () => {
  const answer = {
    columns: [{ name: "time" }, { name: "error_fingerprint" }, { name: "count" }],
    rows: [
      ["2026-11-20T00:00:00Z", "a", 3],
      ["2026-11-20T00:00:00Z", "b", 1],
      ["2026-11-21T00:00:00Z", "a", 2],
    ],
  } as unknown as Answer;
  expect([...sparksOf(answer)]).toEqual([
    ["a", [3, 2]],
    ["b", [1, 0]],
  ]);
  expect(sparksOf(undefined).size).toBe(0);
});

it("counts the faults of a state, or of all", () => {
  const totals = { by_state: { new: 1, regressed: 2, ongoing: 3, resolved: 4 } } as never;
  expect(listedTotal(totals, undefined)).toBe(10);
  expect(listedTotal(totals, "regressed")).toBe(2);
});

it("has a name for every fault", () => {
  expect(faultTitle({ error_type: "http_500", pattern: "HTTP <num>" })).toBe("http_500");
  expect(faultTitle({ error_type: null, pattern: "HTTP <num>" })).toBe("HTTP <num>");
  expect(faultTitle({ error_type: null, pattern: null })).toBe("Failure without a type");
});
