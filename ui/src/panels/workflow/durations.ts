/** How the duration of a workflow has gone, against what was usual before. Pure. */

import type { Answer } from "../../api/types.ts";
import { numberOf, type TimeChartSpec, timeChartOf } from "../../charts/answers.ts";
import type { Band, TimeChartModel } from "../../charts/model.ts";
import type { Tokens } from "../../theme/tokens.ts";

/** With fewer buckets there is no saying what is usual. */
const USUAL_BUCKETS_MIN = 5;
/** Eight of ten lie between. */
const LOW = 0.1;
const HIGH = 0.9;

/** The value below which a share of the sorted values lies, between neighbours in proportion. */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
  return below + (above - below) * (place - Math.floor(place));
}

/** From where to where the 95th percentile lay in eight of ten buckets of the range compared with. */
export function usualBand(durations: Answer, color: string): Band | undefined {
  const index = durations.columns.findIndex(({ name }) => name === "duration_p95");
  const before = (durations.comparison?.by_row?.rows ?? [])
    .map((row) => numberOf(row[index]))
    .filter((value) => value !== null)
    .sort((a, b) => a - b);
  if (before.length < USUAL_BUCKETS_MIN) return undefined;
  const [low, high] = [quantile(before, LOW), quantile(before, HIGH)];
  const { length } = durations.rows;
  return { label: "Usual 95th percentile before", color, low: Array(length).fill(low), high: Array(length).fill(high) };
}

/** When each version is first seen in the range, but for those that ran when anything did first. */
export function versionMarks(versions: Answer): NonNullable<TimeChartSpec["marks"]> {
  const [time, version, count] = ["time", "version", "count"].map((name) =>
    versions.columns.findIndex((column) => column.name === name),
  ) as [number, number, number];
  const first = new Map<string, string>();
  for (const row of versions.rows) {
    const name = row[version];
    if (typeof name === "string" && (numberOf(row[count]) ?? 0) > 0 && !first.has(name))
      first.set(name, String(row[time]));
  }
  const [begin] = first.values();
  return [...first].flatMap(([name, at]) =>
    at === begin ? [] : [{ at, label: `Version ${name} first seen`, tone: "neutral" as const }],
  );
}

export function shapeDurations(
  durations: Answer,
  marks: NonNullable<TimeChartSpec["marks"]>,
  tokens: Tokens,
  now: Date,
): TimeChartModel {
  const [p95, average] = [tokens.series[0] ?? tokens.accent, tokens.series[1] ?? tokens.accent];
  return timeChartOf(durations, {
    title: "Is it getting slower?",
    noun: "Duration",
    tokens,
    now,
    shape: "line",
    series: {
      duration_p95: { label: "95th percentile", color: p95 },
      duration_avg: { label: "Average", color: average, isDashed: true },
    },
    band: usualBand(durations, p95),
    marks,
  });
}
