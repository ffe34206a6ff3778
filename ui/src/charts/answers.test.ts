import { describe, expect, it } from "vitest";
import type { Answer, Cell, Column } from "../api/types.ts";
import { TOKENS } from "../theme/tokens.ts";
import { bucketsOf, sizeOf, timeChartOf } from "./answers.ts";

const tokens = TOKENS.light;
const now = new Date("2026-11-23T12:00:00Z");

function column(name: string, role: Column["role"], unit: Column["unit"] = null): Column {
  return {
    name,
    label: name,
    role,
    unit,
    type: role === "measure" ? "number" : "text",
    definition: null,
    direction: null,
  };
}

function answerOf(columns: Column[], rows: Cell[][], more: Partial<Answer> = {}): Answer {
  return {
    columns,
    rows,
    totals: [],
    other: null,
    comparison: null,
    differences: null,
    explain: null,
    meta: {
      from: "2026-11-21T23:00:00Z",
      to: "2026-11-23T12:00:00Z",
      timezone: "Europe/Berlin",
      granularity: "day",
      gaps: [],
    },
    ...more,
  } as unknown as Answer;
}

const TIME = column("time", "time");
const COUNT = column("count", "measure", "count");
const P95 = column("duration_p95", "measure", "ms");
const [SUN, MON] = ["2026-11-22T00:00:00+01:00", "2026-11-23T00:00:00+01:00"];
const plain = answerOf(
  [TIME, COUNT, P95],
  [
    [SUN, 5, 900],
    [MON, 3, null],
  ],
);

describe("buckets", () => {
  it("close where the next begins, the last by the calendar", () => {
    const { starts, ends, size } = bucketsOf(plain);
    expect(size).toBe("day");
    expect(starts).toEqual([SUN, MON]);
    expect(ends).toEqual([MON, "2026-11-23T23:00:00.000Z"]);
  });
  it("are partial where the range or a gap cuts them, unknown where a gap covers them", () => {
    expect([...bucketsOf(plain).partial]).toEqual([1]);
    const gaps = [{ from: "2026-11-01T00:00:00Z", to: "2026-11-23T01:00:00Z", reason: "Nothing was recorded before." }];
    const { partial, unknown } = bucketsOf({ ...plain, meta: { ...plain.meta, gaps } as Answer["meta"] });
    expect([...unknown]).toEqual([[0, "Nothing was recorded before"]]);
    expect([...partial]).toEqual([1]);
  });
  it("are of the granularity that was answered", () => {
    expect(sizeOf("quarter_hour")).toBe("quarter_hour");
    expect(sizeOf(null)).toBe("day");
  });
});

describe("a chart of an answer", () => {
  it("has a series for each measure, with its unit on its axis", () => {
    const model = timeChartOf(plain, {
      title: "Load",
      tokens,
      now,
      series: { duration_p95: { shape: "line", isRight: true } },
    });
    expect(model.series.map(({ name, values }) => [name, values])).toEqual([
      ["count", [5, 3]],
      ["duration_p95", [900, null]],
    ]);
    expect([model.unit, model.rightUnit]).toEqual(["count", "ms"]);
    expect(model.subtitle).toMatch(/^count per day · /);
  });
  it("leaves out what it is told to", () => {
    const model = timeChartOf(plain, { title: "Load", tokens, now, series: { count: null } });
    expect(model.series.map(({ name }) => name)).toEqual(["duration_p95"]);
    expect(model.unit).toBe("ms");
  });
  it("has the range compared with, laid over from the beginning", () => {
    const rows: Cell[][] = [
      ["2026-11-20T00:00:00+01:00", 7, 1],
      ["2026-11-21T00:00:00+01:00", 8, 2],
      ["2026-11-22T00:00:00+01:00", 9, 3],
    ];
    const compared = { ...plain, comparison: { totals: [], by_row: { rows } } } as unknown as Answer;
    const model = timeChartOf(compared, { title: "Load", tokens, now, withBefore: true });
    expect(model.series[0]?.before).toEqual([7, 8]);
  });
  it("has a series for each group, by its name for people, and one for the rest", () => {
    const grouped = answerOf(
      [TIME, column("workflow", "dimension"), column("workflow_name", "dimension"), COUNT],
      [
        [SUN, "a", "Alpha", 1],
        [SUN, "b", null, 0],
        [MON, "a", "Alpha", 2],
        [MON, "b", null, 0],
      ],
      {
        other: [
          [SUN, null, null, 9],
          [MON, null, null, 8],
        ],
      },
    );
    const model = timeChartOf(grouped, { title: "By workflow", tokens, now });
    expect(model.series.map(({ label, values }) => [label, values])).toEqual([
      ["Alpha", [1, 2]],
      ["b", [0, 0]],
      ["Other", [9, 8]],
    ]);
    const lean = timeChartOf(grouped, { title: "By workflow", tokens, now, skipsEmpty: true });
    expect(lean.series.map(({ name }) => name)).toEqual(["a", "other"]);
  });
  it("marks what happened in the bucket where it happened", () => {
    const marks = [
      { at: "2026-11-22T23:30:00Z", label: "Version 7", tone: "neutral" as const },
      { at: "2026-10-01T00:00:00Z", label: "Long ago", tone: "bad" as const },
    ];
    expect(timeChartOf(plain, { title: "Load", tokens, now, marks }).marks).toEqual([
      { index: 1, label: "Version 7", tone: "neutral" },
    ]);
  });
});
