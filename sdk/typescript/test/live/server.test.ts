/** Against the server, with the runtime's own WebSocket. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, inject, it, vi } from "vitest";
import { LiveConnection, LiveExecutions, type MetricsFrame, type QueryFrame, Tacho } from "../../src/tacho.ts";
import { freshWorkflow, runs } from "../rows.ts";
import { TachoServer } from "../tacho.ts";
import { watcher } from "./watching.ts";

const WAIT = { timeout: 20_000, interval: 20 };

let ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

function connect(url: string, key: string) {
  const connection = new LiveConnection({ url, token: key });
  const tacho = new Tacho({ url, apiKey: key, batchWaitMs: 1, retry: { firstMs: 50, maxMs: 200 } });
  ends.push(
    () => connection.close(),
    () => tacho.close(),
  );
  return { connection, tacho };
}

/** What runs, as the frames say. */
function follow(connection: LiveConnection, channel: "executions" | `workflow:${string}`) {
  const followed = { state: LiveExecutions.empty, snapshots: 0 };
  connection.subscribe(
    { channel },
    {
      onFrame: (frame) => {
        if (frame.type !== "executions") return;
        followed.snapshots += frame.is_snapshot ? 1 : 0;
        followed.state = LiveExecutions.apply(followed.state, frame);
      },
    },
  );
  return followed;
}

describe("with a server", () => {
  it("an execution is followed from its start to its end", async () => {
    const { connection, tacho } = connect(inject("url"), inject("key"));
    const workflow = freshWorkflow();
    const followed = follow(connection, `workflow:${workflow}`);
    await vi.waitFor(() => expect(followed.snapshots).toBe(1), WAIT);
    expect(followed.state).toMatchObject({ running: 0, sorted: [], events: [] });

    const run = tacho.start({ workflow_id: workflow });
    await vi.waitFor(() => expect(followed.state.running).toBe(1), WAIT);
    expect(followed.state.sorted).toMatchObject([{ id: run.id, attempt: 1, status: "running", workflow_id: workflow }]);
    await run.progress(2, 5);
    await vi.waitFor(() => expect(followed.state.sorted).toMatchObject([{ steps_completed: 2, steps_total: 5 }]), WAIT);
    await run.fail(new Error("no such invoice"));
    await vi.waitFor(() => expect(followed.state.sorted).toEqual([]), WAIT);
    expect(followed.state.running).toBe(0);
    expect(followed.state.events.map(({ kind }) => kind)).toEqual(["started", "progressed", "failed"]);
    expect(followed.state.events.at(-1)).toMatchObject({ execution_id: run.id, error_type: "Error" });
    expect(connection.lastFrameAt).toBeGreaterThan(Date.now() - 60_000);
  });

  it("metrics and answers come by the same connection, each to its watcher", async () => {
    const { connection, tacho } = connect(inject("url"), inject("key"));
    const workflow = freshWorkflow();
    const [metrics, answers, wrong] = [watcher(), watcher(), watcher()];
    const query = {
      source: "executions",
      measures: ["count"],
      time: { last: "1h" },
      filters: [{ field: "workflow", op: "eq", value: workflow }],
    } as const;
    connection.subscribe({ channel: "metrics", interval: "1s" }, metrics);
    connection.subscribe({ channel: "query", interval: "1s", query }, answers);
    connection.subscribe({ channel: "query", query: { source: "nothing" } }, wrong);
    await vi.waitFor(() => expect(answers.frames).toHaveLength(1), WAIT);
    await tacho.send(runs(workflow, 4));
    const last = () => answers.frames.at(-1) as QueryFrame;
    await vi.waitFor(() => expect(last().answer?.totals).toEqual([4]), WAIT);
    const [first] = metrics.frames as MetricsFrame[];
    expect(first).toMatchObject({ type: "metrics_update", topic: "metrics:1s", is_snapshot: true });
    expect(first?.data.series?.starts).toHaveLength(360);
    await vi.waitFor(() => expect(metrics.frames.length).toBeGreaterThan(2), WAIT);
    expect((metrics.frames.at(-1) as MetricsFrame).data.last_hour.starts).toBeGreaterThanOrEqual(4);
    expect(wrong.problems).toHaveLength(1);
    expect([wrong.frames, metrics.problems, answers.problems]).toEqual([[], [], []]);
  });

  it("who comes later is told the same", async () => {
    const { connection, tacho } = connect(inject("url"), inject("key"));
    const workflow = freshWorkflow();
    const early = follow(connection, `workflow:${workflow}`);
    for (let count = 0; count < 5; count += 1) tacho.start({ workflow_id: workflow });
    await vi.waitFor(() => expect(early.state.running).toBe(5), WAIT);
    const late = follow(connection, `workflow:${workflow}`);
    await vi.waitFor(() => expect(late.state.running).toBe(5), WAIT);
    expect(late.state).toEqual(early.state);
  });

  it("a key that is not known is refused", async () => {
    const { connection } = connect(inject("url"), "tacho_unknown");
    connection.subscribe({ channel: "executions" }, watcher());
    await vi.waitFor(() => expect(connection.state.kind).toBe("refused"), WAIT);
    expect(connection.state).toMatchObject({ reason: expect.stringContaining("revoked") });
  });
});

describe("a server that is started again", () => {
  it.each(["SIGTERM", "SIGKILL"] as const)("after %s is found by itself, and the numbers are right", async (signal) => {
    const server = await TachoServer.create();
    ends.push(() => server.remove());
    server.run(["org", "create", "Acme"]);
    const owner = ["user", "create", "o@acme.example", "--org", "Acme", "--role", "owner", "--password-stdin"];
    server.run(owner, `${crypto.randomUUID()}\n`);
    const key = server.run(["key", "create", "--org", "Acme", "--scope", "ingest", "--scope", "read"]);
    const url = await server.start();
    const { connection, tacho } = connect(url, key);
    const followed = follow(connection, "executions");
    const metrics = watcher();
    connection.subscribe({ channel: "metrics", interval: "1s" }, metrics);
    const [first, second, third] = ["a", "b", "c"].map((id) => tacho.start({ workflow_id: "invoices", id }));
    await vi.waitFor(() => expect(followed.state.running).toBe(3), WAIT);
    await first?.succeed();
    await vi.waitFor(() => expect(followed.state.running).toBe(2), WAIT);
    const { epoch } = followed.state;

    await server.stop(signal);
    await vi.waitFor(() => expect(["waiting", "connecting"]).toContain(connection.state.kind), WAIT);
    await server.start(new URL(url).host);
    await second?.fail(new Error("too late"));
    tacho.start({ workflow_id: "invoices", id: "d" });

    await vi.waitFor(() => expect(followed.state.executions.size).toBe(2), WAIT);
    await vi.waitFor(() => expect(followed.state.sorted.map(({ id }) => id).sort()).toEqual(["c", "d"]), WAIT);
    expect(connection.state.kind).toBe("open");
    expect(followed.state.epoch).toBeGreaterThan(epoch ?? Number.NaN);
    expect(followed.state.running).toBe(2);
    const told = followed.state.events.map(({ execution_id, kind }) => `${execution_id} ${kind}`);
    expect(told).toEqual(expect.arrayContaining(["a succeeded", "b failed", "d started"]));
    expect(new Set(told).size).toBe(told.length);
    const last = () => (metrics.frames.at(-1) as MetricsFrame).data;
    await vi.waitFor(
      () => expect(last()).toMatchObject({ running: 2, last_hour: { starts: 4, success: 1, failed: 1 } }),
      WAIT,
    );
    await third?.succeed();
    await vi.waitFor(() => expect(followed.state.running).toBe(1), WAIT);
  });
});

describe("a process of Node", () => {
  const watch = (end: string) => `
    import { LiveConnection } from "@tacho/client/live";
    const live = new LiveConnection({ url: ${JSON.stringify(inject("url"))}, token: ${JSON.stringify(inject("key"))} });
    const leave = live.subscribe({ channel: "executions" }, { onFrame: ({ type }) => { console.log(type); ${end} } });`;

  it.each(["leave()", "live.close()"])("ends by itself after %s", async (end) => {
    const flags = process.execArgv.filter((flag) => flag === "--experimental-websocket");
    const child = spawn(process.execPath, [...flags, "--input-type=module", "--eval", watch(end)], {
      cwd: new URL("../../", import.meta.url),
      stdio: ["ignore", "pipe", "inherit"],
    });
    ends.push(() => child.kill());
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += chunk;
    });
    const [code] = await once(child, "exit");
    expect([code, said]).toEqual([0, "executions\n"]);
  });
});
