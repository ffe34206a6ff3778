import { describe, expect, it } from "vitest";
import { answerOf } from "../../test/answer.ts";
import { fromFirstRecord } from "./beginning.ts";
import { explorerLink } from "./explorer.ts";
import { reportScope } from "./reportScope.ts";
import { parsePageSearch } from "./search.ts";

describe("the way to the rows", () => {
  it("keeps the page's filters and narrows them", () => {
    const link = explorerLink({ workflow: ["w"] }, { status: ["failed"] }, { from: "a", to: "b" });
    expect(link.search).toEqual({ where: { workflow: ["w"], status: ["failed"] }, from: "a", to: "b" });
  });
  it("has no empty filter", () => expect(explorerLink(undefined).search).toEqual({ where: undefined }));
});

describe("the scope of a report", () => {
  it("is the period, and one workflow at most", () => {
    expect(reportScope({}, "week", undefined)).toEqual({ period: "week" });
    expect(reportScope({ period: "day" }, "week", { workflow: ["w"] })).toEqual({ period: "day", taskId: "w" });
  });
  it("does not exist for other ranges and filters, and says so", () => {
    for (const scope of [
      reportScope({ from: "a", to: "b" }, "week", undefined),
      reportScope({ last: "6h" }, "week", undefined),
      reportScope({}, "week", { workflow: ["v", "w"] }),
      reportScope({}, "week", { trigger_type: ["api"] }),
    ])
      expect(scope).toHaveProperty("reason");
  });
});

it("reads filters and granularity from the address, and drops the rest", () => {
  expect(parsePageSearch({ where: { status: ["failed"] }, granularity: "day", moon: 1 })).toEqual({
    where: { status: ["failed"] },
    granularity: "day",
  });
});

describe("what lies before the first record", () => {
  const days = (firstRecord: string) =>
    answerOf({
      dimensions: ["time"],
      measures: ["count"],
      rows: Array.from({ length: 7 }, (_, day) => [`2026-11-${16 + day}T00:00:00Z`, day < 5 ? null : day]),
      totals: [11],
      meta: { gaps: [{ from: "2026-11-16T00:00:00Z", to: firstRecord, reason: "Nothing was recorded before." }] },
    });
  it("is left out where it would be the most of the chart, with the range that is said", () => {
    const { rows, meta } = fromFirstRecord(days("2026-11-21T06:00:00Z"));
    expect(rows.map(([time]) => time)).toEqual(["2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"]);
    expect(meta).toMatchObject({ from: "2026-11-21T06:00:00Z", gaps: [] });
  });
  it("is shown as unknown where it is the lesser part", () => {
    const answer = days("2026-11-18T00:00:00Z");
    expect(fromFirstRecord(answer)).toBe(answer);
  });
});
