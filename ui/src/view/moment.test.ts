import { describe, expect, it } from "vitest";
import { agoOf, type End, momentOf, writtenMoment } from "./moment.ts";

const now = new Date("2026-11-23T12:30:00Z");
const at = (text: string, end: End = "from", zone = "Europe/Berlin") => {
  const found = momentOf(text, end, zone, now);
  return "at" in found ? found.at.slice(0, 16) : found.problem;
};

describe("momentOf", () => {
  it("reads a day and a time on the zone's clock", () => {
    for (const text of [
      "2026-11-20 14:00",
      "2026-11-20T14:00",
      "20 Nov 14:00",
      "Nov 20, 2026 14:00",
      " 20. november, 14:00 ",
    ])
      expect(at(text), text).toBe("2026-11-20T13:00");
    expect(at("2026-11-20 9:05", "to")).toBe("2026-11-20T08:05");
    expect(at("2026-11-20T14:00:00Z")).toBe("2026-11-20T14:00");
  });
  it("has a day alone begin a range at its start, and end one at its end", () => {
    expect(at("2026-11-20")).toBe("2026-11-19T23:00");
    expect(at("2026-11-20", "to")).toBe("2026-11-20T23:00");
    expect(at("yesterday")).toBe("2026-11-21T23:00");
    expect(at("Today", "to")).toBe("2026-11-23T23:00");
    // A day on which clocks change.
    expect(at("25 Oct")).toBe("2026-10-24T22:00");
    expect(at("25 Oct", "to")).toBe("2026-10-25T23:00");
  });
  it("takes a day without a year for the last one, and a time alone for today's", () => {
    expect(at("20 Dec", "from", "UTC")).toBe("2025-12-20T00:00");
    expect(at("23 Nov", "from", "UTC")).toBe("2026-11-23T00:00");
    expect(at("29 Feb", "from", "UTC")).toBe("2024-02-29T00:00");
    expect(at("8:15", "from", "UTC")).toBe("2026-11-23T08:15");
    expect(at("yesterday 8:15", "to", "UTC")).toBe("2026-11-22T08:15");
  });
  it("counts back from now", () => {
    expect(at("now")).toBe("2026-11-23T12:30");
    expect(at("now-90m")).toBe("2026-11-23T11:00");
    expect(at("NOW - 2w")).toBe("2026-11-09T12:30");
  });
  it("says what is wrong, and what would be right", () => {
    expect(at("")).toMatch(/^Say a day and a time\. Write it as /);
    expect(at("soon")).toMatch(/^“soon” is no day or time that is known here\. Write it as /);
    expect(at("now-7y")).toMatch(/Write it as /);
    expect(at("20/11/2026")).toMatch(/Write it as /);
    expect(at("31 Nov")).toBe("There is no day “31 Nov”.");
    expect(at("2026-02-30")).toBe("There is no day “2026-02-30”.");
    expect(at("20 Foo")).toBe("There is no day “20 Foo”.");
    expect(at("20 Nov 24:10")).toBe("There is no time 24:10.");
  });
  it("reads what it has written", () => {
    const text = writtenMoment("2026-11-20T13:00:00.000Z", "Europe/Berlin");
    expect(text).toBe("2026-11-20 14:00");
    expect(at(text)).toBe("2026-11-20T13:00");
  });
});

it("knows a length of time that ends now", () => {
  expect(agoOf("now-7d")).toBe("7d");
  expect(agoOf("Now - 015m")).toBe("15m");
  expect(agoOf("now")).toBeNull();
  expect(agoOf("now-0d")).toBeNull();
});
