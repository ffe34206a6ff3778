/** Key figures: which, what to ask, and what to show of the answers. Pure. */
import { columnOf, totalBeforeOf, totalOf, valuesOf } from "../../api/rows.ts";
import type { Answer, Column, CompareWith, Granularity, Query } from "../../api/types.ts";
import { type Change, change, type Unit } from "../../format/format.ts";
import type { Frame } from "../../view/current.ts";
import type { Part } from "../../view/useAnswers.ts";
import { fromFirstRecord } from "../page-controls/beginning.ts";

/** A measure of a source, as preferences name it: "executions.count". */
export type Metric = `${string}.${string}`;

/** What the Overview shows if nothing is pinned, and after what is. */
export const OVERVIEW_MEASURES = [
  "count",
  "success_rate",
  "count_failed",
  "duration_avg",
  "duration_p95",
  "cost",
] as const;

/** More would push the rest of the page out of sight. */
const MAX_PINNED = 6;

/** Pinned metrics beyond the figures that are shown anyway, by source, in the order in which they were pinned. */
export function pinnedBySource(pinned: readonly string[]): Map<string, string[]> {
  const own = new Set<string>(OVERVIEW_MEASURES.map((measure) => `executions.${measure}`));
  const bySource = new Map<string, string[]>();
  const others = [...new Set(pinned)].filter((metric) => !own.has(metric)).slice(0, MAX_PINNED);
  for (const metric of others) {
    const [source, measure, ...rest] = metric.split(".");
    if (!source || !measure || rest.length > 0) continue;
    bySource.set(source, [...(bySource.get(source) ?? []), measure]);
  }
  return bySource;
}

export interface KpiFrame extends Frame {
  granularity: Granularity;
  compare: CompareWith | undefined;
}

export function kpiQuery(source: string, measures: readonly string[], { compare, ...frame }: KpiFrame): Query {
  return { source, measures: [...measures], ...frame, ...(compare ? { compare } : {}) };
}

export interface Kpi {
  name: string;
  label: string;
  /** What it means, which way is better, and of when it is. */
  definition: string | null;
  unit: Unit;
  value: number | null;
  previous: number | null;
  change: Change | null;
  isCompared: boolean;
  spark: (number | null)[];
}

export function unitOf(column: Column): Unit {
  return column.unit ?? null;
}

const BETTER: Record<"higher" | "lower", string> = { higher: "Higher is better.", lower: "Lower is better." };

function definitionOf(column: Column): string | null {
  const parts = [column.definition, column.direction && BETTER[column.direction]].filter(Boolean);
  return parts.length > 0 ? parts.join(" ") : null;
}

/** The figures of one answer; all of its measures, or those named. */
export function shapeKpis(answer: Answer, names?: readonly string[]): Kpi[] {
  const shown = names ?? answer.columns.filter(({ role }) => role === "measure").map(({ name }) => name);
  return shown.flatMap((name) => {
    const column = columnOf(answer, name);
    if (!column) return [];
    const unit = unitOf(column);
    const [value, previous] = [totalOf(answer, name), totalBeforeOf(answer, name)];
    return [
      {
        name,
        label: column.label,
        definition: definitionOf(column),
        unit,
        value,
        previous,
        change: change(value, previous, unit, column.direction ?? null),
        isCompared: answer.comparison != null,
        spark: answer.meta.granularity ? valuesOf(fromFirstRecord(answer), name) : [],
      },
    ];
  });
}

/** What was pinned first and in its order, then the rest. A source that gave no answer has no cards. */
export function arrangeKpis(pinned: readonly string[], parts: [source: string, part: Part][]): Kpi[] {
  const all = new Map<string, Kpi>();
  for (const [source, part] of parts) {
    if (!part.answer) continue;
    for (const kpi of shapeKpis(part.answer)) all.set(`${source}.${kpi.name}`, kpi);
  }
  const order = [...new Set([...pinned, ...all.keys()])];
  return order.flatMap((metric) => all.get(metric) ?? []);
}

/** What goes on at this moment, and whether anything was ever recorded: of all time, whatever the page's range. */
export function nowQuery({ time: _, ...frame }: Frame): Query {
  return { source: "executions", measures: ["count_running", "count"], time: { period: "all" }, ...frame };
}

/** What is told goes before what was answered a moment ago. */
export function runningNow(answer: Answer, told: number | null = null): Kpi[] {
  return shapeKpis(answer, ["count_running"]).map((kpi) => ({
    ...kpi,
    value: told ?? kpi.value,
    label: "Running now",
    definition: `${columnOf(answer, "count_running")?.definition ?? ""} Counted now, whatever the range of the page.`,
    isCompared: false,
  }));
}
