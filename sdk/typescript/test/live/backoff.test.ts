import { expect, it } from "vitest";
import { meaningOf, reasonOf, waitMs } from "../../src/live/backoff.ts";

it("waits a random part of a second, then of twice as long, up to half a minute", () => {
  expect([1, 2, 3, 4, 5, 6, 7].map((failures) => waitMs("lost", failures, 1))).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
  ]);
  expect(waitMs("lost", 5, 0)).toBe(0);
  expect(waitMs("away", 3, 0.5)).toBe(2_000);
  expect(waitMs("lost", 1_000_000, 0.5)).toBe(15_000);
});

it("waits longer where there are too many", () => {
  expect([0, 0.5, 1].map((chance) => waitMs("crowded", 1, chance))).toEqual([30_000, 45_000, 60_000]);
});

it("only rights are final", () => {
  const by = (code: number, reason = "") => meaningOf({ code, reason });
  expect(by(1008, "the credential does not hold any more")).toBe("refused");
  expect(by(1008)).toBe("refused");
  expect(by(1008, "no answer to two pings")).toBe("lost");
  expect(by(1008, "what you may see has changed; connect again")).toBe("lost");
  expect([1001, 1013, 1000, 1006, 1011, 4000].map((code) => by(code))).toEqual([
    "away",
    "crowded",
    "lost",
    "lost",
    "lost",
    "lost",
  ]);
});

it("says why in words, the server's where it has any", () => {
  expect(reasonOf({ code: 1006, reason: "" })).toMatch(/lost/);
  expect(reasonOf({ code: 1013, reason: "too many live connections" })).toBe("too many live connections");
});
