import { describe, expect, it } from "vitest";
import type { Answer } from "../api/types.ts";
import { chipsOf, coveredBy, linkOf, rangeOf, since, timeChange, timeWord } from "./words.ts";

it("says the time in a word or two", () => {
  expect(timeWord({}, "week")).toBe("Week");
  expect(timeWord({ last: "24h" }, "week")).toBe("Last 24 hours");
  expect(timeWord({ last: "45m" }, "week")).toBe("Last 45 minutes");
  expect(timeWord({ last: "6h", from: "2026-01-01", to: "2026-01-02" }, "week")).toBe("Custom");
});

it("leaves nothing of another time range behind", () => {
  expect(Object.entries(timeChange({ last: "6h" }))).toEqual(
    expect.arrayContaining([
      ["period", undefined],
      ["from", undefined],
      ["to", undefined],
      ["last", "6h"],
    ]),
  );
});

describe("rangeOf", () => {
  const now = new Date("2026-11-23T12:00:00Z");
  it("reads moments in the zone", () => {
    expect(rangeOf("2026-11-22 10:00", "22 Nov 12:30", "Europe/Berlin", now)).toEqual({
      from: "2026-11-22T09:00:00.000Z",
      to: "2026-11-22T11:30:00.000Z",
    });
    expect(rangeOf("yesterday", "yesterday", "UTC", now)).toEqual({
      from: "2026-11-22T00:00:00.000Z",
      to: "2026-11-23T00:00:00.000Z",
    });
  });
  it("goes on with time where it ends now", () => {
    expect(rangeOf("now-7d", "now", "UTC", now)).toEqual({ last: "7d" });
    expect(rangeOf("now-7d", "now-1d", "UTC", now)).toEqual({
      from: "2026-11-16T12:00:00.000Z",
      to: "2026-11-22T12:00:00.000Z",
    });
  });
  it("says which end is wrong", () => {
    expect(rangeOf("", "now", "UTC", now)).toMatchObject({ field: "from" });
    expect(rangeOf("yesterday", "sometime", "UTC", now)).toMatchObject({ field: "to" });
    expect(rangeOf("2026-11-22 12:30", "2026-11-22 12:30", "UTC", now)).toMatchObject({
      field: "to",
      problem: "The range must end after it starts.",
    });
  });
});

it("finds what is covered and compared with among the answers that are there", () => {
  const answer = (comparison: object | null) =>
    ({ meta: { from: "a", to: "b", gaps: [] }, comparison }) as unknown as Answer;
  expect(coveredBy({})).toEqual({ shown: null, compared: null, begins: null });
  expect(coveredBy({ late: {}, plain: { answer: answer(null) } })).toEqual({
    shown: { from: "a", to: "b" },
    compared: null,
    begins: "a",
  });
  const compared = answer({ from: "x", to: "a", totals: [] });
  expect(coveredBy({ plain: { answer: answer(null) }, compared: { answer: compared } }).compared).toEqual({
    from: "x",
    to: "a",
  });
});

describe("linkOf", () => {
  it("writes out what the address leaves to the viewer's own choices", () => {
    const link = new URL(linkOf("https://tacho.example/costs", "month", "Europe/Berlin"));
    expect(Object.fromEntries(link.searchParams)).toEqual({ period: "month", tz: "Europe/Berlin" });
  });
  it("keeps what the address says", () => {
    const link = new URL(linkOf("https://tacho.example/costs?last=6h&tz=UTC", "month", "Europe/Berlin"));
    expect(Object.fromEntries(link.searchParams)).toEqual({ last: "6h", tz: "UTC" });
  });
});

describe("chipsOf", () => {
  const labelOf = (field: string) => field.toUpperCase();
  it("names values, says not, and knows what remains", () => {
    const where = { workflow: ["w1"], "!status": ["failed", ""] };
    expect(chipsOf(where, labelOf, (_, value) => (value === "w1" ? "Invoice import" : undefined))).toEqual([
      { key: "workflow", label: "WORKFLOW: Invoice import", rest: { "!status": ["failed", ""] } },
      { key: "!status", label: "STATUS: not failed, none", rest: { workflow: ["w1"] } },
    ]);
  });
  it("counts values that are too many to read", () => {
    expect(chipsOf({ user: ["a", "b", "c"] }, labelOf, () => undefined)).toEqual([
      { key: "user", label: "USER: 3 values", rest: undefined },
    ]);
  });
});

describe("all time", () => {
  const meta = {
    from: "2020-01-01T00:00:00Z",
    to: "2026-11-23T12:00:00Z",
    gaps: [{ from: "2020-01-01T00:00:00Z", to: "2026-08-25T00:00:00Z", reason: "Nothing was recorded before." }],
  };

  it("begins with the first record", () => {
    const { shown, begins } = coveredBy({ count: { answer: { meta, comparison: null } as unknown as Answer } });
    expect(since(shown, begins)).toEqual({ from: "2026-08-25T00:00:00Z", to: "2026-11-23T12:00:00Z" });
  });
  it("is as long as the range where all of it was recorded, and nothing where none was", () => {
    expect(since(meta, null)).toBe(meta);
    expect(since(meta, "2019-01-01T00:00:00Z")).toBe(meta);
    expect(since(meta, "2027-01-01T00:00:00Z")).toBeNull();
  });
});

it("names days and hours", () => {
  const labels = chipsOf(
    { weekday: ["1"], "!hour_of_day": ["14", "23"] },
    (field) => field,
    () => undefined,
  );
  expect(labels.map(({ label }) => label)).toEqual(["weekday: Monday", "hour_of_day: not 14:00–15:00, 23:00–24:00"]);
});
