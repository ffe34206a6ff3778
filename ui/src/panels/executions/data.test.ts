import { describe, expect, it } from "vitest";
import type { Frame } from "../../view/current.ts";
import { filtersOf, type Where } from "../../view/view.ts";
import { DEFAULT_COLUMNS, exportedFields, parseColumns } from "./columns.ts";
import { explorerQueries, searchFilters } from "./data.ts";
import { exportOf } from "./export.ts";
import { listFilter, PAGE_SIZE, parseExplorerSearch } from "./search.ts";

const now = new Date("2026-11-22T12:00:30Z");
const view = {
  frame: (where?: Where): Frame => ({ time: { period: "week" }, timezone: "UTC", filters: filtersOf(where) }),
  granularity: "hour" as const,
  compare: "previous_period" as const,
};

describe("parseExplorerSearch", () => {
  it("reads its own parameters and drops what it does not know", () => {
    expect(
      parseExplorerSearch({ where: { status: "failed" }, q: "x", order: "longest", columns: "cost,nonsense" }),
    ).toEqual({ where: { status: ["failed"] }, q: "x", order: "longest", columns: "workflow,cost" });
    expect(parseExplorerSearch({ where: "x", q: " ", order: "newest", columns: "nonsense" })).toEqual({});
  });
});

describe("listFilter", () => {
  it("asks for what the address says", () => {
    const filter = listFilter({ where: { "!user": ["ada"] }, q: "http", last: "6h" }, "week", now);
    expect(filter).toEqual({
      from: "2026-11-22T06:00:00.000Z",
      filters: [{ not: { field: "user", op: "in", values: ["ada"] } }],
      search: "http",
      limit: PAGE_SIZE,
    });
  });
  it("asks for one long page where there is no next", () => {
    expect(listFilter({ order: "longest" }, "week", now)).toEqual({ period: "week", order: "longest", limit: 200 });
  });
});

describe("explorerQueries", () => {
  const asked = { where: { status: ["failed"], workflow: ["w"] }, search: [], open: ["status", "user"], wide: "user" };
  it("counts each facet under all filters but its own", () => {
    const { status, user } = explorerQueries(view, asked);
    expect(status?.filters).toEqual([{ field: "workflow", op: "in", values: ["w"] }]);
    expect(user?.filters).toHaveLength(2);
  });
  it("counts what matches, and all there is", () => {
    const { trend, all } = explorerQueries(view, { ...asked, search: searchFilters("http", []) });
    expect(trend?.filters).toHaveLength(3);
    expect(trend?.granularity).toBe("hour");
    expect(all?.filters).toEqual([]);
  });
  it("asks for more values of the facet that is wide, and for those of no closed one", () => {
    const questions = explorerQueries(view, asked);
    expect(Object.keys(questions)).toEqual(["trend", "all", "status", "user"]);
    expect(questions.status?.limit).toBe(8);
    expect(questions.user?.limit).toBe(1000);
  });
});

describe("searchFilters", () => {
  it("searches where the list does, workflows by name too", () => {
    expect(searchFilters(undefined, ["w"])).toEqual([]);
    const [filter] = searchFilters("http", ["w1"]);
    expect(filter).toMatchObject({ or: expect.arrayContaining([{ field: "workflow", op: "in", values: ["w1"] }]) });
    expect(filter).toMatchObject({
      or: expect.arrayContaining([{ field: "error_message", op: "contains", value: "http" }]),
    });
  });
});

describe("columns", () => {
  it("keep the table's order and the one that opens the row", () => {
    expect(parseColumns("cost,status")).toEqual(["workflow", "status", "cost"]);
    expect(parseColumns(["tags"])).toEqual(["workflow", "tags"]);
    expect(parseColumns(undefined)).toBeUndefined();
    expect(parseColumns(DEFAULT_COLUMNS.join(","))).toEqual([...DEFAULT_COLUMNS]);
  });
  it("are exported with what tells executions apart", () => {
    expect(exportedFields(["workflow", "attempt", "cost"])).toEqual([
      "id",
      "attempt",
      "workflow_id",
      "workflow_name",
      "cost_usd",
    ]);
  });
});

it("exports all that match, whatever is loaded", () => {
  const filter = listFilter({ where: { status: ["failed"] }, order: "longest" }, "week", now);
  expect(exportOf(filter, ["workflow", "status"], "ndjson")).toEqual({
    format: "ndjson",
    compression: "none",
    of: {
      executions: {
        period: "week",
        filters: [{ field: "status", op: "in", values: ["failed"] }],
        columns: ["id", "attempt", "workflow_id", "workflow_name", "status"],
      },
    },
  });
});
