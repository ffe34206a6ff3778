/** Whatever happens to the connection: in the end, the state is the server's. */
import { describe, expect, it, vi } from "vitest";
import { LiveExecutions } from "../../src/live/index.ts";
import { dice, ServerModel } from "./model.ts";
import { live, pass, useFakeClock } from "./watching.ts";

useFakeClock();

const SEEDS = 60;
const STEPS = 150;

/** Lets one connection live through a hundred and fifty accidents, and compares. */
async function livesThrough(seed: number) {
  const roll = dice(seed);
  const server = new ServerModel(roll);
  const { connection, sockets } = live({ random: () => roll(1000) / 1000 });
  let state = LiveExecutions.empty;
  connection.subscribe(
    { channel: "executions" },
    {
      onFrame: (frame) => {
        if (frame.type === "executions") state = LiveExecutions.apply(state, frame);
      },
    },
  );
  let served = 0;
  const serve = () => {
    if (sockets.made.length === served) return;
    served = sockets.made.length;
    server.serve(sockets.last);
  };
  const holds = () => {
    expect([...state.executions.values()].map(({ id }) => id).sort()).toEqual([...server.active.keys()].sort());
    for (const row of state.sorted) expect(row).toEqual(server.active.get(row.id));
    expect([state.running, state.asOfLsn]).toEqual([server.running, server.lsn]);
    // The last that happened, without a hole and none twice.
    expect(state.events).toEqual(server.events.slice(-state.events.length));
  };
  let lost = 0;
  for (let step = 0; step < STEPS; step += 1) {
    const what = roll(100);
    if (what < 60) server.change(false);
    else if (what < 63) {
      server.change(true);
      lost += 1;
    } else if (what < 70) server.lose([1006, 1001, 1011][roll(3)] ?? 1006);
    else if (what < 72) server.restart();
    else if (what < 75) for (let count = roll(100); count > 0; count -= 1) server.change(false);
    else if (what < 80) await pass(roll(120_000));
    else await pass(roll(2_000));
    if (roll(3) > 0) serve();
  }
  for (let waited = 0; connection.state.kind !== "open" && waited < 60; waited += 1) {
    await pass(1_000);
    serve();
  }
  // Whoever has missed the last frame learns it with the next.
  server.change(false);
  holds();
  server.change(false);
  holds();
  connection.close();
  expect(vi.getTimerCount()).toBe(0);
  return { lost, served, snapshots: server.snapshots };
}

describe("a connection that is lost, restarted, and loses frames", () => {
  it(`has the server's state in the end, for ${SEEDS} seeds`, async () => {
    const all = { lost: 0, served: 0, snapshots: 0 };
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { lost, served, snapshots } = await livesThrough(seed).catch((cause: unknown) => {
        throw new Error(`seed ${seed}`, { cause });
      });
      all.lost += lost;
      all.served += served;
      all.snapshots += snapshots;
    }
    // Both ways back were taken: what was missed, and everything anew.
    expect(all.lost).toBeGreaterThan(SEEDS);
    expect(all.served).toBeGreaterThan(3 * SEEDS);
    expect(all.snapshots).toBeGreaterThan(SEEDS);
    expect(all.snapshots).toBeLessThan(all.served + all.lost);
  });
});
