// The charts that several pages have, and the words in them.
import { events, groups, items, measures, ofAll, shares, totalOf, weekHours } from "./tables.mjs";
import { counted, written } from "./writing.mjs";

const STATUSES = ["success", "failed", "timeout", "cancelled", "running", "queued"];
export const upper = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const statusSeries = STATUSES.map((status) => [`count_${status}`, { label: upper(status) }]);
const COUNTS = STATUSES.map((status) => `count_${status}`);

const TRIGGER = { scheduled: "Schedule", api: "API" };
export const WAIT = {
  none: "At work",
  queue: "Waits in a queue",
  external: "Waits for another system",
  human: "Waits for a person",
  retry_backoff: "Waits before a retry",
};
export const KIND = { browser_task: "Browser task", rpa: "RPA" };

const triggerWord = (name) => (name === null ? "No trigger" : (TRIGGER[name] ?? upper(name)));
export const actionWord = (name) =>
  name
    ? upper(name.replaceAll("_", " ").replace(/\b(llm|api|gpu|cpu|ocr|sms)\b/g, (word) => word.toUpperCase()))
    : "No action";
export const workflowWord = ({ workflow, workflow_name }) => workflow_name ?? workflow ?? "No workflow";

export const trend = (seen, over = []) => {
  const answer = seen.find({ source: "executions", measures: [...COUNTS, ...over], granularity: true });
  return measures(answer, [...statusSeries, ...over.map((name) => [name, { isLine: true }])], { skipsEmpty: true });
};
export const statusesOf = (seen, over) => {
  const answer = seen.find({ source: "executions", measures: [...COUNTS, ...over], granularity: true });
  return measures(answer, statusSeries, { skipsEmpty: true });
};

function ranking(seen, measure, note) {
  const order = [{ by: measure, direction: "desc" }];
  const answer = seen.find({ source: "executions", measures: [measure], dimensions: ["workflow"], order, limit: 10 });
  return items(answer, "Workflow", measure, { label: workflowWord, note: note(answer), skips: (value) => !value });
}
export const RANKINGS = {
  volume: (seen) => ranking(seen, "count", (answer) => ofAll(answer, "count")),
  failures: (seen) =>
    ranking(seen, "count_failed", () => (row) => `failure rate ${written(row.failure_rate, "percent")}`),
  slowness: (seen) => ranking(seen, "duration_p95", () => (row) => `over ${counted(row.count, "execution")}`),
  cost: (seen) =>
    ranking(seen, "cost", (answer) => (row, value) => {
      const part = ofAll(answer, "cost")(row, value);
      return `${part}, ${written(row.count, "count")} executions`;
    }),
};

export function costs(seen, dimension, title) {
  const answer = seen.find({ source: "costs", measures: ["amount"], dimensions: [dimension], limit: 7 });
  const label = dimension === "workflow" ? workflowWord : (row) => actionWord(row.action_type);
  return shares(answer, title, "amount", { label, withOther: true });
}

/** When a version was first seen, but for those that ran when anything did first. */
export function versionEvents(seen, answer) {
  const { columns, rows } = seen.find({
    source: "executions",
    measures: ["count"],
    dimensions: ["version"],
    granularity: true,
  });
  const [time, version, count] = ["time", "version", "count"].map((name) =>
    columns.findIndex((each) => each.name === name),
  );
  const first = new Map();
  for (const row of rows) {
    if (row[version] !== null && row[count] > 0 && !first.has(row[version])) first.set(row[version], row[time]);
  }
  const begin = [...first.values()][0];
  const later = [...first].filter(([, at]) => at !== begin);
  return events(
    answer,
    later.map(([name, at]) => ({ at, words: `Version ${name} first seen` })),
  );
}

export const LINES = { duration_median: "Median", duration_p95: "95th percentile", duration_p99: "99th percentile" };
export const USUAL = "Usual before: 80 % of buckets";

export function durationMarks(answer, named) {
  return named.map(([measure, label]) => [label, totalOf(answer, measure)]).filter(([, value]) => value);
}

export function byError(seen, label) {
  const answer = seen.find({
    source: "executions",
    measures: ["count"],
    dimensions: ["error_type"],
    granularity: true,
  });
  return groups(answer, "error_type", "count", label, { skipsEmpty: true });
}

export function usageShares(seen, dimension, title, label) {
  const answer = seen.find({ source: "executions", measures: ["count"], dimensions: [dimension], limit: 12 });
  return items(answer, title, "count", { label, note: ofAll(answer, "count"), withOther: true });
}

function usage(seen) {
  return seen.find({
    source: "executions",
    measures: ["count", "distinct_workflows", "minutes_saved"],
    granularity: true,
  });
}

export const performance = (seen) =>
  seen.find({ source: "executions", measures: ["duration_p99", "success_rate", "count"], granularity: true });

export const costTrend = { source: "costs", measures: ["amount"], dimensions: ["action_type"], granularity: true };

export const USAGE = {
  "Executions over time": (seen) => measures(usage(seen), statusSeries, { skipsEmpty: true }),
  "When executions start": (seen) =>
    weekHours(seen.find({ source: "executions", measures: ["count"], dimensions: ["weekday", "hour_of_day"] })),
  "What starts executions": (seen) =>
    groups(
      seen.find({ source: "executions", measures: ["count"], dimensions: ["trigger_type"], granularity: true }),
      "trigger_type",
      "count",
      triggerWord,
    ),
  "Active workflows and users": (seen) => {
    const lines = ["distinct_workflows", "distinct_users"].map((name) => [name, { isLine: true, isSum: false }]);
    return measures(usage(seen), lines, { withBefore: true });
  },
  "Items processed and time saved": (seen) =>
    measures(usage(seen), [
      ["items_processed", {}],
      ["minutes_saved", { isLine: true }],
    ]),
};
