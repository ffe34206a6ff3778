import { describe, expect, it } from "vitest";
import type { Answer, Cell, WorkflowListed } from "../../api/types.ts";
import { executionsBeside, shapeWorkflows, totalsOf, workflowsQuery } from "./data.ts";
import { conditionOf, facetsOf, filtered, searched } from "./filter.ts";
import { coarseGranularity } from "./granularity.ts";
import { rankingsOf } from "./rankings.ts";
import { parseWorkflowsSearch, sortOf, sortText } from "./search.ts";
import { shapeSparks, sparksQuery } from "./sparks.ts";
import { until } from "./until.ts";

const plain = (text: string | undefined) => text?.replaceAll("\u00A0", " ");

function workflow(id: string, more: Partial<WorkflowListed> = {}): WorkflowListed {
  return {
    id,
    name: null,
    kind: null,
    version: null,
    owner_id: null,
    group: null,
    is_active: true,
    schedule: null,
    timeout_ms: null,
    next_run_at: null,
    tags: {},
    running: 0,
    detections_open: 0,
    last_execution: null,
    ...more,
  };
}

const NAMES = ["workflow", "workflow_name", ...workflowsQuery({ time: { period: "week" } }, undefined).measures];

function answer(names: string[], rows: Cell[][], more: Partial<Answer> = {}): Answer {
  const columns = names.map((name) => ({ name, role: name === "time" ? "time" : "measure" }));
  return { columns, rows, totals: names.map(() => null), comparison: null, ...more } as unknown as Answer;
}

//             id    name   count ok fail time-out rate  p95    cost
const INVOICES = ["inv", "Invoices", 20, 12, 6, 2, 60, 4000, 2.5] as Cell[];
const BACKUP = ["bak", "Backup", 4, 4, 0, 0, 100, 90_000, 0.1] as Cell[];

const LISTED = [
  workflow("inv", {
    name: "Invoices",
    kind: "rpa",
    group: "Finance",
    tags: { region: "eu", env: "prod" },
    last_execution: { id: "e", attempt: 1, status: "timeout", started_at: "2026-11-23T10:00:00Z" },
    running: 1,
  }),
  workflow("bak", { name: "Backup", kind: "job", tags: { region: "us" } }),
  workflow("old", { is_active: false, group: "Finance" }),
  workflow("new"),
];

function rows() {
  const before = [
    ["inv", "Invoices", 10, 9, 1, 0, 90, 2000, 5],
    [null, null, null, null, null, null, null, null, null],
  ] as Cell[][];
  return shapeWorkflows(
    LISTED,
    answer(NAMES, [INVOICES, BACKUP], {
      totals: [null, null, 30, 22, 6, 2, 73, 5000, 2.6],
      comparison: { totals: [], by_row: { rows: before } } as unknown as Answer["comparison"],
    }),
  );
}

describe("rows", () => {
  it("join what is told of a workflow with how it fared, and against before", () => {
    const [invoices] = rows();
    expect(invoices).toMatchObject({ title: "Invoices", count: 20, failures: { value: 8, before: 1 } });
    expect(invoices?.p95.change?.verdict).toBe("bad");
    expect(plain(invoices?.p95.change?.text)).toBe("+100 % ↑");
    expect(invoices?.cost.change?.verdict).toBe("good");
    expect(plain(invoices?.successRate.change?.text)).toBe("−30 pp ↓");
  });

  it("know nothing of what did not run, rather than zero", () => {
    const idle = rows()[3];
    expect(idle).toMatchObject({ title: "new", count: 0 });
    expect([idle?.successRate.value, idle?.p95.value, idle?.cost.value, idle?.failures.value]).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  it("compare with nothing where there was nothing before", () => {
    expect(rows()[1]?.failures).toEqual({ value: 0, before: null, change: null });
  });

  it("say what a workflow is doing", () => {
    expect(rows().map(({ states }) => states)).toEqual([["failing", "running"], [], ["inactive"], ["idle"]]);
  });

  it("add up, with the success rate of all that ended", () => {
    expect(totalsOf(rows())).toEqual({
      workflows: 4,
      count: 24,
      failures: 8,
      successRate: (16 / 24) * 100,
      cost: 2.6,
    });
    expect(totalsOf([]).successRate).toBeNull();
  });

  it("tell how many executions belong to none of them", () => {
    const all = answer(NAMES, [], { totals: [null, null, 30, 0, 0, 0, 0, 0, 0] });
    expect(executionsBeside(all, rows())).toBe(6);
  });
});

describe("filters", () => {
  const ids = (found: readonly { id: string }[]) => found.map(({ id }) => id);

  it("find every word, in names, ids, groups and tags", () => {
    expect(ids(searched(rows(), "FIN inv"))).toEqual(["inv"]);
    expect(ids(searched(rows(), "us"))).toEqual(["bak"]);
    expect(ids(searched(rows(), "  "))).toHaveLength(4);
  });

  it("hold together, and any value of one is enough", () => {
    expect(ids(filtered(rows(), { workflow_kind: ["rpa", "job"] }))).toEqual(["inv", "bak"]);
    expect(ids(filtered(rows(), { workflow_group: ["Finance"], status: ["inactive"] }))).toEqual(["old"]);
    expect(ids(filtered(rows(), { "tags.region": ["eu"], "tags.env": ["prod"] }))).toEqual(["inv"]);
    expect(ids(filtered(rows(), { workflow_kind: [""] }))).toEqual(["old", "new"]);
  });

  it("count what a click would show, and keep what is chosen", () => {
    const facets = facetsOf(rows(), { workflow_kind: ["rpa"], "tags.region": ["asia"] });
    expect(facets.workflow_kind.find(({ value }) => value === "rpa")).toMatchObject({ count: 0, isOn: true });
    expect(facets.tag.map(({ value, count }) => [value, count])).toEqual([
      ["env:prod", 1],
      ["region:eu", 1],
      ["region:asia", 0],
    ]);
    const free = facetsOf(rows());
    expect(free.workflow_group.map(({ label, count }) => [label, count])).toEqual([
      ["Finance", 2],
      ["None", 2],
    ]);
  });

  it("name a tag's key as a field", () => {
    expect(conditionOf("tag", "url:https://x")).toEqual(["tags.url", "https://x"]);
    expect(conditionOf("status", "idle")).toEqual(["status", "idle"]);
  });
});

describe("rankings", () => {
  it("leave out what has none, and percentiles of a handful", () => {
    const found = Object.fromEntries(
      rankingsOf(rows()).map(({ name, items }) => [name, items.map((item) => item.name)]),
    );
    expect(found).toEqual({ count: ["inv", "bak"], failures: ["inv"], p95: ["inv"], cost: ["inv", "bak"] });
  });
});

describe("curves", () => {
  it("are asked for those in view only", () => {
    expect(sparksQuery({ time: { period: "week" }, filters: [] }, "day", ["a", "b"]).filters).toEqual([
      { field: "workflow", op: "in", values: ["a", "b"] },
    ]);
  });

  it("have a place for every bucket", () => {
    const sparks = shapeSparks(
      answer(
        ["time", "workflow", "count"],
        [
          ["t1", "a", 3],
          ["t2", "a", 4],
          ["t2", "b", 5],
        ],
      ),
    );
    expect(sparks.get("a")).toEqual([3, 4]);
    expect(sparks.get("b")).toEqual([0, 5]);
  });
});

describe("the URL", () => {
  it("says the sort, unless it is the usual one", () => {
    expect(sortOf(undefined)).toEqual({ id: "count", desc: true });
    expect(sortText({ id: "count", desc: true })).toBeUndefined();
    expect(sortText(null)).toBeUndefined();
    expect(sortOf(sortText({ id: "p95", desc: true }))).toEqual({ id: "p95", desc: true });
    expect(parseWorkflowsSearch({ sort: "<b>", q: " ", where: 3 })).toEqual({});
    expect(parseWorkflowsSearch({ q: 7, where: { status: "idle" } })).toEqual({ q: "7", where: { status: ["idle"] } });
  });
});

describe("granularity", () => {
  const from = "2026-11-01T00:00:00Z";
  it.each([
    [{}, "day"],
    [{ period: "day" as const }, "hour"],
    [{ period: "all" as const }, "month"],
    [{ last: "90m" }, "five_minutes"],
    [{ last: "2d" }, "hour"],
    [{ last: "2w" }, "day"],
    [{ from, to: "2026-11-01T10:00:00Z" }, "quarter_hour"],
    [{ from, to: "2027-11-01T00:00:00Z" }, "week"],
    [{ from, to: "2030-11-01T00:00:00Z" }, "month"],
  ])("of %j is %s", (view, granularity) => expect(coarseGranularity(view, "week")).toBe(granularity));
});

describe("until", () => {
  const now = new Date("2026-11-23T10:00:00Z");
  it.each([
    ["2026-11-23T09:59:00Z", "due now"],
    ["2026-11-23T10:00:12Z", "in 12 s"],
    ["2026-11-23T10:05:59Z", "in 5 m"],
    ["2026-11-23T13:00:00Z", "in 3 h"],
    ["2026-11-24T10:00:00Z", "24 Nov, 11:00"],
  ])("%s is %s", (iso, text) => expect(plain(until(iso, "Europe/Berlin", now))).toBe(text));
});
