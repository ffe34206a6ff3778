import { describe, expect, it } from "vitest";
import {
  filtersOf,
  granularityOf,
  lastMs,
  listTimeOf,
  parseView,
  parseWhere,
  searchOf,
  stepped,
  timeOf,
  toggled,
  type View,
  viewOf,
} from "./view.ts";

const now = new Date("2026-11-22T12:00:00Z");

describe("parseView", () => {
  it("keeps what it understands and drops the rest", () => {
    expect(parseView({ period: "month", last: "6h", tz: "Europe/Berlin", compare: "last_week", x: 1 })).toEqual({
      period: "month",
      last: "6h",
      tz: "Europe/Berlin",
      compare: "last_week",
    });
    expect(parseView({ period: "decade", last: "6 hours", tz: "Mars/Olympus", compare: "on" })).toEqual({});
  });
  it("keeps the default comparison out of the URL", () =>
    expect(parseView({ compare: "previous_period" })).toEqual({}));
  it("drops half a range and a range that ends before it starts", () => {
    expect(parseView({ from: "2026-01-01T00:00:00Z" })).toEqual({});
    expect(parseView({ from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" })).toEqual({});
  });
  it("is stable under repetition", () => {
    const once = parseView({ from: "2026-01-01", to: "2026-01-02", compare: "off", tz: "UTC" });
    expect(parseView({ ...once })).toEqual(once);
  });
});

describe("where", () => {
  it("takes lists and single values, and drops the rest", () => {
    expect(parseWhere({ status: ["failed", 3], workflow: "w", user: [] })).toEqual({
      status: ["failed"],
      workflow: ["w"],
    });
    expect(parseWhere(["status"])).toBeUndefined();
  });
  it("becomes conditions: in, not, none", () => {
    expect(filtersOf({ status: ["failed", "timeout"], "!user": ["u1"], group: ["", "a"], version: [""] })).toEqual([
      { field: "status", op: "in", values: ["failed", "timeout"] },
      { not: { field: "user", op: "in", values: ["u1"] } },
      {
        or: [
          { field: "group", op: "in", values: ["a"] },
          { field: "group", op: "is_null" },
        ],
      },
      { field: "version", op: "is_null" },
    ]);
  });
  it("asks for numbers where values are numbers", () => {
    expect(filtersOf({ weekday: ["1", "7"], version: ["2"] })).toEqual([
      { field: "weekday", op: "in", values: [1, 7] },
      { field: "version", op: "in", values: ["2"] },
    ]);
  });
  it("toggles a value, and is gone with the last", () => {
    const once = toggled(undefined, "status", "failed");
    expect(once).toEqual({ status: ["failed"] });
    expect(toggled(once, "status", "failed")).toBeUndefined();
  });
});

describe("the time asked about", () => {
  it("prefers a range to a length to a period to the viewer's own", () => {
    const range = { from: "2026-01-01", to: "2026-01-02" };
    expect(timeOf({ period: "day", last: "6h", ...range }, "week")).toEqual(range);
    expect(timeOf({ period: "day", last: "6h" }, "week")).toEqual({ last: "6h" });
    expect(timeOf({ period: "day" }, "week")).toEqual({ period: "day" });
    expect(timeOf({}, "week")).toEqual({ period: "week" });
  });
  it("starts at a whole minute for lists, which know no length", () => {
    expect(listTimeOf({ last: "6h" }, "week", new Date("2026-11-22T12:00:42Z"))).toEqual({
      from: "2026-11-22T06:00:00.000Z",
    });
    expect(lastMs("90d")).toBe(90 * 86_400_000);
  });
});

it("chooses a granularity that reads well", () => {
  expect(granularityOf({}, "day")).toBe("hour");
  expect(granularityOf({ period: "year" }, "day")).toBe("week");
  expect(granularityOf({ last: "15m" }, "day")).toBe("minute");
  expect(granularityOf({ last: "6h" }, "day")).toBe("five_minutes");
  expect(granularityOf({ from: "2026-01-01T00:00:00Z", to: "2026-02-01T00:00:00Z" }, "day")).toBe("day");
});

describe("stepped", () => {
  const shown = { from: "2026-11-15T12:00:00.000Z", to: "2026-11-22T12:00:00.000Z" };
  const shownBy = (view: View) => ({ from: view.from ?? "", to: view.to ?? "" });
  const isRolling = (view: View) => view.from === undefined && view.to === undefined;
  it("goes back by the length shown and forward to the rolling period again", () => {
    const back = stepped<View>({}, "week", shown, -1, now);
    expect(back).toEqual({ from: "2026-11-08T12:00:00.000Z", to: "2026-11-15T12:00:00.000Z" });
    expect(isRolling(stepped(back, "week", shownBy(back), 1, new Date(now.getTime() - 1)))).toBe(true);
  });
  it("returns to the rolling period however long the earlier one was looked at", () => {
    const back = stepped<View>({ last: "7d" }, "week", shown, -1, now);
    expect(isRolling(stepped(back, "week", shownBy(back), 1, new Date(now.getTime() + 3_600_000)))).toBe(true);
    const further = stepped(back, "week", shownBy(back), -1, now);
    expect(stepped(further, "week", shownBy(further), 1, new Date(now.getTime() + 3_600_000))).toEqual(back);
  });
  it("says what it takes from the address, which would keep it otherwise", () => {
    const back = stepped<View>({}, "week", shown, -1, now);
    expect(Object.keys(stepped(back, "week", shownBy(back), 1, now))).toEqual(["from", "to"]);
  });
  it("stays where there is nowhere to go", () => {
    expect(stepped({}, "week", shown, 1, now)).toEqual({});
    expect(stepped({}, "all", shown, -1, now)).toEqual({});
  });
});

it("says of what it does not understand that it is nothing, so that the address does not come through", () => {
  const raw = { period: "fortnight", tz: "Europe/Berlin", top: "slowest", by: "nonsense" };
  expect(viewOf(raw)).toEqual({ tz: "Europe/Berlin" });
  expect("period" in viewOf(raw)).toBe(true);
  const search = searchOf((given): { top?: string } => ({ top: String(given.top) }))(raw);
  expect({ ...raw, ...viewOf(raw), ...search }).toEqual({ tz: "Europe/Berlin", top: "slowest" });
});
