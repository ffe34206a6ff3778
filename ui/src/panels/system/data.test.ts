import { describe, expect, it } from "vitest";
import { makeSystem } from "../../../mock/data.ts";
import { cachedText, overall, rateText, rowsByType, verdictOnCache, verdictOnDisk, verdictOnStore } from "./data.ts";

const now = Date.parse("2026-11-22T12:00:00Z");
const well = () => makeSystem(now, 100, 0);

describe("overall", () => {
  it("is calm when all is well", () =>
    expect(overall(well())).toEqual({ health: "well", sentence: "Everything works." }));
  it("says when letters wait", () => expect(overall(makeSystem(now, 100, 3)).sentence).toContain("3"));
  it("lets the worst part speak", () => {
    const system = well();
    system.store.state = "rebuilding";
    system.store.rebuild_progress = 0.429;
    expect(overall(system).sentence).toContain("42 % done");
    system.ingest.stopped_reason = "The disk is full.";
    expect(overall(system)).toEqual({ health: "broken", sentence: "Stopped. The disk is full." });
  });
});

it("notices a store that falls behind", () => {
  const system = well();
  system.store.lag_ms = 6_000;
  expect(verdictOnStore(system).health).toBe("attention");
});

it("warns before the disk stops ingest, and says when it has", () => {
  const system = well();
  system.disk = { free_bytes: 5, total_bytes: 100, stop_below_bytes: 2 };
  expect(verdictOnDisk(system).health).toBe("attention");
  system.disk.free_bytes = 2;
  expect(verdictOnDisk(system).health).toBe("broken");
});

it("says how many questions were answered from the cache, once there were some", () => {
  const system = well();
  system.query_cache = { hits: 0, misses: 0, entries: 0, bytes: 0, redis: null };
  expect(cachedText(system)).toBeNull();
  system.query_cache.hits = 3;
  system.query_cache.misses = 1;
  expect(cachedText(system)?.replace(/\u00A0/g, " ")).toBe("75.0 % of 4");
  system.query_cache = null;
  expect(cachedText(system)).toBeNull();
});

it("says where answers are kept, and what is wrong with Redis", () => {
  const system = well();
  const redis = { is_connected: true, reconnect_attempts: 0, error: null, hits: 1_200 };
  system.query_cache = { hits: 0, misses: 0, entries: 0, bytes: 0, redis };
  expect(verdictOnCache(system)).toEqual({ health: "well", sentence: "Answers are kept in memory and in Redis." });
  system.query_cache.redis = { ...redis, is_connected: false, error: "connection refused" };
  expect(verdictOnCache(system)?.health).toBe("attention");
  expect(verdictOnCache(system)?.sentence).toContain("(connection refused)");
  system.query_cache = null;
  expect(verdictOnCache(system)).toBeNull();
});

it("orders rows by how many there are", () => {
  expect(rowsByType({ step: 10, execution: 40 })).toEqual([
    { type: "execution", count: 40, length: 1 },
    { type: "step", count: 10, length: 0.25 },
  ]);
  expect(rowsByType({ execution_open: 1 })[0]?.type).toBe("execution, not ended");
  expect(rowsByType({})).toEqual([]);
});

it("writes rates", () => {
  expect(rateText(0.25)).toBe("0.3 records/s");
  expect(rateText(1234.5)).toBe("1,235 records/s");
});
