import { describe, expect, it } from "vitest";
import { meaningOf, retryAfterMs, waitMs } from "../src/retry.ts";

describe("waiting", () => {
  const times = { firstMs: 100, maxMs: 5_000 };

  it("doubles, up to a bound, with chance for half of it", () => {
    expect([1, 2, 3, 4].map((failures) => waitMs(times, failures, null, 1))).toEqual([100, 200, 400, 800]);
    expect(waitMs(times, 3, null, 0)).toBe(200);
    expect(waitMs(times, 1_000_000, null, 1)).toBe(5_000);
  });

  it("is never shorter than the server asks for", () => {
    expect(waitMs(times, 1, 7_000, 0)).toBe(7_000);
    expect(waitMs(times, 1, 7_000, 1)).toBe(7_700);
    expect(waitMs(times, 8, 1_000, 1)).toBe(5_000);
  });

  it("reads both forms of Retry-After", () => {
    const now = Date.parse("2026-11-23T08:00:00Z");
    expect(retryAfterMs("12", now)).toBe(12_000);
    expect(retryAfterMs("Mon, 23 Nov 2026 08:00:05 GMT", now)).toBe(5_000);
    expect(retryAfterMs("Mon, 23 Nov 2026 07:00:00 GMT", now)).toBe(0);
    expect(retryAfterMs("soon", now)).toBeNull();
    expect(retryAfterMs(null, now)).toBeNull();
  });
});

it("only the records' own faults are final", () => {
  const by = (statuses: (number | null)[]) => new Set(statuses.map(meaningOf));
  expect(by([400, 413, 415, 422])).toEqual(new Set(["final"]));
  expect(by([null, 408, 429, 500, 502, 503, 504, 507])).toEqual(new Set(["later"]));
  expect(by([301, 401, 403, 404, 405])).toEqual(new Set(["setup"]));
});
