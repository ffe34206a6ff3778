import { useQuery } from "@tanstack/react-query";
import { getPerformanceTrends } from "../../api/requests.ts";
import type { PerformanceTrends } from "../../api/types.ts";
import { useRefreshInterval } from "../../session/preferences.ts";
import { useView } from "../../view/useView.ts";
import type { Where } from "../../view/view.ts";
import { reportScope } from "../page-controls/reportScope.ts";
import { ANOMALY_METRICS, anomalyText } from "./anomalies.ts";

interface Anomalies {
  trends: PerformanceTrends | undefined;
  /** What was found, or why nothing was looked for. */
  text: string | null;
}

/** The days of the range that stand out. Without them the page loses its marks, and nothing else. */
export function useAnomalies(where: Where | undefined): Anomalies {
  const { view, period, zone } = useView();
  const [interval] = useRefreshInterval();
  const scope = reportScope(view, period, where);
  const isPossible = "period" in scope;
  const { data, error } = useQuery({
    queryKey: ["performance-trends", scope],
    queryFn: ({ signal }) => getPerformanceTrends({ ...(isPossible ? scope : {}), metrics: ANOMALY_METRICS }, signal),
    enabled: isPossible,
    refetchInterval: interval || false,
  });
  if (!isPossible) return { trends: undefined, text: `Days that stand out are not marked. ${scope.reason}` };
  if (error && !data) return { trends: undefined, text: "Days that stand out could not be loaded." };
  return { trends: data, text: data ? anomalyText(data, zone) : null };
}
