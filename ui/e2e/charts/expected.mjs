// Which charts each page has, and from which of the answers that the page got each is made. A chart that is not here fails.
import {
  actionWord,
  byError,
  costs,
  costTrend,
  durationMarks,
  KIND,
  LINES,
  performance,
  RANKINGS,
  statusesOf,
  trend,
  USAGE,
  USUAL,
  upper,
  usageShares,
  versionEvents,
  WAIT,
  workflowWord,
} from "./shared.mjs";
import { durationBins, groups, items, labelOf, measures, ofAll, shares, totalOf, usualBefore } from "./tables.mjs";
import { timeline } from "./timeline.mjs";
import { written } from "./writing.mjs";

const costsByAction = (seen) => costs(seen, "action_type", "Action");

/**
 * Visits: the page of `pages.mjs`, what is added to its address, and its charts by title. `seen.find` gives the page's own
 * answer to a question, `seen.got` to another request. A chart that a page has in the same way again is checked once.
 */
export const VISITS = [
  {
    page: "overview",
    charts: {
      "Executions by status over time": (seen) => trend(seen),
      "Workflows that fail most": RANKINGS.failures,
      "Costs by action": costsByAction,
    },
  },
  {
    page: "overview",
    search: { overlay: "cost", top: "cost", costs_by: "workflow" },
    charts: {
      "Executions by status over time": (seen) => trend(seen, ["cost"]),
      "Workflows that cost most": RANKINGS.cost,
      "Costs by workflow": (seen) => costs(seen, "workflow", "Workflow"),
    },
  },
  {
    page: "overview",
    search: { overlay: "duration", top: "volume" },
    charts: {
      "Executions by status over time": (seen) => trend(seen, ["duration_p95"]),
      "Workflows that run most": RANKINGS.volume,
      "Costs by action": costsByAction,
    },
  },
  { page: "workflows", charts: {} },
  {
    page: "workflow",
    charts: {
      "Executions by status over time": (seen) => statusesOf(seen, []),
      "Is it getting slower?": (seen) => {
        const answer = seen.find({
          source: "executions",
          measures: ["duration_p95", "duration_avg"],
          granularity: true,
          isWhole: true,
        });
        return measures(
          answer,
          [
            ["duration_p95", { label: "95th percentile", isLine: true }],
            ["duration_avg", { label: "Average", isLine: true }],
          ],
          {
            beside: [
              ...usualBefore(answer, "duration_p95", "Usual 95th percentile before"),
              ...versionEvents(seen, answer),
            ],
          },
        );
      },
      "How long do executions take?": (seen) => {
        const spread = seen.find({ source: "executions", measures: ["duration_min", "duration_max"] });
        const last = seen.got(/\/executions\?.*limit=1$/).executions[0]?.duration_ms ?? null;
        const named = { min: "Min", median: "Median", p95: "p95", p99: "p99", max: "Max" };
        const marks = Object.entries(named).map(([name, label]) => [label, totalOf(spread, `duration_${name}`)]);
        const buckets = seen.find({ source: "executions", measures: ["count"], dimensions: ["duration_bucket"] });
        return durationBins(buckets, last === null ? marks : [...marks, ["Last run", last]]);
      },
    },
  },
  {
    page: "workflow",
    search: { tab: "versions" },
    charts: {
      "Executions by version over time": (seen) =>
        groups(
          seen.find({ source: "executions", measures: ["count"], dimensions: ["version"], granularity: true }),
          "version",
          "count",
          (name) => name || "None",
          { skipsEmpty: true },
        ),
    },
  },
  {
    page: "workflow",
    search: { tab: "failures" },
    charts: {
      "Failed and timed-out executions by error type": (seen) => byError(seen, (name) => name || "None"),
    },
  },
  {
    page: "workflow",
    search: { tab: "cost" },
    charts: {
      "What is paid for?": (seen) => {
        const answer = seen.find({
          source: "costs",
          measures: ["amount", "estimate_rate"],
          dimensions: ["action_type"],
        });
        const label = ({ action_type: name }) => (name ?? "None told").replaceAll("_", " ");
        return items(answer, "Type of action", "amount", { label, note: ofAll(answer, "amount"), withOther: true });
      },
      "Cost by type of action over time": (seen) =>
        groups(seen.find(costTrend), "action_type", "amount", (name) => (name ?? "").replaceAll("_", " "), {
          skipsEmpty: true,
        }),
    },
  },
  { page: "executions", charts: { "When they started": (seen) => statusesOf(seen, ["count"]) } },
  { page: "execution", charts: { Timeline: timeline } },
  {
    page: "failures",
    charts: { "Failures by error type": (seen) => byError(seen, (name) => name || "No type") },
  },
  {
    page: "failure",
    charts: {
      "When it came": (seen) => measures(seen.got(/\/failures\/[^?]+\?/).timeline, [["count", { label: "Failures" }]]),
      "Workflows that it ends": (seen) => {
        const { workflows } = seen.got(/\/failures\/[^?]+\?/).failure;
        return {
          kind: "items",
          rowTitle: "Name",
          rows: workflows.map(({ workflow_id: id, workflow_name: name }) => ({
            name: name ?? id,
            note: "",
            keys: [name ?? id],
          })),
          columns: [{ label: "Value", unit: "count", values: workflows.map(({ count }) => count) }],
        };
      },
      "Versions that it ends": (seen) => {
        const answer = seen.find({ source: "executions", measures: ["count"], dimensions: ["workflow", "version"] });
        const label = (row) => `${workflowWord(row)} ${row.version || "without a version"}`;
        return { ...items({ ...answer, comparison: null }, "Name", "count", { label }) };
      },
    },
  },
  {
    page: "performance",
    charts: {
      "How long executions take": (seen) => {
        const answer = performance(seen);
        const lines = Object.entries(LINES).map(([name, label]) => [name, { label, isLine: true }]);
        return measures(answer, lines, { withBefore: true, beside: usualBefore(answer, "duration_p95", USUAL) });
      },
      "How many executions succeed": (seen) => {
        const answer = performance(seen);
        const beside = usualBefore(answer, "success_rate", USUAL);
        return measures(answer, [["success_rate", { isLine: true }]], { withBefore: true, beside });
      },
      "Where the time goes": (seen) => {
        const answer = seen.find({ source: "steps", measures: ["duration_total"], dimensions: ["wait_kind"] });
        const label = ({ wait_kind: kind }) => (kind === null ? "Kind not recorded" : (WAIT[kind] ?? kind));
        return shares(answer, "Kind of wait", "duration_total", { label, skips: (value) => value === null });
      },
      "How durations are spread": (seen) => {
        const trends = performance(seen);
        const named = ["duration_median", "duration_p95", "duration_p99"].map((name) => [
          name,
          labelOf(trends, name).replace(/ (of )?duration$/i, ""),
        ]);
        const buckets = seen.find({ source: "executions", measures: ["count"], dimensions: ["duration_bucket"] });
        return durationBins(buckets, durationMarks(trends, named));
      },
      "Slowest workflows": RANKINGS.slowness,
      "Slowest steps": (seen) => {
        const answer = seen.find({
          source: "steps",
          measures: ["duration_p95"],
          dimensions: ["workflow", "step_name"],
        });
        const together = (total) => (total === null ? "" : `, ${written(total, "ms")} together`);
        return items(answer, "Step", "duration_p95", {
          label: (row) => `${row.step_name ?? "No name"} · ${workflowWord(row)}`,
          note: (row) => `${written(row.count, "count")} steps${together(row.duration_total)}`,
          skips: (value) => value === null,
        });
      },
    },
  },
  {
    page: "usage",
    charts: {
      ...USAGE,
      "Executions by group": (seen) =>
        usageShares(seen, "workflow_group", "Group", ({ workflow_group: group }) => group ?? "No group"),
    },
  },
  {
    page: "usage",
    search: { by: "workflow_kind" },
    charts: {
      ...USAGE,
      "Executions by kind of workflow": (seen) =>
        usageShares(seen, "workflow_kind", "Kind", ({ workflow_kind: kind }) =>
          kind ? (KIND[kind] ?? upper(kind)) : "No kind",
        ),
    },
  },
  {
    page: "costs",
    charts: {
      "Costs over time by action": (seen) => groups(seen.find(costTrend), "action_type", "amount", actionWord),
      "Costs by action": costsByAction,
    },
  },
  {
    page: "costs",
    search: { trend: "cumulative" },
    charts: {
      "What has been spent since the range began": (seen) =>
        measures(
          seen.find({ source: "costs", measures: ["amount.cumulative"], granularity: true }),
          [["amount.cumulative", { label: "Costs so far", isLine: true, isSum: false }]],
          { withBefore: true },
        ),
      "Costs by action": costsByAction,
    },
  },
];
