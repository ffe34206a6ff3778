import { describe, expect, it } from "vitest";
import type { Answer, Cell, DueRun, WorkflowSteps } from "../../api/types.ts";
import { TOKENS } from "../../theme/tokens.ts";
import { estimateWords, shapeActions, shapeCosts } from "./costs.ts";
import { shapeDistribution } from "./distribution.ts";
import { shapeDurations, usualBand, versionMarks } from "./durations.ts";
import { questionsOf } from "./questions.ts";
import { kept, scheduleWords, squaresOf, squareWords, worstOf } from "./schedule.ts";
import { parseWorkflowSearch, TABS } from "./search.ts";
import { bottleneckWords, shapeSteps, shapeWaits } from "./steps.ts";
import { shapeVersions } from "./versions.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const plain = (text: string | null | undefined) => text?.replaceAll("\u00A0", " ");

const DIMENSIONS = ["version", "duration_bucket", "step_name", "wait_kind", "action_type"];
const UNITS: Record<string, string> = { cost: "usd", amount: "usd", estimate_rate: "percent" };

function roleOf(name: string): string {
  if (name === "time") return "time";
  return DIMENSIONS.includes(name) ? "dimension" : "measure";
}

function answer(
  names: string[],
  rows: Cell[][],
  {
    totals = names.map(() => null),
    before,
    beforeTotals,
    other,
  }: {
    totals?: Cell[];
    before?: Cell[][];
    beforeTotals?: Cell[];
    other?: Cell[][];
  } = {},
): Answer {
  return {
    columns: names.map((name) => ({
      name,
      label: name,
      role: roleOf(name),
      unit: UNITS[name] ?? (name.startsWith("duration") ? "ms" : "count"),
      direction: null,
    })),
    rows,
    totals,
    other: other ?? null,
    comparison:
      before || beforeTotals ? { totals: beforeTotals ?? [], by_row: before ? { rows: before } : null } : null,
    meta: {
      from: "2026-11-20T00:00:00Z",
      to: "2026-11-24T00:00:00Z",
      timezone: "UTC",
      granularity: names.includes("time") ? "day" : null,
      gaps: [],
    },
  } as unknown as Answer;
}

const day = (date: number) => `2026-11-${date}T00:00:00Z`;

describe("questions", () => {
  const scope = {
    id: "inv",
    frame: { time: { period: "week" as const }, timezone: "UTC", filters: [] },
    granularity: "day" as const,
    compare: "previous_period" as const,
  };

  it("are of this workflow only, in every tab", () => {
    for (const tab of TABS) {
      for (const query of Object.values(questionsOf(tab, scope))) {
        expect(query.filters?.[0]).toEqual({ field: "workflow", op: "eq", value: "inv" });
      }
    }
  });

  it("compare where the viewer compares", () => {
    expect(questionsOf("overview", scope).kpis?.compare).toBe("previous_period");
    expect(questionsOf("overview", { ...scope, compare: undefined }).kpis).not.toHaveProperty("compare");
  });

  it("look far back for versions", () => {
    expect(questionsOf("versions", scope).days?.time).toEqual({ last: "180d" });
  });
});

describe("the distribution", () => {
  const spread = answer(["duration_min", "duration_median", "duration_p95", "duration_p99", "duration_max"], [], {
    totals: [90, 400, 900, null, 1500],
  });

  it("has a bin for every bucket between the first and the last", () => {
    const ratio = 10 ** (1 / 20);
    const buckets = answer(
      ["duration_bucket", "count"],
      [
        [100, 4],
        [Math.ceil(100 * ratio ** 3), 6],
        [0, 2],
        [null, 9],
      ],
    );
    const { bins, subtitle } = shapeDistribution(buckets, spread, null, NOW);
    expect(bins.map(({ count }) => count)).toEqual([2, 4, 0, 0, 6]);
    expect(bins[0]).toEqual({ from: 0, to: 1, count: 2 });
    expect(bins[1]?.from).toBeCloseTo(100);
    expect(bins[1]?.to).toBeCloseTo(bins[2]?.from ?? 0);
    expect(plain(subtitle)).toContain("12 executions that ended");
  });

  it("finds the bucket of short durations, which whole milliseconds name from above", () => {
    const { bins } = shapeDistribution(answer(["duration_bucket", "count"], [[5, 1]]), spread, null, NOW);
    // 5 ms is in the bucket from 4.47 to 5.01 ms.
    expect(bins[0]?.from).toBeCloseTo(4.467, 3);
    expect(bins[0]?.to).toBeCloseTo(5.012, 3);
  });

  it("marks what is known, and where the last run is", () => {
    const { marks, bins } = shapeDistribution(answer(["duration_bucket", "count"], []), spread, 450, NOW);
    expect(bins).toEqual([]);
    expect(marks.map(({ label }) => label)).toEqual(["Min", "Median", "p95", "Max", "Last run"]);
    expect(marks.at(-1)?.value).toBe(450);
  });
});

describe("the durations", () => {
  const names = ["time", "duration_p95", "duration_avg"];
  const rows: Cell[][] = [
    [day(20), 10, 5],
    [day(21), 12, 6],
  ];

  it("were usual between the outer tenths of before", () => {
    const before = [50, 10, 40, null, 20, 30, 60, 70, 80, 90, 100, 110].map((value) => [day(1), value, 0] as Cell[]);
    const band = usualBand(answer(names, rows, { before }), "#123456");
    expect(band?.low).toEqual([20, 20]);
    expect(band?.high).toEqual([100, 100]);
  });

  it("have no usual with little before, or nothing", () => {
    expect(usualBand(answer(names, rows, { before: rows }), "#123456")).toBeUndefined();
    expect(usualBand(answer(names, rows), "#123456")).toBeUndefined();
  });

  it("are lines, with new versions marked", () => {
    const versions = answer(
      ["time", "version", "count"],
      [
        [day(19), "1", 0],
        [day(20), "1", 3],
        [day(20), "2", 0],
        [day(21), "1", 1],
        [day(21), "2", 4],
      ],
    );
    const marks = versionMarks(versions);
    expect(marks).toEqual([{ at: day(21), label: "Version 2 first seen", tone: "neutral" }]);
    const model = shapeDurations(answer(names, rows), marks, TOKENS.light, NOW);
    expect(model.series.map(({ label, shape }) => [label, shape])).toEqual([
      ["95th percentile", "line"],
      ["Average", "line"],
    ]);
    expect(model.marks?.[0]?.index).toBe(1);
  });
});

describe("versions", () => {
  it("come newest first, each against the one before", () => {
    const versions = answer(
      ["version", "count", "success_rate", "duration_avg", "duration_p95", "cost_per_execution"],
      [
        ["1", 50, 90, 100, 200, 0.2],
        ["2", 10, 95, 150, 400, 0.1],
      ],
    );
    const days = answer(
      ["time", "version", "count"],
      [
        [day(20), "1", 40],
        [day(20), "2", 0],
        [day(21), "1", 10],
        [day(21), "2", 10],
      ],
    );
    const [second, first] = shapeVersions(versions, days);
    expect([second?.version, second?.firstSeen, first?.firstSeen, first?.lastSeen]).toEqual([
      "2",
      day(21),
      day(20),
      day(21),
    ]);
    expect(plain(second?.successRate.change?.text)).toBe("+5 pp ↑");
    expect([second?.p95.change?.verdict, second?.costPerExecution.change?.verdict]).toEqual(["bad", "good"]);
    expect(first?.p95.change).toBeNull();
  });
});

describe("steps", () => {
  const duration = { avg_ms: 10, median_ms: 9, p95_ms: 30, p99_ms: 40, min_ms: 1, max_ms: 50, total_ms: 750 };
  const step = { count: 5, count_failed: 1, count_skipped: 0, failure_rate: 20, duration };
  const report = {
    steps: [
      { ...step, step_name: "Read", time_share: 75.4, is_bottleneck: true },
      { ...step, step_name: null, time_share: 24.6, is_bottleneck: false },
    ],
    waits: [
      { wait_kind: "external", duration_total_ms: 600, time_share: 60 },
      { wait_kind: "none", duration_total_ms: 300, time_share: 30 },
      { wait_kind: null, duration_total_ms: 100, time_share: 10 },
    ],
  } as unknown as WorkflowSteps;

  it("tell work from waits, work first", () => {
    expect(shapeWaits(report).map(({ wait, share }) => [wait, share])).toEqual([
      ["none", 30],
      ["external", 60],
      ["unknown", 10],
    ]);
  });

  it("know how they have changed and what each waits for", () => {
    const figures = answer(["step_name", "duration_p95"], [["Read", 30]], { before: [["Read", 20]] });
    const waits = answer(
      ["step_name", "wait_kind", "duration_total"],
      [
        ["Read", "human", 90],
        ["Read", "none", 10],
      ],
    );
    const [read, unnamed] = shapeSteps(report, figures, waits);
    expect(read?.p95Change?.verdict).toBe("bad");
    expect(read?.waits.map(({ wait, share }) => [wait, share])).toEqual([
      ["none", 10],
      ["human", 90],
    ]);
    expect(unnamed).toMatchObject({ name: "No name", p95Change: null, waits: [] });
    expect(plain(bottleneckWords(shapeSteps(report, undefined, undefined)))).toBe(
      "Most time goes to Read (75 %): making that quicker helps most.",
    );
    expect(bottleneckWords([])).toBeNull();
  });
});

describe("costs", () => {
  it("say what failed work cost, against before", () => {
    const total = answer(["cost"], [], { totals: [50] });
    const failed = answer(
      ["time", "cost"],
      [
        [day(20), 2],
        [day(21), 3],
      ],
      { totals: [null, 5], beforeTotals: [null, 10] },
    );
    const kpi = shapeCosts(total, failed).at(-1);
    expect(kpi).toMatchObject({ value: 5, previous: 10, change: { verdict: "good" }, spark: [2, 3] });
    expect(plain(kpi?.definition ?? "")).toContain("10.0 % of all");
  });

  it("are shared out, the rest as one", () => {
    const actions = answer(["action_type", "amount", "estimate_rate"], [["llm_tokens", 30, 0]], {
      totals: [null, 40, 25],
      other: [[null, 10, 0]],
    });
    expect(shapeActions(actions, NOW).items.map(({ label, value, note }) => [label, value, plain(note)])).toEqual([
      ["llm tokens", 30, "75.0 % of all"],
      ["Other", 10, "25.0 % of all"],
    ]);
    expect(plain(estimateWords(actions))).toBe("25.0 % of these costs are estimates of their senders.");
    expect(estimateWords(answer(["estimate_rate"], [], { totals: [0] }))).toBeNull();
  });
});

describe("the schedule", () => {
  const run = (due_at: string, state: DueRun["state"]): DueRun => ({ due_at, state, execution: null, delay_ms: null });

  it("has a square for each due time of a short range, in the schedule's zone", () => {
    const squares = squaresOf(
      [run("2026-11-22T23:30:00Z", "ran"), run("2026-11-22T05:00:00Z", "missed")],
      "Europe/Berlin",
    );
    expect(squares.map(({ label, name }) => [label, name])).toEqual([
      ["06:00", "Sun 22 Nov, 06:00"],
      ["00:30", "Mon 23 Nov, 00:30"],
    ]);
  });

  it("has a square for each day of a longer one, as bad as its worst time", () => {
    const squares = squaresOf(
      [
        run("2026-12-01T06:00:00Z", "pending"),
        run("2026-11-30T18:00:00Z", "missed"),
        run("2026-11-30T06:00:00Z", "ran"),
        run("2026-11-29T06:00:00Z", "late"),
      ],
      "UTC",
    );
    expect(squares.map(({ label }) => label)).toEqual(["29 Nov", "30", "1 Dec"]);
    expect(squares.map(worstOf)).toEqual(["late", "missed", "pending"]);
    expect(squares.map(squareWords)).toEqual(["1 ran late", "1 ran on time, 1 missed", "1 awaited"]);
  });

  it("is said in words, with its zone", () => {
    expect(scheduleWords({ cron: "0 6 * * 1-5", timezone: "Europe/Berlin" })).toBe(
      "At 06:00, Monday to Friday (Europe/Berlin)",
    );
    expect(scheduleWords({ cron: "0 6 L * *", timezone: null })).toBe("0 6 L * * (UTC)");
    expect(scheduleWords(null)).toBeNull();
  });

  it("was kept by all that came, late or not", () => {
    expect(kept({ ran: 6, late: 2, missed: 2 })).toBe(80);
    expect(kept({ ran: 0, late: 0, missed: 0 })).toBeNull();
  });
});

describe("the URL", () => {
  it("names the tab, unless it is the first", () => {
    expect(parseWorkflowSearch({ tab: "steps", status: "failed" })).toEqual({ tab: "steps", status: "failed" });
    expect(parseWorkflowSearch({ tab: "overview", status: "odd" })).toEqual({});
    expect(parseWorkflowSearch({ tab: 7 })).toEqual({});
  });
});
