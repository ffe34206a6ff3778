import { describe, expect, it } from "vitest";
import type { ExecutionFilter } from "../../api/requests.ts";
import type { Execution } from "../../api/types.ts";
import { nextExecution, previousExecution } from "./neighbours.ts";

const run = { id: "e", attempt: 1, workflow_id: "w", event_time: "2026-11-01T00:00:00Z" };
const now = new Date("2026-11-22T12:00:00Z");

/** A server with one execution at each of these hours after the run, and the run itself. */
function server(hours: number[], pageMax = 200) {
  const asked: ExecutionFilter[] = [];
  const at = (hour: number) => new Date(Date.parse(run.event_time) + hour * 3_600_000).toISOString();
  const all = [run, ...hours.map((hour) => ({ id: `e${hour}`, attempt: 1, event_time: at(hour) }))] as Execution[];
  const list = async (filter: ExecutionFilter) => {
    asked.push(filter);
    const within = all
      .filter(({ event_time }) => !filter.from || Date.parse(event_time) >= Date.parse(filter.from))
      .filter(({ event_time }) => !filter.to || Date.parse(event_time) < Date.parse(filter.to))
      .sort((a, b) => Date.parse(b.event_time) - Date.parse(a.event_time));
    const limit = Math.min(filter.limit ?? 50, pageMax);
    return { executions: within.slice(0, limit), next_cursor: within.length > limit ? "more" : null };
  };
  return { asked, list };
}

describe("nextExecution", () => {
  it("is the nearest, however many come after it", async () => {
    const { list } = server([1, 2, 3, 200]);
    expect((await nextExecution(run, now, undefined, list))?.id).toBe("e1");
  });
  it("looks further while there is none", async () => {
    const { list, asked } = server([100]);
    expect((await nextExecution(run, now, undefined, list))?.id).toBe("e100");
    expect(asked).toHaveLength(3);
  });
  it("looks closer where a page does not hold all", async () => {
    const { list } = server([0.1, 0.2, 1, 2, 3, 4], 3);
    expect((await nextExecution(run, now, undefined, list))?.id).toBe("e0.1");
  });
  it("is none where nothing came since", async () => {
    const { list, asked } = server([]);
    expect(await nextExecution(run, now, undefined, list)).toBeNull();
    expect(asked.length).toBeLessThan(6);
    expect(await nextExecution({ ...run, workflow_id: null }, now, undefined, list)).toBeNull();
  });
});

it("the one before is the last before the run's own moment", async () => {
  const { list, asked } = server([-5, -2, 1]);
  expect((await previousExecution(run, undefined, list))?.id).toBe("e-2");
  expect(asked[0]).toMatchObject({ workflow_id: "w", limit: 1 });
});
