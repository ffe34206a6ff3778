import { describe, expect, it } from "vitest";
import { filtersOf, granularityOf, parseOverviewSearch, stepPeriod, timeOf } from "./view.ts";

const now = new Date("2026-11-22T12:00:00Z");

describe("parseOverviewSearch", () => {
  it("keeps what it understands and drops the rest", () => {
    expect(
      parseOverviewSearch({
        period: "month",
        status: "failed,nonsense,timeout",
        q: 42,
        compare: "on",
        rows: "9999",
        x: 1,
      }),
    ).toEqual({ period: "month", status: ["failed", "timeout"], q: "42", rows: 200 });
  });
  it("keeps the default out of the URL", () => expect(parseOverviewSearch({ period: "week", rows: 25 })).toEqual({}));
  it("drops half a range and a range that ends before it starts", () => {
    expect(parseOverviewSearch({ from: "2026-01-01T00:00:00Z" })).toEqual({});
    expect(parseOverviewSearch({ from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" })).toEqual({});
  });
  it("is stable under repetition", () => {
    const once = parseOverviewSearch({
      status: ["timeout", "failed"],
      workflow: "a",
      from: "2026-01-01",
      to: "2026-01-02",
    });
    expect(parseOverviewSearch({ ...once })).toEqual(once);
  });
});

it("prefers an explicit range to the period", () => {
  expect(timeOf({ period: "day" })).toEqual({ period: "day" });
  expect(timeOf({ period: "day", from: "2026-01-01", to: "2026-01-02" })).toEqual({
    from: "2026-01-01",
    to: "2026-01-02",
  });
});

it("chooses a granularity that reads well", () => {
  expect(granularityOf({ period: "day" })).toBe("hour");
  expect(granularityOf({ period: "year" })).toBe("week");
  expect(granularityOf({ from: "2026-01-01T00:00:00Z", to: "2026-01-01T01:00:00Z" })).toBe("minute");
  expect(granularityOf({ period: "year", granularity: "day" })).toBe("day");
});

it("filters by workflow and trigger, never by status", () => {
  expect(filtersOf({ workflow: "w", trigger: "api", status: ["failed"] })).toEqual([
    { field: "workflow", op: "eq", value: "w" },
    { field: "trigger_type", op: "eq", value: "api" },
  ]);
});

describe("stepPeriod", () => {
  const shown = { from: "2026-11-15T12:00:00.000Z", to: "2026-11-22T12:00:00.000Z" };
  it("goes back by the length shown and forward to the rolling period again", () => {
    const back = stepPeriod({}, shown, -1, now);
    expect(back).toEqual({ from: "2026-11-08T12:00:00.000Z", to: "2026-11-15T12:00:00.000Z" });
    expect(stepPeriod(back, { from: back.from ?? "", to: back.to ?? "" }, 1, new Date(now.getTime() - 1))).toEqual({});
  });
  it("returns to the rolling period however long the earlier one was looked at", () => {
    const back = stepPeriod({}, shown, -1, now);
    const backShown = { from: back.from ?? "", to: back.to ?? "" };
    expect(stepPeriod(back, backShown, 1, new Date(now.getTime() + 3_600_000))).toEqual({});
    const further = stepPeriod(back, backShown, -1, now);
    const furtherShown = { from: further.from ?? "", to: further.to ?? "" };
    expect(stepPeriod(further, furtherShown, 1, new Date(now.getTime() + 3_600_000))).toEqual(back);
  });
  it("stays where there is nowhere to go", () => {
    expect(stepPeriod({}, shown, 1, now)).toEqual({});
    expect(stepPeriod({ period: "all" }, shown, -1, now)).toEqual({ period: "all" });
  });
});
