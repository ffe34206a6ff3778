/** The panels of the Overview against one made-up answer each. */
import { describe, expect, it } from "vitest";
import { makeExecutions } from "../../mock/data.ts";
import { answerQuery } from "../../mock/query.ts";
import { TOKENS } from "../theme/tokens.ts";
import { firstRecordCommand } from "./first-record/data.ts";
import { type Frame, kpiQuery, shapeKpis, totalCount } from "./kpis/data.ts";
import { elapsedMs, rowsFilter, triggerWord, workflowTitle } from "./recent-executions/data.ts";
import { shapeStatuses, statusQuery } from "./status-distribution/data.ts";
import { shapeTrend, trendQuery } from "./trend/data.ts";

const now = Date.parse("2026-11-22T12:10:00Z");
const runs = makeExecutions(now, 20);
const frame: Frame = { time: { period: "week" }, granularity: "hour", timezone: "Europe/Berlin", filters: [] };

describe("key figures", () => {
  const answer = answerQuery(kpiQuery(frame, true), runs, now);
  it("are the totals of the answer, with its labels", () => {
    const kpis = shapeKpis(answer);
    expect(kpis.map(({ name }) => name)).toEqual(["count", "success_rate", "count_failed", "duration_avg"]);
    expect(kpis[0]?.value).toBe(totalCount(answer));
    expect(kpis[1]?.unit).toBe("percent");
    expect(kpis[0]?.spark).toHaveLength(answer.rows.length);
  });
  it("judge a rise in failures as bad, and of the total not at all", () => {
    const changed = structuredClone(answer);
    if (changed.comparison)
      changed.comparison.totals = changed.totals.map((each) => (typeof each === "number" ? each / 2 : each));
    const kpis = shapeKpis(changed);
    expect(kpis[2]?.change?.verdict).toBe("bad");
    expect(kpis[0]?.change?.verdict).toBe("neutral");
  });
  it("survive an answer without definition and direction", () => {
    const bare = structuredClone(answer);
    for (const column of bare.columns as { definition?: unknown; direction?: unknown }[]) {
      delete column.definition;
      delete column.direction;
    }
    expect(shapeKpis(bare)[2]?.change?.verdict).toBe("neutral");
    expect(shapeKpis(bare)[0]?.definition).toBeNull();
  });
  it("are not compared unless asked", () => expect(kpiQuery(frame, false)).not.toHaveProperty("compare"));
});

describe("trend", () => {
  const answer = answerQuery(trendQuery(frame), runs, now);
  const model = shapeTrend(answer, TOKENS.light, new Date(now));
  it("shows each status that occurs, in its own colour", () => {
    expect(model.series.map(({ name }) => name)).toContain("failed");
    for (const { name, color } of model.series) expect(color).toBe(TOKENS.light.status[name as "failed"]);
  });
  it("marks the buckets that the range cuts", () => {
    expect(model.partial.has(0)).toBe(true);
    expect(model.partial.has(model.starts.length - 1)).toBe(true);
    expect(model.partial.size).toBe(2);
  });
  it("closes each bucket where the next begins", () => {
    expect(model.ends.slice(0, -1)).toEqual(model.starts.slice(1));
    expect(Date.parse(model.ends.at(-1) ?? "") - Date.parse(model.starts.at(-1) ?? "")).toBe(3_600_000);
  });
  it("shades what is not known", () => {
    const gappy = structuredClone(answer);
    gappy.meta.gaps = [{ from: model.starts[3] ?? "", to: model.starts[5] ?? "", reason: "down" }];
    expect([...shapeTrend(gappy, TOKENS.light, new Date(now)).unknown.keys()]).toEqual([3, 4]);
  });
});

describe("statuses", () => {
  const shares = shapeStatuses(answerQuery(statusQuery(frame), runs, now));
  it("add up to all", () => {
    expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(100);
    expect(shares[0]?.status).toBe("success");
  });
  it("are asked for without buckets", () => expect(statusQuery(frame)).not.toHaveProperty("granularity"));
  it("are none where nothing ran", () => expect(shapeStatuses(answerQuery(statusQuery(frame), [], now))).toEqual([]));
});

describe("rows", () => {
  it("follow the range, and a narrower one where chosen", () => {
    expect(rowsFilter({})).toEqual({ limit: 25, period: "week" });
    expect(
      rowsFilter({ from: "a", to: "b", rows_from: "c", rows_to: "d", status: ["failed", "timeout"], q: "x" }),
    ).toEqual({
      limit: 25,
      from: "c",
      to: "d",
      status: "failed,timeout",
      search: "x",
    });
  });
  it("name what they can", () => {
    expect(workflowTitle({ workflow_name: null, workflow_id: "w" })).toBe("w");
    expect(workflowTitle({ workflow_name: null, workflow_id: null })).toBe("No workflow");
    expect(triggerWord("scheduled")).toBe("Schedule");
    expect(triggerWord("carrier_pigeon")).toBe("carrier_pigeon");
    expect(triggerWord(null)).toBe("–");
  });
  it("count on while a run is open", () => {
    const started_at = new Date(now - 5_000).toISOString();
    expect(elapsedMs({ duration_ms: null, status: "running", started_at }, new Date(now))).toBe(5_000);
    expect(elapsedMs({ duration_ms: null, status: "queued", started_at: null }, new Date(now))).toBeNull();
    expect(elapsedMs({ duration_ms: 7, status: "success", started_at }, new Date(now))).toBe(7);
  });
});

it("the first command is valid shell and valid JSON", () => {
  const command = firstRecordCommand("http://localhost:8080", "$KEY", new Date(now));
  const json: unknown = JSON.parse(/-d '([\s\S]*)'/.exec(command)?.[1] ?? "");
  expect(json).toMatchObject({ type: "execution", status: "success", started_at: "2026-11-22T12:09:55.800Z" });
  expect(command).toContain('"Authorization: Bearer $KEY"');
});
