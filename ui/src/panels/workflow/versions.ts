/** The versions of a workflow, newest first, each against the one before it. Pure. */
import { type Group, groupsOf } from "../../api/rows.ts";
import type { Answer } from "../../api/types.ts";
import { numberOf } from "../../charts/answers.ts";
import { change, type Unit } from "../../format/format.ts";
import type { Figure } from "../workflows/data.ts";

export interface VersionRow {
  /** "" where none was told. */
  version: string;
  /** The day on which it ran first, as far as was asked back. */
  firstSeen: string | null;
  lastSeen: string | null;
  count: number;
  successRate: Figure;
  average: Figure;
  p95: Figure;
  costPerExecution: Figure;
}

/** The first and the last day of each version. */
function seenOf(days: Answer): Map<string, { first: string; last: string }> {
  const [time, version, count] = ["time", "version", "count"].map((name) =>
    days.columns.findIndex((column) => column.name === name),
  ) as [number, number, number];
  const seen = new Map<string, { first: string; last: string }>();
  for (const row of days.rows) {
    if ((numberOf(row[count]) ?? 0) === 0) continue;
    const name = String(row[version] ?? "");
    const at = String(row[time]);
    seen.set(name, { first: seen.get(name)?.first ?? at, last: at });
  }
  return seen;
}

export function shapeVersions(versions: Answer, days: Answer): VersionRow[] {
  const seen = seenOf(days);
  const ordered = groupsOf(versions)
    .map((group) => ({ group, version: group.text("version") ?? "" }))
    .sort((a, b) => (seen.get(b.version)?.first ?? "").localeCompare(seen.get(a.version)?.first ?? ""));
  return ordered.map(({ group, version }, index) => {
    const previous: Group | undefined = ordered[index + 1]?.group;
    const figure = (name: string, unit: Unit, better: "higher" | "lower"): Figure => {
      const [value, before] = [group.number(name), previous?.number(name) ?? null];
      return { value, before, change: change(value, before, unit, better) };
    };
    return {
      version,
      firstSeen: seen.get(version)?.first ?? null,
      lastSeen: seen.get(version)?.last ?? null,
      count: group.number("count") ?? 0,
      successRate: figure("success_rate", "percent", "higher"),
      average: figure("duration_avg", "ms", "lower"),
      p95: figure("duration_p95", "ms", "lower"),
      costPerExecution: figure("cost_per_execution", "usd", "lower"),
    };
  });
}
