import { describe, expect, it } from "vitest";
import { asker, operationsOf, operationWord, questionLine, wholeQuestion } from "./data.ts";
import { auditFilter, parseAuditSearch } from "./search.ts";

describe("the question", () => {
  const asked = (question: string, operation = "POST /api/v1/query") => questionLine({ operation, question });
  it("names the sources of a query, each once", () => {
    const question = '{"queries":[{"source":"executions"},{"source":"steps"},{"source":"executions"}]}';
    expect(asked(question)).toMatch(/^3\squestions about executions, steps$/);
    expect(asked('{"measures":["count"],"source":"costs"}')).toBe("costs");
  });
  it("reads a body that was cut", () => {
    const cut = '{"queries":[{"source":"executions","measures":["cou';
    expect(asked(cut)).toBe("executions");
    expect(wholeQuestion({ question: cut })).toBe(cut);
  });
  it("names the thing and the parameters, not the paging", () => {
    expect(asked("/api/v1/failures?timezone=Europe%2FBerlin&limit=50", "GET /api/v1/failures")).toBe(
      "timezone Europe/Berlin",
    );
    expect(asked("/api/v1/workflows/a%20b/steps?period=week", "GET /api/v1/workflows/{id}/steps")).toBe(
      "a b · period week",
    );
    expect(asked("/api/v1/executions/100%", "GET /api/v1/executions/{id}")).toBe("100%");
  });
});

it("goes by the route where an operation has no name", () => {
  expect(operationWord("GET /api/v1/executions/{id}")).toBe("Execution");
  expect(operationWord("GET /api/v1/new")).toBe("GET /api/v1/new");
  const seen = { operation: "GET /api/v1/new" } as Parameters<typeof operationsOf>[0][number];
  expect(operationsOf([seen, seen]).filter(({ value }) => value === "GET /api/v1/new")).toHaveLength(1);
});

it("says who asked", () => {
  const nobody = { user_id: null, user_name: null, key_id: null, key_name: null };
  expect(asker({ ...nobody, user_id: "u1", user_name: "Ada" })).toBe("Ada");
  expect(asker({ ...nobody, key_id: "k1", key_name: "workers" })).toBe("Key “workers”");
  expect(asker({ user_id: "u1", user_name: "Ada", key_id: "k1", key_name: "laptop" })).toBe("Ada, by key “laptop”");
});

describe("the filter", () => {
  const now = new Date("2026-03-31T10:20:30Z");
  it("turns periods into when they began", () => {
    expect(auditFilter({}, {}, "week", now)).toEqual({ from: "2026-03-24T10:20:00.000Z" });
    expect(auditFilter({}, { period: "month" }, "week", now)).toEqual({ from: "2026-02-28T10:20:00.000Z" });
    expect(auditFilter({}, { last: "6h" }, "week", now)).toEqual({ from: "2026-03-31T04:20:00.000Z" });
    expect(auditFilter({}, { period: "all" }, "week", now)).toEqual({});
  });
  it("keeps a range of one's own, and the rest", () => {
    const view = { from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" };
    expect(auditFilter({ person: "u1", operation: "POST /api/v1/query", q: "costs" }, view, "week", now)).toEqual({
      ...view,
      user_id: "u1",
      operation: "POST /api/v1/query",
      search: "costs",
    });
  });
  it("drops what it does not understand", () => {
    expect(parseAuditSearch({ person: "u1", q: 12, operation: {}, more: "x" })).toEqual({ person: "u1", q: "12" });
  });
});
