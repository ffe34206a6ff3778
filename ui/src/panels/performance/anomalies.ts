/** Days that stand out from the others, as the report of trends finds them. Pure. */
import type { PerformanceTrends } from "../../api/types.ts";
import type { TimeChartSpec } from "../../charts/answers.ts";
import { bucketName } from "../../format/time.ts";

/** Which metrics stand out; how many executions there were is a matter of usage. */
const WORD = { duration: "Average duration", success_rate: "Success rate" } as const;
type Metric = keyof typeof WORD;

export const ANOMALY_METRICS = Object.keys(WORD).join(",");

/** As marks, at the beginning of the day. */
export function anomalyMarks(
  trends: PerformanceTrends | undefined,
  metric: Metric,
): NonNullable<TimeChartSpec["marks"]> {
  return (trends?.data ?? []).flatMap(({ date, anomalies }) =>
    anomalies.includes(metric) ? [{ at: date, label: `${WORD[metric]} stands out`, tone: "bad" as const }] : [],
  );
}

/** In words: "Stands out: average duration on Tue 17 Nov." */
export function anomalyText(trends: PerformanceTrends, zone: string): string {
  const found = (Object.keys(WORD) as Metric[]).flatMap((metric) => {
    const days = anomalyMarks(trends, metric).map(({ at }) => bucketName(at, null, "day", zone));
    return days.length > 0 ? [`${WORD[metric].toLowerCase()} on ${days.join(", ")}`] : [];
  });
  return found.length > 0 ? `Stands out: ${found.join("; ")}.` : "No day stands out from the others.";
}
