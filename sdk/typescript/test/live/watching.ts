/** A connection over sockets whose other end is the test, and a clock that it moves. */
import { afterEach, beforeEach, vi } from "vitest";
import { type ConnectionState, type Frame, LiveConnection, type LiveOptions } from "../../src/live/index.ts";
import { fakeSockets } from "./sockets.ts";

/** What a watcher was told. */
export function watcher() {
  const frames: Frame[] = [];
  const problems: string[] = [];
  return {
    frames,
    problems,
    onFrame: (frame: Frame) => void frames.push(frame),
    onProblem: ({ code }: { code: string }) => void problems.push(code),
    get seqs() {
      return frames.map(({ seq }) => seq);
    },
  };
}

const open: LiveConnection[] = [];

export function useFakeClock(): void {
  beforeEach(() => void vi.useFakeTimers({ now: new Date("2026-11-23T12:00:00Z") }));
  afterEach(() => {
    for (const connection of open.splice(0)) connection.close();
    vi.useRealTimers();
  });
}

export function live(options: Partial<LiveOptions> = {}) {
  const sockets = fakeSockets();
  const states: ConnectionState[] = [];
  const chance = { value: 1 };
  const connection = new LiveConnection({
    url: "http://tacho.example",
    webSocket: sockets.webSocket,
    random: () => chance.value,
    ...options,
  });
  connection.onState((state) => states.push(state));
  open.push(connection);
  return { connection, sockets, chance, states };
}

export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
