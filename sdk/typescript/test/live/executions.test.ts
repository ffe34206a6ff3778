import { describe, expect, it } from "vitest";
import { LiveExecutions } from "../../src/live/index.ts";
import { event, execution, executionsFrame } from "./frames.ts";

const { apply, empty, key } = LiveExecutions;

const first = apply(
  empty,
  executionsFrame(7, {
    is_snapshot: true,
    running: 2,
    queued: 1,
    executions: [
      execution("a", { started_at: "2026-11-23T12:00:00.5Z" }),
      execution("b", { started_at: "2026-11-23T12:00:00Z" }),
      execution("c", { status: "queued", started_at: null, queued_at: "2026-11-23T12:00:01Z" }),
    ],
    events: [event(5), event(6)],
  }),
);

describe("executions put together", () => {
  it("begin with a snapshot, those that began last first", () => {
    expect(first).toMatchObject({ running: 2, queued: 1, asOfLsn: 7, epoch: 1, seq: 7 });
    expect(first.sorted.map(({ id }) => id)).toEqual(["c", "a", "b"]);
    expect(first.executions.get(key({ id: "b", attempt: 1 }))?.workflow_name).toBe("Invoices");
    expect(empty.sorted).toEqual([]);
  });

  it("follow changes; what stays as it was keeps its identity", () => {
    const next = apply(
      first,
      executionsFrame(8, {
        running: 2,
        executions: [execution("b", { steps_completed: 1, started_at: "2026-11-23T12:00:00Z" }), execution("c")],
        ended: [{ id: "a", attempt: 1 }],
        events: [event(7)],
      }),
    );
    expect(next.sorted.map(({ id, steps_completed }) => [id, steps_completed])).toEqual([
      ["b", 1],
      ["c", 0],
    ]);
    expect(first.sorted).toHaveLength(3);
    const only = apply(next, executionsFrame(9, { executions: [execution("d")] }));
    for (const id of ["b", "c"]) {
      expect(only.executions.get(key({ id, attempt: 1 }))).toBe(next.executions.get(key({ id, attempt: 1 })));
    }
    expect(only.events).toBe(next.events);
  });

  it("tell the tries of an execution apart", () => {
    const next = apply(
      first,
      executionsFrame(8, { executions: [execution("a", { attempt: 2 })], ended: [{ id: "a", attempt: 1 }] }),
    );
    expect(next.sorted.filter(({ id }) => id === "a").map(({ attempt }) => attempt)).toEqual([2]);
  });

  it("begin anew with another snapshot, and keep the identity of what it repeats", () => {
    const same = executionsFrame(20, { is_snapshot: true, running: 2, queued: 1, events: [event(6), event(19)] });
    const next = apply(first, { ...same, executions: first.sorted.map((row) => ({ ...row })) });
    expect(next.executions).toBe(first.executions);
    expect(next.sorted).toBe(first.sorted);
    expect(next.events.map(({ lsn }) => lsn)).toEqual([6, 19]);
    expect(next.events[0]).toBe(first.events[1]);
    expect(apply(next, executionsFrame(21, { is_snapshot: true })).sorted).toEqual([]);
  });

  it("have each event once, and the last 500", () => {
    const again = apply(first, executionsFrame(8, { events: [event(6), event(7)] }));
    expect(again.events.map(({ lsn }) => lsn)).toEqual([5, 6, 7]);
    const same = apply(first, executionsFrame(8, { events: [event(6, { execution_id: "other" })] }));
    expect(same.events).toHaveLength(3);
    const many = Array.from({ length: 600 }, (_, place) => event(place + 8));
    const full = apply(first, executionsFrame(8, { events: many }));
    expect([full.events.length, full.events[0]?.lsn, full.events.at(-1)?.lsn]).toEqual([500, 108, 607]);
  });

  it("are no more than 2,000, those that began last", () => {
    const at = (minute: number) => new Date(Date.UTC(2026, 10, 23, 0, minute)).toISOString();
    const many = Array.from({ length: 2_100 }, (_, place) => execution(`m-${place}`, { started_at: at(place) }));
    const full = apply(empty, executionsFrame(1, { is_snapshot: true, running: 2_100, executions: many }));
    expect([full.sorted.length, full.executions.size, full.running]).toEqual([2_000, 2_000, 2_100]);
    expect([full.sorted[0]?.id, full.sorted.at(-1)?.id]).toEqual(["m-2099", "m-100"]);
  });

  it("have the detections of the last frame that names them", () => {
    const detection = {
      id: "d-1",
      kind: "stuck" as const,
      workflow_id: "invoices",
      workflow_name: null,
      execution_id: "a",
      attempt: 1,
      since: "2026-11-23T12:00:00Z",
      detected_at: "2026-11-23T12:05:00Z",
      ended_at: null,
      measured: 300_000,
      limit: 60_000,
      reason: "It takes longer than 99 of 100 runs before.",
    };
    const found = apply(first, executionsFrame(8, { detections: [detection] }));
    expect(apply(found, executionsFrame(9)).detections).toBe(found.detections);
    expect(apply(found, executionsFrame(9, { detections: [{ ...detection }] })).detections).toBe(found.detections);
    const later = apply(found, executionsFrame(9, { detections: [{ ...detection, measured: 310_000 }] }));
    expect(later.detections.map(({ measured }) => measured)).toEqual([310_000]);
    expect(apply(found, executionsFrame(9, { detections: [] })).detections).toEqual([]);
    expect(apply(found, executionsFrame(9, { is_snapshot: true })).detections).toEqual([]);
  });
});
