import { describe, expect, it } from "vitest";
import {
  bucketEnd,
  bucketLabel,
  bucketName,
  exactTime,
  fromWallClock,
  relativeTime,
  shortTime,
  toWallClock,
} from "./time.ts";

const BERLIN = "Europe/Berlin";
const now = new Date("2026-11-22T13:00:00Z");

describe("wall clock", () => {
  it("goes there and back", () => {
    expect(toWallClock("2026-07-01T12:00:00Z", BERLIN)).toBe("2026-07-01T14:00");
    expect(fromWallClock("2026-07-01T14:00", BERLIN)).toBe("2026-07-01T12:00:00.000Z");
    expect(fromWallClock("2026-01-01T00:00", "Asia/Kathmandu")).toBe("2025-12-31T18:15:00.000Z");
  });
  it("takes the first of two equal hours, and the instant after a skipped one", () => {
    expect(fromWallClock("2026-10-25T02:30", BERLIN)).toBe("2026-10-25T00:30:00.000Z");
    expect(fromWallClock("2026-03-29T02:30", BERLIN)).toBe("2026-03-29T01:30:00.000Z");
  });
  it("is null for no date", () => expect(fromWallClock("soon", BERLIN)).toBeNull());
});

describe("relative time", () => {
  it.each([
    ["2026-11-22T12:59:58Z", "now"],
    ["2026-11-22T12:59:20Z", "40 s ago"],
    ["2026-11-22T12:15:00Z", "45 m ago"],
    ["2026-11-22T03:00:00Z", "10 h ago"],
    ["2026-11-20T03:00:00Z", "20 Nov, 04:00"],
    ["2025-11-20T03:00:00Z", "20 Nov 2025, 04:00"],
  ])("%s is %s", (iso, text) => expect(relativeTime(iso, BERLIN, now)).toBe(text));
});

it("writes exact and short times in the zone", () => {
  expect(exactTime("2026-11-22T13:05:09Z", BERLIN)).toBe("22 Nov 2026, 14:05:09");
  expect(shortTime("2026-11-22T13:05:09Z", "UTC", now)).toBe("22 Nov, 13:05");
});

it("names buckets", () => {
  expect(bucketLabel("2026-11-22T00:00:00+01:00", "hour", BERLIN)).toBe("22 Nov");
  expect(bucketLabel("2026-11-22T14:00:00+01:00", "hour", BERLIN)).toBe("14:00");
  expect(bucketName("2026-11-22T14:00:00+01:00", "2026-11-22T15:00:00+01:00", "hour", BERLIN)).toBe(
    "Sun 22 Nov, 14:00–15:00",
  );
  expect(bucketName("2026-11-16T00:00:00+01:00", null, "week", BERLIN)).toBe("Week of Mon 16 Nov 2026");
  expect(bucketName("2026-11-01T00:00:00+01:00", null, "month", BERLIN)).toBe("November 2026");
  expect(bucketName("2026-10-01T00:00:00+02:00", null, "quarter", BERLIN)).toBe("Q4 2026");
  expect(bucketName("2026-01-01T00:00:00+01:00", null, "year", BERLIN)).toBe("2026");
});

describe("the end of a bucket", () => {
  it.each([
    ["2026-11-22T14:05:00Z", "five_minutes", "2026-11-22T14:10:00.000Z"],
    ["2026-11-22T14:15:00Z", "quarter_hour", "2026-11-22T14:30:00.000Z"],
    // The day on which summer time ends is 25 hours long.
    ["2026-10-25T00:00:00+02:00", "day", "2026-10-25T23:00:00.000Z"],
    ["2026-10-19T00:00:00+02:00", "week", "2026-10-25T23:00:00.000Z"],
    ["2026-11-01T00:00:00+01:00", "month", "2026-11-30T23:00:00.000Z"],
    ["2026-10-01T00:00:00+02:00", "quarter", "2026-12-31T23:00:00.000Z"],
    ["2026-01-01T00:00:00+01:00", "year", "2026-12-31T23:00:00.000Z"],
  ] as const)("%s by %s is %s", (start, size, end) => expect(bucketEnd(start, size, BERLIN)).toBe(end));
});
