/** How a connection is made, kept, lost and found again. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { LiveConnection } from "../../src/live/index.ts";
import { executionsFrame, metricsFrame } from "./frames.ts";
import { live, pass, useFakeClock, watcher } from "./watching.ts";

useFakeClock();
afterEach(() => void vi.unstubAllGlobals());

/** A connection that watches executions, opened. */
function opened(options: Parameters<typeof live>[0] = {}) {
  const made = live(options);
  const told = watcher();
  made.connection.subscribe({ channel: "executions" }, told);
  made.sockets.last.opens();
  made.sockets.last.accepts();
  made.sockets.last.tells(executionsFrame(1, { is_snapshot: true }));
  return Object.assign(made, { told });
}

describe("saying who one is", () => {
  it("comes first; nothing else before the server has agreed", () => {
    const { connection, sockets } = live({ token: "tacho_1" });
    connection.subscribe({ channel: "executions" }, watcher());
    sockets.last.opens();
    expect(sockets.last.said).toEqual([{ type: "auth", token: "tacho_1" }]);
    expect(connection.state.kind).toBe("connecting");
    connection.subscribe({ channel: "metrics" }, watcher());
    expect(sockets.last.said).toHaveLength(1);
    sockets.last.tells({ type: "ready", organization: "Acme" });
    expect(sockets.last.of("subscribe")).toHaveLength(2);
    expect(connection.state.kind).toBe("open");
  });

  it("is asked anew for each connection", async () => {
    const tokens = ["tacho_1", "tacho_2"];
    const { connection, sockets } = live({ token: () => tokens.shift() ?? expect.fail("asked too often") });
    connection.subscribe({ channel: "executions" }, watcher());
    sockets.last.opens();
    sockets.last.ends(1006);
    await pass(1_000);
    sockets.last.opens();
    expect(sockets.made.map(({ said }) => said)).toEqual([
      [{ type: "auth", token: "tacho_1" }],
      [{ type: "auth", token: "tacho_2" }],
    ]);
  });

  it("can fail here, and is tried again", async () => {
    let fails = true;
    const token = () => {
      if (fails) throw new Error("locked");
      return "tacho_1";
    };
    const { connection, sockets } = live({ token });
    connection.subscribe({ channel: "executions" }, watcher());
    expect(connection.state).toMatchObject({ kind: "waiting", reason: "locked" });
    fails = false;
    await pass(1_000);
    expect(sockets.made).toHaveLength(1);
  });

  it("can be refused, also where the request had a session", async () => {
    for (const refuse of ["closes", "answers"]) {
      const { connection, sockets } = live({ token: "tacho_old" });
      connection.subscribe({ channel: "executions" }, watcher());
      sockets.last.opens();
      if (refuse === "closes") sockets.last.ends(1008, "the credential is unknown, revoked, or may not read");
      else sockets.last.tells({ type: "error", code: "signed_in_already", detail: "It has a credential." });
      expect(connection.state.kind).toBe("refused");
      await pass(600_000);
      expect(sockets.made).toHaveLength(1);
    }
  });
});

describe("coming back", () => {
  it("goes on after the frame that came last, but begins metrics anew", async () => {
    const { connection, sockets, told } = opened();
    connection.subscribe({ channel: "metrics", interval: "1s" }, watcher());
    sockets.last.accepts("executions", "metrics:1s");
    sockets.last.tells(metricsFrame(4, { is_snapshot: true }));
    sockets.last.tells(executionsFrame(2, { epoch: 1 }));
    sockets.last.ends(1006);
    expect(connection.state).toMatchObject({ kind: "waiting", attempt: 1, until: Date.now() + 1_000 });
    await pass(1_000);
    sockets.last.opens();
    expect(sockets.last.said).toEqual([
      { type: "subscribe", id: "1", channel: "executions", resume: { epoch: 1, seq: 2 } },
      { type: "subscribe", id: "2", channel: "metrics", interval: "1s" },
    ]);
    sockets.last.accepts("executions", "metrics:1s");
    sockets.last.tells(executionsFrame(3));
    expect(told.seqs).toEqual([1, 2, 3]);
  });

  it("takes a snapshot of a server that began anew", async () => {
    const { sockets, told } = opened();
    sockets.last.ends(1001);
    await pass(1_000);
    sockets.last.opens();
    sockets.last.accepts();
    sockets.last.tells(executionsFrame(1, { epoch: 2, is_snapshot: true }));
    sockets.last.tells(executionsFrame(2, { epoch: 2 }));
    expect(told.frames.map(({ epoch, seq }) => [epoch, seq])).toEqual([
      [1, 1],
      [2, 1],
      [2, 2],
    ]);
  });

  it("waits longer each time, by chance", async () => {
    const { connection, sockets, chance } = live();
    connection.subscribe({ channel: "executions" }, watcher());
    for (const [attempt, wait] of [1, 2, 4, 8, 16, 30, 30].entries()) {
      sockets.last.ends(1006);
      expect(connection.state).toMatchObject({ attempt: attempt + 1, until: Date.now() + wait * 1_000 });
      await pass(wait * 1_000 - 1);
      expect(sockets.made).toHaveLength(attempt + 1);
      await pass(1);
      expect(sockets.made).toHaveLength(attempt + 2);
    }
    chance.value = 0.25;
    sockets.last.ends(1006);
    expect(connection.state).toMatchObject({ until: Date.now() + 7_500 });
  });

  it("begins again with a second only after a connection that lived ten", async () => {
    const { connection, sockets } = live();
    connection.subscribe({ channel: "executions" }, watcher());
    for (const [lives, attempt] of [
      [9_999, 1],
      [9_999, 2],
      [10_000, 1],
      [0, 2],
    ] as const) {
      sockets.last.opens();
      await pass(lives);
      sockets.last.ends(1006);
      expect(connection.state).toMatchObject({ attempt });
      await pass(attempt * 1_000);
    }
  });

  it("is quick where a server stops that has served, but does not run into one that only stops", async () => {
    const { connection, sockets } = live();
    connection.subscribe({ channel: "executions" }, watcher());
    sockets.last.ends(1006);
    await pass(1_000);
    sockets.last.opens();
    sockets.last.ends(1001, "the server stops; connect again");
    expect(connection.state).toMatchObject({ attempt: 2, reason: "the server stops; connect again" });
    await pass(2_000);
    sockets.last.opens();
    sockets.last.accepts();
    sockets.last.tells(executionsFrame(1, { is_snapshot: true }));
    sockets.last.ends(1001);
    expect(connection.state).toMatchObject({ attempt: 1, until: Date.now() + 1_000 });
  });

  it("does not happen where rights are missing, until it is asked for", async () => {
    const { connection, sockets, states } = opened();
    sockets.last.ends(1008, "the credential does not hold any more");
    expect(connection.state).toEqual({ kind: "refused", reason: "the credential does not hold any more" });
    connection.subscribe({ channel: "metrics" }, watcher());
    await pass(600_000);
    expect(sockets.made).toHaveLength(1);
    connection.retryNow();
    expect([sockets.made.length, connection.state.kind]).toEqual([2, "connecting"]);
    connection.retryNow();
    expect(sockets.made).toHaveLength(2);
    expect(states.map(({ kind }) => kind)).toEqual(["connecting", "open", "refused", "connecting"]);
  });

  it("happens where the server gave up a silent computer, or rights have changed", async () => {
    for (const reason of ["no answer to two pings", "what you may see has changed; connect again"]) {
      const { connection, sockets } = opened();
      sockets.last.ends(1008, reason);
      expect(connection.state).toMatchObject({ kind: "waiting", reason });
      await pass(1_000);
      expect(sockets.made).toHaveLength(2);
    }
  });

  it("takes longer where there are too many", async () => {
    const { connection, sockets, chance } = opened();
    chance.value = 0.5;
    sockets.last.ends(1013, "too many live connections");
    expect(connection.state).toMatchObject({ kind: "waiting", until: Date.now() + 45_000 });
  });

  it("can be hurried", async () => {
    const { connection, sockets } = opened();
    sockets.last.ends(1006);
    connection.retryNow();
    expect(sockets.made).toHaveLength(2);
    await pass(5_000);
    expect(sockets.made).toHaveLength(2);
  });

  it("forgets what was left meanwhile", async () => {
    const { connection, sockets } = opened();
    const leave = connection.subscribe({ channel: "metrics" }, watcher());
    leave();
    sockets.last.ends(1006);
    await pass(1_000);
    sockets.last.opens();
    expect(sockets.last.of("subscribe").map(({ channel }) => channel)).toEqual(["executions"]);
    connection.subscribe({ channel: "metrics" }, watcher());
    expect(sockets.last.of("subscribe").map(({ channel }) => channel)).toEqual(["executions", "metrics"]);
  });
});

describe("frames that are missing", () => {
  it("are noticed: everything is asked for anew, and nothing is told until it is there", () => {
    const { sockets, told } = opened();
    sockets.last.tells(executionsFrame(2));
    sockets.last.tells(executionsFrame(4));
    sockets.last.tells(executionsFrame(5));
    expect(sockets.last.of("subscribe")).toEqual([
      { type: "subscribe", id: "1", channel: "executions" },
      { type: "subscribe", id: "1", channel: "executions" },
    ]);
    expect(told.seqs).toEqual([1, 2]);
    sockets.last.tells(executionsFrame(5, { is_snapshot: true }));
    sockets.last.tells(executionsFrame(6));
    expect(told.seqs).toEqual([1, 2, 5, 6]);
  });

  it("are noticed where another topic has taken the place of the first", () => {
    const { sockets, told } = opened();
    sockets.last.tells(executionsFrame(2, { epoch: 9 }));
    expect(sockets.last.of("subscribe")).toHaveLength(2);
    expect(told.seqs).toEqual([1]);
  });

  it("are asked for once more where the server can't say everything just now", async () => {
    const { sockets, told } = opened();
    sockets.last.tells(executionsFrame(3));
    sockets.last.tells({ type: "error", id: "1", code: "rate_limited", detail: "Later." });
    sockets.last.tells(executionsFrame(4));
    expect([told.problems, told.seqs]).toEqual([["rate_limited"], [1]]);
    await pass(5_000);
    expect(sockets.last.of("subscribe")).toHaveLength(3);
  });

  it("are of no consequence where each says everything", () => {
    const { connection, sockets } = live();
    const told = watcher();
    connection.subscribe({ channel: "metrics", interval: "1s" }, told);
    sockets.last.opens();
    sockets.last.accepts("metrics:1s");
    for (const seq of [3, 7, 6, 8]) sockets.last.tells(metricsFrame(seq, { is_snapshot: seq === 3 }));
    expect(told.seqs).toEqual([3, 7, 8]);
    expect(sockets.last.of("subscribe")).toHaveLength(1);
  });

  it("are not those that come twice", () => {
    const { sockets, told } = opened();
    for (const seq of [2, 2, 1, 3]) sockets.last.tells(executionsFrame(seq));
    expect(told.seqs).toEqual([1, 2, 3]);
  });
});

describe("a connection that is silent", () => {
  it("is asked every 25 seconds, and given up ten seconds later", async () => {
    const { connection, sockets } = opened();
    await pass(25_000);
    expect(sockets.last.of("ping")).toHaveLength(1);
    sockets.last.tells({ type: "pong" });
    await pass(25_000);
    expect(sockets.last.of("ping")).toHaveLength(2);
    await pass(9_900);
    expect(connection.state.kind).toBe("open");
    await pass(100);
    expect(connection.state).toMatchObject({ kind: "waiting", reason: "the server does not answer" });
    const [given] = sockets.made;
    expect(given?.closedWith).toBe(1000);
    await pass(1_000);
    expect(sockets.made).toHaveLength(2);
  });

  it("lives as long as anything is heard", async () => {
    const { connection, sockets } = opened();
    for (let seq = 2; seq < 20; seq += 1) {
      await pass(9_000);
      sockets.last.tells(executionsFrame(seq));
    }
    expect([sockets.made.length, connection.state.kind]).toEqual([1, "open"]);
  });

  it("is given up at once when the computer has slept", async () => {
    const { connection } = opened();
    vi.setSystemTime(Date.now() + 3_600_000);
    await pass(25_000);
    expect(connection.state).toMatchObject({ kind: "waiting", reason: "nothing was heard for long" });
  });

  it("is given up where it never opens", async () => {
    const { connection, sockets } = live();
    connection.subscribe({ channel: "executions" }, watcher());
    await pass(10_000);
    expect(connection.state.kind).toBe("waiting");
    const [silent] = sockets.made;
    silent?.opens();
    expect([connection.state.kind, silent?.said]).toEqual(["waiting", []]);
  });
});

describe("in a browser", () => {
  function browser() {
    const window = new EventTarget();
    const document = Object.assign(new EventTarget(), { visibilityState: "hidden" });
    vi.stubGlobal("window", window);
    vi.stubGlobal("document", document);
    const look = (visibilityState: string) => {
      document.visibilityState = visibilityState;
      document.dispatchEvent(new Event("visibilitychange"));
    };
    return { window, look };
  }

  it("tries at once when it is online again, or looked at", () => {
    const { window, look } = browser();
    const { sockets } = opened();
    sockets.last.ends(1006);
    look("hidden");
    expect(sockets.made).toHaveLength(1);
    look("visible");
    expect(sockets.made).toHaveLength(2);
    sockets.last.ends(1006);
    window.dispatchEvent(new Event("online"));
    expect(sockets.made).toHaveLength(3);
  });

  it("looks whether an open connection still lives", async () => {
    const { window } = browser();
    const { connection, sockets } = opened();
    window.dispatchEvent(new Event("online"));
    window.dispatchEvent(new Event("online"));
    expect(sockets.last.of("ping")).toHaveLength(1);
    await pass(10_000);
    expect(connection.state.kind).toBe("waiting");
  });

  it("does not hurry where it was refused, or there are too many", () => {
    for (const code of [1008, 1013]) {
      const { look } = browser();
      const { sockets } = opened();
      sockets.last.ends(code);
      look("visible");
      expect(sockets.made).toHaveLength(1);
    }
  });

  it("leaves nothing behind when it is closed", () => {
    const { window } = browser();
    const { connection, sockets } = opened();
    connection.close();
    window.dispatchEvent(new Event("online"));
    expect(sockets.made).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("what is no message", () => {
  it.each(["", "{", "null", "[1]", '{"type":7}', '{"type":"of a later version"}', '{"topic":"executions"}'])(
    "such as %s is left out",
    (text) => {
      const { connection, sockets, told } = opened();
      sockets.last.tells(text);
      sockets.last.onmessage?.({ data: new ArrayBuffer(3) });
      sockets.last.tells(executionsFrame(2));
      expect([connection.state.kind, told.seqs]).toEqual(["open", [1, 2]]);
    },
  );
});

it("where no WebSocket can be made, that is the reason", async () => {
  const refusing = class {
    constructor() {
      throw new Error("insecure");
    }
  } as unknown as typeof WebSocket;
  const { connection } = live({ webSocket: refusing });
  connection.subscribe({ channel: "executions" }, watcher());
  await pass(0);
  expect(connection.state).toMatchObject({ kind: "waiting", reason: "insecure" });
});

it("says what to do where there is no WebSocket at all", () => {
  vi.stubGlobal("WebSocket", undefined);
  expect(() => new LiveConnection({ url: "http://tacho.example" })).toThrow(
    expect.objectContaining({ code: "no_web_socket" }),
  );
});
