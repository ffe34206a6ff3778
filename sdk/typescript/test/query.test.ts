import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, expectTypeOf, inject, it } from "vitest";
import { type Cell, isAnswer, rowsOf, Tacho, type TachoError, totalsOf } from "../src/tacho.ts";
import { startProxy } from "./proxy.ts";
import { expectCount, freshWorkflow, runs } from "./rows.ts";

const workflow = freshWorkflow();
let tacho: Tacho;

beforeAll(async () => {
  tacho = new Tacho({ url: inject("url"), apiKey: inject("key"), retry: { firstMs: 10, maxMs: 50 } });
  await tacho.send([...runs(workflow, 3), ...runs(workflow, 5, { status: "failed", error_type: "Timeout" }).slice(3)]);
  await tacho.flush();
  await expectCount(workflow, 5);
});

const ofThis = [{ field: "workflow", op: "eq", value: workflow }] as const;

describe("a question", () => {
  it("is answered in rows and totals, typed by what was asked", async () => {
    const answer = await tacho.query({
      source: "executions",
      measures: ["count", "success_rate"],
      dimensions: ["status"],
      time: { last: "24h" },
      filters: ofThis,
      order: [{ by: "count", direction: "desc" }],
    });
    const rows = rowsOf(answer);
    expectTypeOf(rows[0]).exclude<undefined>().toHaveProperty("count").toEqualTypeOf<number | null>();
    expectTypeOf(rows[0]).exclude<undefined>().toHaveProperty("status").toEqualTypeOf<Cell>();
    expect(rows).toEqual([
      { status: "success", count: 3, success_rate: 100 },
      { status: "failed", count: 2, success_rate: 0 },
    ]);
    expect(totalsOf(answer)).toEqual({ count: 5, success_rate: 60 });
    expect(answer.meta.exact).toBe(true);
  });

  it("has buckets of time", async () => {
    const answer = await tacho.query({
      source: "executions",
      measures: ["count"],
      time: { last: "2h" },
      granularity: "hour",
      filters: ofThis,
    });
    const rows = rowsOf(answer);
    expectTypeOf(rows[0]).exclude<undefined>().toHaveProperty("time").toEqualTypeOf<string>();
    expect(rows.reduce((sum, row) => sum + (row.count ?? 0), 0)).toBe(5);
  });

  it("that breaks a rule is refused with the place at fault", async () => {
    const wrong = tacho.query({ source: "executions", measures: ["height"], time: { period: "week" } });
    await expect(wrong).rejects.toMatchObject({ name: "TachoError", status: 422, pointer: "/measures/0" });
    const error: TachoError = await wrong.catch((thrown) => thrown);
    expect(error.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("is asked again where the server is busy, but not for ever", async () => {
    const proxy = await startProxy(inject("url"), [{ status: 503, headers: { "retry-after": "0" } }, "drop"]);
    const patient = new Tacho({ url: proxy.url, apiKey: inject("key"), retry: { firstMs: 1, maxMs: 5 } });
    const question = { source: "executions", measures: ["count"], time: { last: "24h" }, filters: ofThis } as const;
    expect((await patient.query(question)).totals).toEqual([5]);
    proxy.otherwise = { status: 503 };
    await expect(patient.query(question)).rejects.toMatchObject({ status: 503 });
    expect(proxy.seen).toHaveLength(6);
    proxy.fates.push({ status: 429, headers: { "retry-after": "3600" } });
    await expect(patient.query(question)).rejects.toMatchObject({ status: 429, retryAfterMs: 3_600_000 });
    expect(proxy.seen).toHaveLength(7);
    await proxy.close();
  });

  it("can be withdrawn", async () => {
    const proxy = await startProxy(inject("url"));
    proxy.otherwise = "hang";
    const waiting = new Tacho({ url: proxy.url, apiKey: inject("key") });
    const withdrawn = new AbortController();
    const asked = waiting.query(
      { source: "executions", measures: ["count"], time: { last: "24h" } },
      { signal: withdrawn.signal },
    );
    withdrawn.abort();
    await expect(asked).rejects.toMatchObject({ name: "AbortError" });
    await proxy.close();
  });
});

it("several questions are answered as of one moment, each on its own", async () => {
  const { answers, as_of_lsn } = await tacho.queryBatch([
    { source: "executions", measures: ["count"], time: { last: "24h" }, filters: ofThis },
    { source: "steps", measures: ["no_such"], time: { last: "24h" } },
  ]);
  expect(as_of_lsn).toBeGreaterThan(0);
  const [good, bad] = answers;
  expect(isAnswer(good) && totalsOf(good)).toEqual({ count: 5 });
  expect(isAnswer(bad) ? null : bad.status).toBe(422);
});

it("knows only names that the server knows", async () => {
  const { sources } = await tacho.model();
  const text = await readFile(new URL("../src/names.gen.ts", import.meta.url), "utf8");
  const known = [...text.matchAll(/^ {2}(\w+): \{([^}]*)\}/gm)].map(([, source, names = ""]) => {
    const parts = names.split(/measure:|dimension:|field:/).slice(1);
    return [source, ...parts.map((part) => [...part.matchAll(/"(\w+)"/g)].map(([, name]) => name))];
  });
  expect(known.length).toBeGreaterThan(8);
  for (const [name, measures, dimensions, fields] of known) {
    const source = sources.find((one) => one.name === name);
    expect(source?.measures.map((one) => one.name)).toEqual(expect.arrayContaining(measures as string[]));
    expect(source?.dimensions.map((one) => one.name)).toEqual(expect.arrayContaining(dimensions as string[]));
    expect(source?.filters.map((one) => one.name)).toEqual(expect.arrayContaining(fields as string[]));
  }
});
