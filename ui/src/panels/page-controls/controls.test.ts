import { describe, expect, it } from "vitest";
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
