/** A server in small: one topic of executions, as `docs/LIVE.md` has it. */
import type { ActiveExecution, ExecutionEvent, ExecutionsFrame } from "../../src/live/frames.ts";
import type { ClientMessage, Position } from "../../src/live/messages.ts";
import { event, execution, executionsFrame } from "./frames.ts";
import type { FakeSocket } from "./sockets.ts";

const KEPT_MAX = 64;
const EVENTS_OF_SNAPSHOT = 100;

/** Whole numbers below a bound, the same for the same seed (mulberry32). */
export function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export class ServerModel {
  readonly active = new Map<string, ActiveExecution>();
  readonly events: ExecutionEvent[] = [];
  /** Snapshots that were sent. */
  snapshots = 0;
  lsn = 0;
  readonly #roll: (below: number) => number;
  #epoch = 1;
  #seq = 0;
  #kept: ExecutionsFrame[] = [];
  #socket: FakeSocket | null = null;
  /** Whether the socket has subscribed. */
  #isWatched = false;

  constructor(roll: (below: number) => number) {
    this.#roll = roll;
  }

  get running(): number {
    return this.active.size;
  }

  /** Serves a connection that the client has begun. */
  serve(socket: FakeSocket): void {
    this.#socket = socket;
    this.#isWatched = false;
    socket.onSaid = (message) => this.#hear(socket, message);
    socket.opens();
  }

  /** Ends the connection. */
  lose(code: number): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.ends(code);
  }

  /** Begins anew with what it has: another epoch, and no frames of before. */
  restart(): void {
    this.lose(1001);
    this.#epoch += 1;
    this.#seq = 1;
    this.#kept = [];
  }

  /** Something happens; those who watch are told, unless the frame is lost on the way. */
  change(isLost: boolean): void {
    const changed = new Map<string, ActiveExecution>();
    const ended = new Map<string, ActiveExecution>();
    const events: ExecutionEvent[] = [];
    for (let count = 1 + this.#roll(3); count > 0; count -= 1) {
      this.lsn += 1;
      const ids = [...this.active.keys()];
      const known = this.active.get(ids[this.#roll(ids.length + 3)] ?? "");
      if (known === undefined) {
        const row = execution(`e-${this.lsn}`, { lsn: this.lsn });
        this.active.set(row.id, row);
        changed.set(row.id, row);
        events.push(event(this.lsn, { execution_id: row.id }));
      } else if (this.#roll(2) === 0) {
        const row = { ...known, lsn: this.lsn, steps_completed: (known.steps_completed ?? 0) + 1 };
        this.active.set(row.id, row);
        changed.set(row.id, row);
        events.push(event(this.lsn, { kind: "progressed", execution_id: row.id }));
      } else {
        this.active.delete(known.id);
        changed.delete(known.id);
        ended.set(known.id, known);
        events.push(event(this.lsn, { kind: "succeeded", execution_id: known.id }));
      }
    }
    this.events.push(...events);
    this.#seq += 1;
    const frame = this.#frame({
      executions: [...changed.values()],
      ended: [...ended.values()].map(({ id, attempt }) => ({ id, attempt })),
      events,
    });
    this.#kept = [...this.#kept, frame].slice(-KEPT_MAX);
    if (!isLost && this.#isWatched) this.#socket?.tells(frame);
  }

  #frame(more: Partial<ExecutionsFrame>): ExecutionsFrame {
    return executionsFrame(this.#seq, { epoch: this.#epoch, as_of_lsn: this.lsn, running: this.running, ...more });
  }

  #hear(socket: FakeSocket, message: ClientMessage): void {
    if (message.type === "ping") socket.tells({ type: "pong" });
    if (message.type !== "subscribe") return;
    this.#isWatched = true;
    socket.tells({ type: "subscribed", id: message.id, topic: "executions" });
    for (const frame of this.#after(message.resume)) socket.tells(frame);
  }

  #after(has: Position | undefined): ExecutionsFrame[] {
    if (has?.epoch === this.#epoch && has.seq === this.#seq) return [];
    const missed = this.#kept.filter(({ epoch, seq }) => epoch === has?.epoch && seq > has.seq);
    if (missed[0]?.seq === (has?.seq ?? Number.NaN) + 1) return missed;
    this.snapshots += 1;
    const executions = [...this.active.values()];
    return [this.#frame({ is_snapshot: true, executions, events: this.events.slice(-EVENTS_OF_SNAPSHOT) })];
  }
}
