import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, inject, it, vi } from "vitest";
import type { Batch } from "../src/batch.ts";
import { FolderSpool } from "../src/spool.ts";
import { Tacho, type TachoError, type TachoOptions, type TachoRecord } from "../src/tacho.ts";
import { startProxy, type Way } from "./proxy.ts";
import { countOf, expectCount, freshWorkflow, runs } from "./rows.ts";

let folder: string;
let proxy: Way;
let clients: Tacho[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tacho-spool-"));
  proxy = await startProxy(inject("url"));
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close(0)));
  clients = [];
  await proxy.close();
  await rm(folder, { recursive: true });
});

function client(options: Partial<TachoOptions> = {}): Tacho {
  const made = new Tacho({
    url: proxy.url,
    apiKey: inject("key"),
    batchWaitMs: 10,
    retry: { firstMs: 10, maxMs: 50 },
    spool: new FolderSpool({ folder }),
    ...options,
  });
  clients.push(made);
  return made;
}

async function files(): Promise<string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

const keys = () => proxy.seen.map(({ headers }) => headers["idempotency-key"]);

describe("with a spool", () => {
  it("a killed process's records are sent by the next, under the same key, and count once", async () => {
    const workflow = freshWorkflow();
    // The server gets them, but its answer does not get back before the process dies.
    proxy.otherwise = "hang";
    const records = runs(workflow, 7).map(({ id: _, ...run }) => run);
    const settings = JSON.stringify({ url: proxy.url, apiKey: inject("key"), folder, records });
    const child = spawn(process.execPath, [new URL("killed.mjs", import.meta.url).pathname, settings]);
    await once(child.stdout, "data");
    await vi.waitFor(() => expect(proxy.seen).toHaveLength(1));
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await files()).toHaveLength(1);

    proxy.otherwise = "lose";
    client();
    await vi.waitFor(() => expect(proxy.seen.length).toBeGreaterThan(2));
    proxy.otherwise = "pass";
    await vi.waitFor(async () => expect(await files()).toEqual([]));
    expect(new Set(keys()).size).toBe(1);
    await expectCount(workflow, 7);
  });

  it("settles when the records are on the disk, readable by nobody else", async () => {
    proxy.otherwise = "drop";
    await client().send(runs(freshWorkflow(), 2));
    const [path] = await files();
    expect(path).toMatch(/\/\d{17}-[0-9a-f]{8}\.batch$/);
    const lines = (await readFile(path ?? "", "utf8")).split("\n");
    expect(lines).toHaveLength(3);
    expect((await stat(path ?? "")).mode & 0o777).toBe(0o600);
  });

  it("keeps what a wrong key can't send, until it is put right", async () => {
    const errors: TachoError[] = [];
    const lost: number[] = [];
    proxy.otherwise = { status: 403, body: '{"code":"forbidden","detail":"This key may not send records."}' };
    const workflow = freshWorkflow();
    const note = (error: TachoError, count: number) => {
      errors.push(error);
      lost.push(count);
    };
    await client({ onError: note }).send(runs(workflow, 2));
    await vi.waitFor(() => expect(errors.at(-1)).toMatchObject({ code: "forbidden" }));
    expect(await files()).toHaveLength(1);
    proxy.otherwise = "pass";
    await expectCount(workflow, 2);
    expect(Math.max(...lost)).toBe(0);
  });

  it("does not send under one key what waits under another", async () => {
    const workflow = freshWorkflow();
    proxy.otherwise = "drop";
    const first = client();
    await first.send(runs(workflow, 2));
    await first.close(0);
    proxy.otherwise = "pass";
    const other = client({ apiKey: "tacho_another" });
    expect(await other.flush()).toBe(true);
    expect(await files()).toHaveLength(1);
    expect(await countOf(workflow)).toBe(0);
  });

  it("sets aside what the server will never take, with the reason", async () => {
    const lost: number[] = [];
    proxy.fates.push({ status: 422, body: '{"code":"malformed_body","detail":"Send JSON."}' });
    const tacho = client({ onError: (_, count) => lost.push(count) });
    await tacho.send(runs(freshWorkflow(), 3));
    await tacho.flush();
    await vi.waitFor(() => expect(lost).toEqual([3]));
    const [batch, reason] = await vi.waitFor(async () => {
      const found = await files();
      expect(found).toHaveLength(2);
      return found;
    });
    expect(batch).toContain("/rejected/");
    expect(await readFile(reason ?? "", "utf8")).toBe("Send JSON.\n");
  });

  it("sets a damaged file aside and goes on with the next", async () => {
    const workflow = freshWorkflow();
    proxy.otherwise = "drop";
    const first = client({ batchRecordsMax: 1 });
    await first.send(runs(workflow, 3));
    await first.close(0);
    const [damaged = ""] = await files();
    await writeFile(damaged, (await readFile(damaged, "utf8")).slice(0, -9));
    proxy.otherwise = "pass";
    const errors: TachoError[] = [];
    const next = client({ onError: (error) => errors.push(error) });
    expect(await next.flush()).toBe(true);
    expect(errors).toMatchObject([{ code: "spool" }]);
    expect((await files()).map((path) => path.includes("/damaged/"))).toEqual([true]);
    await expectCount(workflow, 2);
  });

  it("holds no more than its bound; what is over it waits in memory and is not lost", async () => {
    const workflow = freshWorkflow();
    proxy.otherwise = "drop";
    const errors: TachoError[] = [];
    const tacho = client({
      spool: new FolderSpool({ folder, bytesMax: 700 }),
      batchRecordsMax: 2,
      onError: (error) => errors.push(error),
    });
    const safe = [tacho.send(runs(workflow, 2)), tacho.send(runs(workflow, 4).slice(2))];
    await safe[0];
    await vi.waitFor(() => expect(errors.some(({ code }) => code === "spool")).toBe(true));
    expect(await files()).toHaveLength(1);
    proxy.otherwise = "pass";
    await Promise.all(safe);
    await expectCount(workflow, 4);
  });
});

describe("the folder", () => {
  const batch = (text: string): Batch => ({ idempotencyKey: `k-${text}`, lines: [`{"a":"${text}"}`, '"ü"'] });

  it("gives back what was put in, oldest first, to the same owner", async () => {
    const spool = new FolderSpool({ folder });
    await spool.open("me");
    for (const text of ["1", "2", "3"]) await spool.put(batch(text));
    const left = await new FolderSpool({ folder }).open("me");
    expect(await Promise.all(left.map((stored) => stored.load()))).toEqual(["1", "2", "3"].map(batch));
    expect(await new FolderSpool({ folder }).open("you")).toEqual([]);
  });

  it("knows what is gone from what is damaged", async () => {
    const spool = new FolderSpool({ folder });
    await spool.open("me");
    const stored = await spool.put(batch("1"));
    await stored.remove();
    await stored.remove();
    expect(await stored.load()).toBe("gone");
    const other = await spool.put(batch("2"));
    await writeFile((await files())[0] ?? "", "no batch");
    expect(await other.load()).toBe("damaged");
  });

  it("has room again for what was removed", async () => {
    const spool = new FolderSpool({ folder, bytesMax: 250 });
    await spool.open("me");
    const first = await spool.put(batch("1"));
    await expect(spool.put(batch("2"))).rejects.toThrow("250 bytes");
    await first.remove();
    await spool.put(batch("3"));
  });
});

it("records without a name of their own keep it over retries", async () => {
  const workflow = freshWorkflow();
  proxy.fates.push("lose", "lose");
  const tacho = client();
  await tacho.send(runs(workflow, 2).map(({ id: _, ...run }) => run as TachoRecord));
  expect(await tacho.flush()).toBe(true);
  await expectCount(workflow, 2);
});
