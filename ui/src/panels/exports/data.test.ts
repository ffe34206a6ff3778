import { describe, expect, it } from "vitest";
import type { Export } from "../../api/types.ts";
import { aboutOf, inOrder, isUnderWay, placeText, progressOf, rowsText } from "./data.ts";

const made = (change: Partial<Export>): Export =>
  ({
    id: "x",
    state: "running",
    rows_written: 25,
    rows_expected: 100,
    position: null,
    created_at: "2026-11-22T10:00:00Z",
    of: { executions: {} },
    ...change,
  }) as Export;

describe("progressOf", () => {
  it("is what is written of what is expected", () => expect(progressOf(made({}))).toBe(0.25));
  it("is whole when done, even where more came than was expected", () => {
    expect(progressOf(made({ state: "done", rows_written: 0 }))).toBe(1);
    expect(progressOf(made({ rows_written: 140 }))).toBe(1);
  });
  it("is not known before it is counted, or where it is over", () => {
    expect(progressOf(made({ rows_expected: null }))).toBeNull();
    expect(progressOf(made({ state: "queued" }))).toBeNull();
    expect(progressOf(made({ state: "failed" }))).toBeNull();
  });
});

it("says how many rows there are", () => {
  expect(rowsText(made({}))).toBe("25 of 100\u00A0rows");
  expect(rowsText(made({ state: "done", rows_written: 1 }))).toBe("1\u00A0row");
  expect(rowsText(made({ state: "queued", rows_expected: null }))).toBe("Not counted yet");
});

it("says where it is in the line", () => {
  expect(placeText(made({ state: "queued", position: 1 }))).toBe("Next");
  expect(placeText(made({ state: "queued", position: 3 }))).toBe("3. in the line");
  expect(placeText(made({ position: 3 }))).toBeNull();
});

it("looks again only at what changes by itself", () => {
  expect(
    (["queued", "running", "done", "failed", "cancelled", "expired"] as const).filter((state) => isUnderWay({ state })),
  ).toEqual(["queued", "running"]);
});

describe("aboutOf", () => {
  it("tells how executions were narrowed", () => {
    const of = { executions: { status: "failed", filters: [{}], search: "http", columns: ["id"] } };
    expect(aboutOf({ of } as never)).toEqual({
      title: "Executions",
      detail: "2\u00A0filters · “http” · 1\u00A0column",
    });
    expect(aboutOf(made({})).detail).toBe("No filter · All columns");
  });
  it("tells what a question asks", () => {
    const of = { query: { source: "steps", measures: ["count"], dimensions: ["step_name"] } };
    expect(aboutOf({ of } as never)).toEqual({ title: "Answer about steps", detail: "step_name, count" });
  });
});

it("puts those under way first, in the order in which they come", () => {
  const list = [
    made({ id: "old", state: "done", created_at: "2026-11-20T00:00:00Z" }),
    made({ id: "second", state: "queued", position: 2 }),
    made({ id: "new", state: "failed", created_at: "2026-11-21T00:00:00Z" }),
    made({ id: "first", state: "queued", position: 1 }),
    made({ id: "now" }),
  ];
  expect(inOrder(list).map(({ id }) => id)).toEqual(["now", "first", "second", "new", "old"]);
});
