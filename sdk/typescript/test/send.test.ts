import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, inject, it, vi } from "vitest";
import { type Rejected, Tacho, type TachoError, type TachoOptions, type TachoRecord } from "../src/tacho.ts";
import { startProxy, type Way } from "./proxy.ts";
import { expectCount, freshWorkflow, runs } from "./rows.ts";

let proxy: Way;
let clients: Tacho[] = [];

beforeEach(async () => {
  proxy = await startProxy(inject("url"));
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close(0)));
  clients = [];
  await proxy.close();
});

function client(options: Partial<TachoOptions> = {}): Tacho {
  const made = new Tacho({
    url: proxy.url,
    apiKey: inject("key"),
    batchWaitMs: 20,
    retry: { firstMs: 10, maxMs: 100 },
    ...options,
  });
  clients.push(made);
  return made;
}

const sent = () => proxy.seen.filter(({ path }) => path === "/api/v1/records");
const keys = () => sent().map(({ headers }) => headers["idempotency-key"]);

describe("sending", () => {
  it("settles when the server has the records, sent together", async () => {
    const workflow = freshWorkflow();
    const tacho = client();
    await Promise.all(runs(workflow, 25).map((run) => tacho.send(run)));
    expect(sent()).toHaveLength(1);
    await expectCount(workflow, 25);
  });

  it("begins a batch where another would be too large, in records or in bytes", async () => {
    const workflow = freshWorkflow();
    const tacho = client({ batchRecordsMax: 10, batchBytesMax: 2_000 });
    await tacho.send(runs(workflow, 25));
    const lines = sent().map(({ body }) => plain(body).split("\n"));
    expect(lines.flat()).toHaveLength(25);
    for (const batch of lines) expect(batch.length).toBeLessThanOrEqual(10);
    for (const batch of lines) expect(batch.join("\n").length).toBeLessThanOrEqual(2_000);
    await expectCount(workflow, 25);
  });

  it("compresses what is large", async () => {
    const tacho = client();
    await tacho.send(runs(freshWorkflow(), 200));
    await tacho.send(runs(freshWorkflow(), 1));
    const [large, small] = sent();
    expect(large?.headers["content-encoding"]).toBe("gzip");
    expect(plain(large?.body ?? Buffer.of()).split("\n")).toHaveLength(200);
    expect(small?.headers["content-encoding"]).toBeUndefined();
  });

  it("tells of each record that was refused, and keeps the others", async () => {
    const workflow = freshWorkflow();
    const rejected: Rejected[] = [];
    const tacho = client({ onRejected: (one) => rejected.push(one) });
    const bad = { ...runs(workflow, 1)[0], id: `${workflow}/bad`, status: "flying" } as unknown as TachoRecord;
    await tacho.send([...runs(workflow, 2), bad]);
    expect(rejected).toHaveLength(1);
    expect(rejected[0]).toMatchObject({ record: { id: `${workflow}/bad` }, pointer: "/status" });
    expect(rejected[0]?.code).toMatch(/^[a-z_]+$/);
    await expectCount(workflow, 2);
  });
});

function plain(body: Buffer): string {
  return (body[0] === 0x1f ? gunzipSync(body) : body).toString("utf8");
}

describe("when the way is bad", () => {
  it("sends the same batch again until the server has it, and nothing counts twice", async () => {
    const workflow = freshWorkflow();
    proxy.fates.push("drop", { status: 503 }, { status: 429, headers: { "retry-after": "0" } }, "lose", "lose", "pass");
    const errors: TachoError[] = [];
    const tacho = client({ onError: (error) => errors.push(error) });
    // Without ids, so that only the Idempotency-Key can tell that they are the same.
    await tacho.send(runs(workflow, 5).map(({ id: _, ...run }) => run as TachoRecord));
    expect(sent()).toHaveLength(6);
    expect(new Set(keys()).size).toBe(1);
    expect(new Set(sent().map(({ body }) => body.toString("hex"))).size).toBe(1);
    expect(errors.map(({ code, status }) => status ?? code)).toEqual(["network", 503, 429, "network", "network"]);
    await expectCount(workflow, 5);
    await tacho.send(runs(workflow, 1).map(({ id: _, ...run }) => run as TachoRecord));
    expect(new Set(keys()).size).toBe(2);
    await expectCount(workflow, 6);
  });

  it("waits as long as the server asks for", async () => {
    proxy.fates.push({ status: 429, headers: { "retry-after": "1" } });
    await client().send(runs(freshWorkflow(), 1));
    const [first, second] = sent();
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it("sends again what is not answered in time", async () => {
    const workflow = freshWorkflow();
    proxy.fates.push("hang");
    await client({ timeoutMs: 500 }).send(runs(workflow, 1));
    expect(sent()).toHaveLength(2);
    await expectCount(workflow, 1);
  });

  it("keeps the order, and goes on with the next batch when one is refused for good", async () => {
    const workflow = freshWorkflow();
    const lost: number[] = [];
    proxy.fates.push({ status: 413, body: '{"code":"too_large","detail":"Send less."}' });
    const tacho = client({ batchRecordsMax: 3, onError: (_, count) => lost.push(count) });
    await expect(tacho.send(runs(workflow, 3))).rejects.toMatchObject({ code: "too_large", status: 413 });
    await tacho.send(runs(workflow, 2));
    expect(lost).toEqual([3]);
    expect(sent()).toHaveLength(2);
    await expectCount(workflow, 2);
  });

  it("says at once that a key is wrong", async () => {
    const tacho = client({ apiKey: "tacho_none" });
    await expect(tacho.send(runs(freshWorkflow(), 1))).rejects.toMatchObject({ status: 401, code: "unauthenticated" });
    expect(sent()).toHaveLength(1);
  });

  it("gives up what is in memory only after a while", async () => {
    proxy.otherwise = "drop";
    const tacho = client({ giveUpAfterMs: 300 });
    await expect(tacho.send(runs(freshWorkflow(), 1))).rejects.toMatchObject({ code: "network" });
    expect(sent().length).toBeGreaterThan(2);
  });

  it("refuses more than its queue holds, and takes again when there is room", async () => {
    const workflow = freshWorkflow();
    proxy.otherwise = "drop";
    const tacho = client({ queueRecordsMax: 10, batchRecordsMax: 5 });
    const first = tacho.send(runs(workflow, 10));
    await expect(tacho.send(runs(workflow, 1))).rejects.toMatchObject({ code: "queue_full" });
    proxy.otherwise = "pass";
    await first;
    await tacho.send(runs(workflow, 11).slice(10));
    await expectCount(workflow, 11);
  });

  it("loses, and says so, what is in memory only when it is closed", async () => {
    proxy.otherwise = "drop";
    const lost: number[] = [];
    const tacho = client({ onError: (_, count) => lost.push(count) });
    const safe = tacho.send(runs(freshWorkflow(), 4));
    expect(await tacho.close(100)).toBe(false);
    await expect(safe).rejects.toMatchObject({ code: "closed" });
    expect(lost.at(-1)).toBe(4);
    await expect(tacho.send(runs(freshWorkflow(), 1))).rejects.toMatchObject({ code: "closed" });
  });
});

it("flush sends what waits for others", async () => {
  const workflow = freshWorkflow();
  const tacho = client({ batchWaitMs: 3_600_000 });
  void tacho.send(runs(workflow, 3));
  expect(await tacho.flush()).toBe(true);
  await expectCount(workflow, 3);
});

describe("a run", () => {
  it("is told from its start to its end", async () => {
    const workflow = freshWorkflow();
    const tacho = client();
    const result = await tacho.track({ workflow_id: workflow, trigger_type: "manual" }, async (run) => {
      await run.progress(1, 4);
      await expectStatuses(workflow, [["running", 1]]);
      await run.progress(4);
      return "done";
    });
    expect(result).toBe("done");
    await tacho.flush();
    await expectStatuses(workflow, [["success", 1]]);
  });

  it("fails with the error that its work throws", async () => {
    const workflow = freshWorkflow();
    const tacho = client();
    const broken = tacho.track({ workflow_id: workflow }, () => {
      throw new RangeError("page 7 of 6");
    });
    await expect(broken).rejects.toThrow(RangeError);
    await tacho.flush();
    await expectStatuses(workflow, [["failed", 1]]);
    const response = await fetch(`${inject("url")}/api/v1/executions?period=day&workflow_id=${workflow}`, {
      headers: { authorization: `Bearer ${inject("key")}` },
    });
    const page = (await response.json()) as { executions: unknown[] };
    expect(page.executions).toMatchObject([{ error_type: "RangeError", error_message: "page 7 of 6" }]);
  });

  async function expectStatuses(workflow: string, statuses: unknown[]): Promise<void> {
    const tacho = client({ url: inject("url") });
    const ask = async () => {
      const answer = await tacho.query(
        {
          source: "executions",
          measures: ["count"],
          dimensions: ["status"],
          time: { last: "24h" },
          filters: [{ field: "workflow", op: "eq", value: workflow }],
        },
        { fresh: true },
      );
      expect(answer.rows).toEqual(statuses);
    };
    await vi.waitFor(ask, { timeout: 10_000 });
  }
});
