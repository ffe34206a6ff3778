import { describe, expect, it } from "vitest";
import { calendarRange } from "./calendar.ts";

const now = new Date("2026-11-23T23:30:00Z");

describe("calendarRange", () => {
  it("counts days on the zone's calendar", () => {
    expect(calendarRange("today", "UTC", now)).toEqual({
      from: "2026-11-23T00:00:00.000Z",
      to: "2026-11-24T00:00:00.000Z",
    });
    expect(calendarRange("yesterday", "Europe/Berlin", now)).toEqual({
      from: "2026-11-22T23:00:00.000Z",
      to: "2026-11-23T23:00:00.000Z",
    });
  });
  it("gives a day on which clocks change its 25 hours", () => {
    const { from, to } = calendarRange("yesterday", "Europe/Berlin", new Date("2026-10-26T12:00:00Z"));
    expect(Date.parse(to) - Date.parse(from)).toBe(25 * 3_600_000);
  });
  it("begins weeks on Monday, on a Sunday too", () => {
    const sunday = new Date("2026-11-22T12:00:00Z");
    expect(calendarRange("this_week", "UTC", sunday).from).toBe("2026-11-16T00:00:00.000Z");
    expect(calendarRange("last_week", "UTC", sunday)).toEqual({
      from: "2026-11-09T00:00:00.000Z",
      to: "2026-11-16T00:00:00.000Z",
    });
  });
  it("goes over the end of a year", () => {
    expect(calendarRange("last_month", "UTC", new Date("2027-01-05T00:00:00Z"))).toEqual({
      from: "2026-12-01T00:00:00.000Z",
      to: "2027-01-01T00:00:00.000Z",
    });
  });
});
