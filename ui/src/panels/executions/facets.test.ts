import { describe, expect, it } from "vitest";
import type { Answer, Model } from "../../api/types.ts";
import { facetsOf, shapeFacet, tagKeysOf, valueLabel, withFacet, without } from "./facets.ts";

function answer(columns: string[], rows: (string | number | null)[][], has_more = false): Answer {
  return { columns: columns.map((name) => ({ name })), rows, meta: { has_more } } as unknown as Answer;
}

describe("shapeFacet", () => {
  const workflows = answer(
    ["workflow", "workflow_name", "count"],
    [
      ["a", "Alpha", 40],
      [null, null, 10],
    ],
  );
  it("names values and measures them against the greatest", () => {
    expect(shapeFacet("workflow", workflows, undefined)?.values).toEqual([
      { value: "a", label: "Alpha", count: 40, share: 100, state: null },
      { value: "", label: "None", count: 10, share: 25, state: null },
    ]);
  });
  it("keeps what is filtered by in sight", () => {
    const where = { workflow: ["b"], "!workflow": ["a"] };
    const values = shapeFacet("workflow", workflows, where)?.values;
    expect(values?.map(({ value, count, state }) => [value, count, state])).toEqual([
      ["a", 40, "out"],
      ["", 10, null],
      ["b", 0, "in"],
    ]);
  });
  it("does not call it zero where not all values were answered", () => {
    const cut = answer(["user", "count"], [["ada", 4]], true);
    expect(shapeFacet("user", cut, { user: ["bob"] })?.values.at(-1)?.count).toBeNull();
  });
  it("waits where the answer is another question's", () => {
    expect(shapeFacet("user", workflows, undefined)).toBeNull();
    expect(shapeFacet("user", undefined, undefined)).toBeNull();
  });
});

describe("withFacet", () => {
  it("includes, excludes, and takes away again", () => {
    const once = withFacet(undefined, "status", "failed", false);
    expect(once).toEqual({ status: ["failed"] });
    expect(withFacet(once, "status", "failed", false)).toBeUndefined();
    expect(withFacet(once, "status", "timeout", true)).toEqual({ status: ["failed"], "!status": ["timeout"] });
  });
  it("never has a value both in and out", () => {
    expect(withFacet({ status: ["failed"], user: ["a"] }, "status", "failed", true)).toEqual({
      user: ["a"],
      "!status": ["failed"],
    });
  });
});

it("leaves out one field's filters, both ways", () => {
  expect(without({ status: ["a"], "!status": ["b"], user: ["c"] }, "status")).toEqual({ user: ["c"] });
});

describe("facetsOf", () => {
  const model = {
    sources: [
      {
        name: "executions",
        dimensions: [
          { name: "status", label: "Status", definition: "How it is." },
          { name: "error_fingerprint", label: "Fault", definition: "Which fault." },
        ],
      },
    ],
  } as unknown as Model;
  it("takes words from the model, and only what it offers", () => {
    expect(facetsOf(model, ["env"], undefined)).toEqual([
      { field: "status", label: "Status", definition: "How it is." },
      { field: "tags.env", label: "env", definition: "A tag that the sender gave." },
    ]);
  });
  it("has a facet for whatever is filtered by", () => {
    const fields = facetsOf(model, [], { "!error_fingerprint": ["f"], "tags.team": ["x"] }).map(({ field }) => field);
    expect(fields).toEqual(["status", "error_fingerprint", "tags.team"]);
  });
});

it("finds tags among the executions", () => {
  expect(tagKeysOf([{ tags: { b: 1 } }, { tags: { a: 1, b: 2 } }])).toEqual(["a", "b"]);
});

it("says values in words", () => {
  expect(valueLabel("status", "timeout")).toBe("Timeout");
  expect(valueLabel("trigger_type", "scheduled")).toBe("Schedule");
  expect(valueLabel("workflow", "w", "Invoices")).toBe("Invoices");
  expect(valueLabel("user", "")).toBe("None");
});
