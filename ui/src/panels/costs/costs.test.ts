import { describe, expect, it } from "vitest";
import type { CostAnalysis } from "../../api/types.ts";
import { answerOf } from "../../test/answer.ts";
import { TOKENS } from "../../theme/tokens.ts";
import { actionWord, breakdownQuery, shapeBreakdown } from "./breakdown.ts";
import { costCommand } from "./command.ts";
import { costKpis, costQuestions, shapeCostTrend } from "./data.ts";
import { shapeEstimate } from "./estimate.ts";
import { failedWorkQuery, failedWorkText } from "./failedWork.ts";
import { parseCostsSearch } from "./search.ts";
import { shapeWorkflowCosts } from "./workflows.ts";

const now = new Date("2026-11-23T00:00:00Z");
const frame = { time: { period: "week" as const }, timezone: "UTC", filters: [] };
const plain = (text: string | null | undefined) => text?.replaceAll("\u00A0", " ");

describe("the breakdown", () => {
  const answer = answerOf({
    dimensions: ["action_type"],
    measures: ["amount"],
    rows: [
      ["llm_tokens", 6],
      [null, 3],
    ],
    totals: [10],
    before: {
      rows: [
        ["llm_tokens", 4],
        [null, null],
      ],
      totals: [5],
    },
    other: [null, 1],
  });
  it("has the rest as its last part, and adds up to the total", () => {
    const { items, total } = shapeBreakdown("action_type", answer, TOKENS.light, now);
    expect(items.map(({ label, value }) => [label, value])).toEqual([
      ["LLM tokens", 6],
      ["No action", 3],
      ["Other", 1],
    ]);
    expect(items.reduce((sum, { value }) => sum + (value ?? 0), 0)).toBe(total);
  });
  it("tells what was not there before from what was free", () => {
    expect(shapeBreakdown("action_type", answer, TOKENS.light, now).items[1]?.before).toBeNull();
  });
  it("asks for the rest", () => expect(breakdownQuery("workflow", frame).other).toBe(true));
  it("names actions for people", () => {
    expect(actionWord("browser_minutes")).toBe("Browser minutes");
    expect(actionWord("GPU-seconds")).toBe("GPU seconds");
  });
});

describe("costs by workflow", () => {
  const rows = shapeWorkflowCosts(
    answerOf({
      dimensions: ["workflow", "workflow_name"],
      measures: ["amount", "distinct_executions"],
      rows: [
        ["w", "Work", 6, 3],
        [null, null, 2, 0],
      ],
      totals: [8, 3],
      before: {
        rows: [
          ["w", "Work", 4, 2],
          [null, null, null, null],
        ],
        totals: [4, 2],
      },
    }),
  );
  it("have a share, a change and an amount per execution", () => {
    expect(rows[0]).toMatchObject({ id: "w", amount: 6, share: 75, difference: 2, perExecution: 2 });
    expect(rows[0]?.change?.verdict).toBe("bad");
  });
  it("say nothing per execution where there was none", () => {
    expect(rows[1]).toMatchObject({ id: null, name: "No workflow", perExecution: null, change: null });
  });
});

describe("the figures", () => {
  const of = (measures: string[], totals: number[]) => answerOf({ measures, rows: [totals], totals });
  const executions = of(["cost_per_execution", "count"], [0.1, 80]);
  it("show credits only where they are used", () => {
    const names = (credits: number) =>
      costKpis(of(["amount", "credits"], [8, credits]), executions, of(["amount"], [1])).map(({ name }) => name);
    expect(names(0)).toEqual(["amount", "cost_per_execution", "count", "failed_amount"]);
    expect(names(5)).toContain("credits");
  });
  it("say what failed work cost, and whether it is known", () => {
    const all = of(["amount"], [50]);
    expect(plain(failedWorkText(of(["amount"], [1]), all))).toBe(
      "$1.00 went to executions that failed or timed out: 2.0 % of all costs.",
    );
    expect(failedWorkText(of(["amount"], [0]), all)).toMatch(/^Nothing was spent/);
    expect(failedWorkText(answerOf({ measures: ["amount"], rows: [], totals: [null] }), all)).toBeNull();
  });
  it("count failed work within the page's filters", () => {
    const filters = [{ field: "workflow", op: "in" as const, values: ["w"] }];
    expect(failedWorkQuery({ ...frame, filters }, undefined).filters).toEqual([
      ...filters,
      { field: "execution_status", op: "in", values: ["failed", "timeout"] },
    ]);
  });
});

describe("the trend", () => {
  it("is stacked by action, or one line that only grows", () => {
    expect(costQuestions(frame, "day", undefined, "by_action").trend.dimensions).toEqual(["action_type"]);
    const { trend } = costQuestions(frame, "day", "last_week", "cumulative");
    expect(trend).toMatchObject({ measures: ["amount.cumulative"], compare: "last_week" });
    const answer = answerOf({
      dimensions: ["time"],
      measures: ["amount.cumulative"],
      rows: [
        ["2026-11-16T00:00:00Z", 2],
        ["2026-11-17T00:00:00Z", 5],
      ],
      totals: [5],
      before: {
        rows: [
          ["2026-11-09T00:00:00Z", 1],
          ["2026-11-10T00:00:00Z", 1],
        ],
        totals: [1],
      },
    });
    const [line] = shapeCostTrend("cumulative", answer, TOKENS.light, now).series;
    expect(line).toMatchObject({ shape: "line", hasNoSum: true, values: [2, 5], before: [1, 1] });
  });
  it("names and colours actions as the breakdown does", () => {
    const answer = answerOf({
      dimensions: ["time", "action_type"],
      measures: ["amount"],
      rows: [["2026-11-16T00:00:00Z", "llm_tokens", 2]],
      totals: [2],
    });
    const [series] = shapeCostTrend("by_action", answer, TOKENS.light, now).series;
    const parts = answerOf({
      dimensions: ["action_type"],
      measures: ["amount"],
      rows: [["llm_tokens", 2]],
      totals: [2],
    });
    const [part] = shapeBreakdown("action_type", parts, TOKENS.light, now).items;
    expect([series?.label, series?.color]).toEqual([part?.label, part?.color]);
  });
  it("is by action in an address that says nothing of it", () => {
    expect(parseCostsSearch({ trend: "by_action" })).toEqual({});
    expect(parseCostsSearch({ trend: "cumulative" })).toEqual({ trend: "cumulative" });
  });
});

describe("the estimate", () => {
  const analysis = {
    cost: { estimatedTotal: 10, costPerExecution: 0.1, notes: ["sessionCosts = executions × the minimum"] },
    breakdown: { sessionCosts: 6, durationCosts: 4 },
    actual: { total: 4, costPerExecution: 0.04, failedTotal: 0, differencePercent: -60, notes: ["Refunds taken off."] },
  } as unknown as CostAnalysis;
  it("stands beside what was recorded, with its method in words", () => {
    const estimate = shapeEstimate(analysis);
    expect(estimate.rows[0]).toEqual({ label: "Total", estimated: 10, actual: 4 });
    expect(plain(estimate.difference)).toBe("60.0 % less than estimated");
    expect(estimate.notes).toEqual(["“For sessions” = executions × the minimum", "Refunds taken off."]);
  });
  it("tells nothing recorded from nothing spent", () => {
    const { hasActual, rows, difference } = shapeEstimate({ ...analysis, actual: null } as unknown as CostAnalysis);
    expect([hasActual, rows[0]?.actual, difference]).toEqual([false, null, null]);
    expect(shapeEstimate(analysis).rows.at(-1)?.actual).toBe(0);
  });
});

it("the command that sends a cost holds valid JSON", () => {
  const json: unknown = JSON.parse(/-d '([\s\S]*)'/.exec(costCommand("http://localhost", now))?.[1] ?? "");
  expect(json).toMatchObject({ type: "cost", timestamp: now.toISOString() });
});
