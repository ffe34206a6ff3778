/** What is watched, by how many, and what they are told. */
import { describe, expect, it } from "vitest";
import type { Frame } from "../../src/live/index.ts";
import { event, execution, executionsFrame, metricsFrame, queryFrame } from "./frames.ts";
import { live, pass, useFakeClock, watcher } from "./watching.ts";

useFakeClock();

const COUNT = { source: "executions", measures: ["count"], time: { last: "1h" } } as const;

describe("subscribing", () => {
  it("connects with the first, and has one socket for all", async () => {
    const { connection, sockets, states } = live();
    await pass(1_000);
    expect([sockets.made.length, connection.state.kind]).toEqual([0, "closed"]);
    connection.subscribe({ channel: "executions" }, watcher());
    connection.subscribe({ channel: "query", interval: "30s", query: COUNT }, watcher());
    connection.subscribe({ channel: "workflow:a b" }, watcher());
    expect(sockets.made.map(({ url }) => url)).toEqual(["ws://tacho.example/ws/analytics"]);
    expect(sockets.last.said).toEqual([]);
    sockets.last.opens();
    expect(sockets.last.said).toEqual([
      { type: "subscribe", id: "1", channel: "executions" },
      { type: "subscribe", id: "2", channel: "query", interval: "30s", query: COUNT },
      { type: "subscribe", id: "3", channel: "workflow:a b" },
    ]);
    expect(states.map(({ kind }) => kind)).toEqual(["connecting", "open"]);
    connection.subscribe({ channel: "metrics" }, watcher());
    expect(sockets.last.said.at(-1)).toEqual({ type: "subscribe", id: "4", channel: "metrics" });
  });

  it("finds the address under that of the server", () => {
    const { connection, sockets } = live({ url: "https://tacho.example:8443/behind/" });
    connection.subscribe({ channel: "executions" }, watcher());
    expect(sockets.last.url).toBe("wss://tacho.example:8443/behind/ws/analytics");
  });

  it("tells everyone what they watch, and when the last frame came", () => {
    const { connection, sockets } = live();
    const [all, one, counts] = [watcher(), watcher(), watcher()];
    connection.subscribe({ channel: "executions" }, all);
    connection.subscribe({ channel: "workflow:w" }, one);
    connection.subscribe({ channel: "metrics", interval: "1s" }, counts);
    sockets.last.opens();
    sockets.last.accepts("executions", "workflow:w", "metrics:1s");
    expect(connection.lastFrameAt).toBeNull();
    sockets.last.tells(executionsFrame(1, { is_snapshot: true }));
    sockets.last.tells(executionsFrame(5, { is_snapshot: true, topic: "workflow:w" }));
    sockets.last.tells(metricsFrame(9, { is_snapshot: true }));
    sockets.last.tells(executionsFrame(3, { is_snapshot: true, topic: "workflow:not-watched" }));
    expect([all.seqs, one.seqs, counts.seqs]).toEqual([[1], [5], [9]]);
    expect(connection.lastFrameAt).toBe(Date.parse("2026-11-23T12:00:00Z"));
  });

  it("asks once for what many watch", () => {
    const { connection, sockets } = live();
    connection.subscribe({ channel: "metrics" }, watcher());
    connection.subscribe({ channel: "metrics", interval: "5s" }, watcher());
    connection.subscribe({ channel: "query", query: COUNT }, watcher());
    const turned = { time: { last: "1h" }, measures: ["count"], source: "executions" };
    connection.subscribe({ channel: "query", query: turned }, watcher());
    sockets.last.opens();
    expect(sockets.last.said).toHaveLength(2);
  });

  it("tells the same handlers as often as they are given", () => {
    const { connection, sockets } = live();
    const twice = watcher();
    const leave = connection.subscribe({ channel: "executions" }, twice);
    connection.subscribe({ channel: "executions" }, twice);
    sockets.last.opens();
    sockets.last.accepts();
    leave();
    sockets.last.tells(executionsFrame(1, { is_snapshot: true }));
    expect(twice.seqs).toEqual([1]);
  });
});

describe("who comes later", () => {
  it("is told at once everything that runs, without asking the server", async () => {
    const { connection, sockets } = live();
    connection.subscribe({ channel: "executions" }, watcher());
    sockets.last.opens();
    sockets.last.accepts();
    const events = [event(1)];
    sockets.last.tells(executionsFrame(4, { is_snapshot: true, running: 1, executions: [execution("a")], events }));
    sockets.last.tells(executionsFrame(5, { running: 2, executions: [execution("b")], events: [event(2)] }));
    const late = watcher();
    const order: string[] = [];
    connection.subscribe({ channel: "executions" }, { onFrame: () => void order.push("told") });
    order.push("subscribed");
    connection.subscribe({ channel: "executions" }, late);
    await pass(0);
    expect(order).toEqual(["subscribed", "told"]);
    expect(late.frames).toMatchObject([{ seq: 5, is_snapshot: true, running: 2, ended: [] }]);
    const [frame] = late.frames as Extract<Frame, { type: "executions" }>[];
    expect(frame?.executions.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(frame?.events.map(({ lsn }) => lsn)).toEqual([1, 2]);
    sockets.last.tells(executionsFrame(6));
    expect(late.seqs).toEqual([5, 6]);
    expect(sockets.last.of("subscribe")).toHaveLength(1);
  });

  it("is told the last answer", async () => {
    const { connection, sockets } = live();
    connection.subscribe({ channel: "query", query: COUNT }, watcher());
    sockets.last.opens();
    sockets.last.accepts("query:5s:0a");
    sockets.last.tells(queryFrame(3));
    const late = watcher();
    connection.subscribe({ channel: "query", query: COUNT }, late);
    await pass(0);
    expect(late.seqs).toEqual([3]);
  });

  it("gets the series of metrics from the server, while the others go on", async () => {
    const { connection, sockets } = live();
    const early = watcher();
    connection.subscribe({ channel: "metrics", interval: "1s" }, early);
    sockets.last.opens();
    sockets.last.accepts("metrics:1s");
    sockets.last.tells(metricsFrame(3, { is_snapshot: true }));
    const late = watcher();
    connection.subscribe({ channel: "metrics", interval: "1s" }, late);
    expect(sockets.last.of("subscribe")).toHaveLength(2);
    await pass(0);
    sockets.last.tells(metricsFrame(4));
    sockets.last.tells(metricsFrame(4, { is_snapshot: true }));
    expect([early.seqs, late.seqs]).toEqual([
      [3, 4, 4],
      [3, 4, 4],
    ]);
  });

  it("is told nothing after leaving", async () => {
    const { connection, sockets } = live();
    connection.subscribe({ channel: "executions" }, watcher());
    sockets.last.opens();
    sockets.last.accepts();
    sockets.last.tells(executionsFrame(1, { is_snapshot: true }));
    const late = watcher();
    connection.subscribe({ channel: "executions" }, late)();
    await pass(0);
    sockets.last.tells(executionsFrame(2));
    expect(late.frames).toEqual([]);
  });
});

describe("leaving", () => {
  it("ends at the server a little later, and the connection with the last", async () => {
    const { connection, sockets } = live();
    const leave = connection.subscribe({ channel: "executions" }, watcher());
    const leaveOther = connection.subscribe({ channel: "metrics", interval: "1s" }, watcher());
    sockets.last.opens();
    sockets.last.accepts("executions", "metrics:1s");
    leave();
    leave();
    await pass(2_900);
    expect(sockets.last.of("unsubscribe")).toEqual([]);
    await pass(200);
    expect(sockets.last.of("unsubscribe")).toEqual([{ type: "unsubscribe", topic: "executions" }]);
    leaveOther();
    await pass(3_000);
    expect([sockets.last.closedWith, connection.state.kind]).toEqual([1000, "closed"]);
    await pass(120_000);
    expect(sockets.made).toHaveLength(1);
  });

  it("is undone by coming back before", async () => {
    const { connection, sockets } = live();
    const leave = connection.subscribe({ channel: "executions" }, watcher());
    sockets.last.opens();
    sockets.last.accepts();
    sockets.last.tells(executionsFrame(1, { is_snapshot: true }));
    leave();
    await pass(2_000);
    const back = watcher();
    connection.subscribe({ channel: "executions" }, back);
    await pass(10_000);
    expect(back.seqs).toEqual([1]);
    expect(sockets.last.said).toHaveLength(1);
    expect(connection.state.kind).toBe("open");
  });

  it("before there is a connection ends that as well", async () => {
    const { connection, sockets, states } = live();
    connection.subscribe({ channel: "executions" }, watcher())();
    sockets.last.opens();
    expect([sockets.last.said, sockets.last.closedWith]).toEqual([[], 1000]);
    expect(states.map(({ kind }) => kind)).toEqual(["connecting", "closed"]);
    await pass(10_000);
    expect(sockets.made).toHaveLength(1);
    expect(connection.state.kind).toBe("closed");
  });

  it("waits for the server's name of what it ends", async () => {
    const { connection, sockets } = live();
    connection.subscribe({ channel: "metrics" }, watcher());
    sockets.last.opens();
    sockets.last.accepts("metrics:5s");
    connection.subscribe({ channel: "query", query: COUNT }, watcher())();
    await pass(5_000);
    expect(sockets.last.of("unsubscribe")).toEqual([]);
    sockets.last.tells({ type: "subscribed", id: "2", topic: "query:5s:0a" });
    expect(sockets.last.of("unsubscribe")).toEqual([{ type: "unsubscribe", topic: "query:5s:0a" }]);
  });

  it("by close() ends everything at once; another subscription connects anew", async () => {
    const { connection, sockets, states } = live();
    const gone = watcher();
    connection.subscribe({ channel: "executions" }, gone);
    sockets.last.opens();
    sockets.last.accepts();
    const [first] = sockets.made;
    connection.close();
    connection.close();
    expect(first?.closedWith).toBe(1000);
    expect(states.map(({ kind }) => kind)).toEqual(["connecting", "open", "closed"]);
    connection.subscribe({ channel: "executions" }, watcher());
    expect(sockets.made).toHaveLength(2);
    sockets.last.opens();
    sockets.last.accepts();
    sockets.last.tells(executionsFrame(1, { is_snapshot: true }));
    expect(gone.frames).toEqual([]);
  });
});

describe("what can't be had", () => {
  it("is told, and asked for again later and later", async () => {
    const { connection, sockets } = live();
    const told = watcher();
    connection.subscribe({ channel: "executions" }, told);
    sockets.last.opens();
    const refuse = () =>
      sockets.last.tells({ type: "error", id: "1", code: "too_many_topics", detail: "Later.", pointer: null });
    refuse();
    expect(told.problems).toEqual(["too_many_topics"]);
    await pass(4_900);
    expect(sockets.last.of("subscribe")).toHaveLength(1);
    await pass(200);
    expect(sockets.last.of("subscribe")).toHaveLength(2);
    refuse();
    await pass(9_900);
    expect(sockets.last.of("subscribe")).toHaveLength(2);
    await pass(200);
    sockets.last.accepts();
    sockets.last.tells(executionsFrame(1, { is_snapshot: true }));
    expect(told.seqs).toEqual([1]);
  });

  it("is not asked for again where the question is wrong, until somebody else asks it", async () => {
    const { connection, sockets } = live();
    const [first, second] = [watcher(), watcher()];
    connection.subscribe({ channel: "query", query: { source: "nothing" } }, first);
    sockets.last.opens();
    const refuse = () =>
      sockets.last.tells({ type: "error", id: "1", code: "invalid_value", detail: "No.", pointer: "/source" });
    refuse();
    await pass(20_000);
    expect(sockets.last.of("subscribe")).toHaveLength(1);
    connection.subscribe({ channel: "query", query: { source: "nothing" } }, second);
    refuse();
    expect([first.problems.length, second.problems]).toEqual([2, ["invalid_value"]]);
  });
});

describe("what watchers do wrong", () => {
  it("is told to themselves, and harms nobody else", () => {
    const { connection, sockets } = live();
    const problems: string[] = [];
    const fails = () => {
      throw new Error("my own fault");
    };
    connection.onState(fails);
    connection.subscribe({ channel: "executions" }, { onFrame: fails, onProblem: fails });
    connection.subscribe(
      { channel: "executions" },
      { onFrame: fails, onProblem: ({ code, detail }) => void problems.push(code, detail) },
    );
    const well = watcher();
    connection.subscribe({ channel: "executions" }, well);
    sockets.last.opens();
    sockets.last.accepts();
    sockets.last.tells(executionsFrame(1, { is_snapshot: true }));
    sockets.last.tells(executionsFrame(2));
    expect(well.seqs).toEqual([1, 2]);
    expect(problems.slice(0, 2)).toEqual(["handler_failed", "my own fault"]);
    expect(connection.state.kind).toBe("open");
  });

  it("may be to leave or to come while frames are told", () => {
    const { connection, sockets } = live();
    const other = watcher();
    const seen: number[] = [];
    const leave = connection.subscribe(
      { channel: "executions" },
      {
        onFrame: ({ seq }) => {
          seen.push(seq);
          leave();
          connection.subscribe({ channel: "metrics" }, other);
        },
      },
    );
    connection.subscribe({ channel: "executions" }, other);
    sockets.last.opens();
    sockets.last.accepts();
    sockets.last.tells(executionsFrame(1, { is_snapshot: true }));
    sockets.last.tells(executionsFrame(2));
    expect([seen, other.seqs]).toEqual([[1], [1, 2]]);
  });
});
