import { describe, expect, it } from "vitest";
import { bucketTotal, seriesTotal } from "../model.ts";
import { mixedModel, timeModel as model } from "../testing/models.ts";
import { announce, noteOf, tipOf, tooltipRows } from "./describe.ts";
import { panned, panStep } from "./pan.ts";

const none: ReadonlySet<string> = new Set();
const plain = (text: string) => text.replaceAll("\u00A0", " ");

describe("a bucket in words", () => {
  it("lists the greatest first and leaves parts that are zero out", () => {
    expect(tooltipRows(model, 1, none).map(({ name }) => name)).toEqual(["failed", "success"]);
    expect(tooltipRows(model, 0, none).map(({ name }) => name)).toEqual(["success"]);
    expect(tooltipRows(model, 1, new Set(["failed"])).map(({ name }) => name)).toEqual(["success"]);
  });
  it("says it in one sentence", () => {
    expect(announce(model, 0, none)).toBe("Sun 22 Nov, 10:00–11:00: total 8; Success 8");
    expect(announce(model, 1, none)).toContain("covered only in part");
    expect(announce(model, 2, none)).toBe("Sun 22 Nov, 12:00–13:00: not known, the store was down");
  });
  it("tells the past, what was expected and what happened", () => {
    expect(plain(announce(mixedModel, 1, none))).toBe(
      "Sun 22 Nov, 11:00–12:00: Cost $0.50, before $1.50; p95 1.2 s; Expected $0.25 – $2.75; Version 7 deployed; covered only in part",
    );
    expect(tipOf(mixedModel, 1, none).notes).toContain("Version 7 deployed");
  });
  it("notes what is partial or unknown", () => {
    expect(noteOf(model, 0)).toBeNull();
    expect(noteOf(model, 2)).toContain("the store was down");
  });
});

describe("sums", () => {
  it("are of what is shown, and unknown where nothing is known", () => {
    expect(bucketTotal(model, 1, none)).toBe(12);
    expect(bucketTotal(model, 1, new Set(["failed"]))).toBe(5);
    expect(bucketTotal(model, 2, none)).toBeNull();
    expect(model.series.map((series) => seriesTotal(model, series))).toEqual([13, 7]);
  });
  it("are not made of what can't be added up", () => {
    const [cost, p95] = mixedModel.series;
    expect(cost && seriesTotal(mixedModel, cost)).toBe(1.75);
    expect(p95 && seriesTotal(mixedModel, p95)).toBeUndefined();
  });
});

describe("moving the range along", () => {
  const later = Date.parse("2026-11-23T00:00:00Z");
  it("keeps its length", () => {
    expect(panned(model, -1, later)).toEqual({ from: "2026-11-22T09:00:00.000Z", to: "2026-11-22T12:00:00.000Z" });
    expect(panned(model, 2, later)).toEqual({ from: "2026-11-22T12:00:00.000Z", to: "2026-11-22T15:00:00.000Z" });
  });
  it("does not leave the present", () => {
    expect(panned(model, 1, Date.parse("2026-11-22T12:30:00Z"))).toBeNull();
    expect(panned({ starts: [], ends: [] }, 1, later)).toBeNull();
  });
  it("goes a quarter at a time", () => {
    expect(panStep(168)).toBe(42);
    expect(panStep(2)).toBe(1);
  });
});
