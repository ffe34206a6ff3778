import { useQuery } from "@tanstack/react-query";
import { type LinkProps, useNavigate } from "@tanstack/react-router";
import { executionsQuery, failuresQuery } from "../../api/queries.ts";
import type { ExecutionStatus } from "../../api/types.ts";
import { timeChartOf } from "../../charts/answers.ts";
import { HistogramChart } from "../../charts/HistogramChart.tsx";
import { TimeChart } from "../../charts/TimeChart.tsx";
import { STATUS_WORD, STATUSES } from "../../theme/tokens.ts";
import { useTokens } from "../../theme/useTokens.ts";
import { useView } from "../../view/useView.ts";
import { listTimeOf } from "../../view/view.ts";
import { useNow } from "../../widgets/now.ts";
import { shapeKpis } from "../kpis/data.ts";
import { KpisPanel } from "../kpis/Panel.tsx";
import { AnswerPanel } from "../page-controls/AnswerPanel.tsx";
import { whereOfBin } from "../page-controls/durationBins.ts";
import { explorerLink } from "../page-controls/explorer.ts";
import { anomalyMarks } from "../performance/anomalies.ts";
import { useAnomalies } from "../performance/useAnomalies.ts";
import { shapeDistribution } from "./distribution.ts";
import { shapeDurations, versionMarks } from "./durations.ts";
import { FaultsPanel } from "./Faults.tsx";
import classes from "./Panels.module.css";
import { KPI_MEASURES } from "./questions.ts";
import type { TabProps } from "./tab.ts";

const ENDED: ExecutionStatus[] = ["success", "failed", "timeout", "cancelled"];
const FAULTS_SHOWN = 5;

export function OverviewTab({ id, answers, live }: TabProps) {
  const { view, period, change } = useView();
  const navigate = useNavigate();
  const tokens = useTokens();
  const now = useNow();
  const { kpis, statuses, durations, buckets, spread, versions } = answers.parts;
  const range = listTimeOf(view, period, now);
  const last = useQuery({
    ...executionsQuery({ workflow_id: id, status: ENDED.join(","), limit: 1 }),
    refetchInterval: live.interval,
  });
  const faults = useQuery({
    ...failuresQuery({ ...range, workflow_id: id, order: "count", limit: FAULTS_SHOWN }),
    refetchInterval: live.interval,
  });
  const { trends, text: anomalies } = useAnomalies({ workflow: [id] });
  const zoom = (from: string, to: string) => change({ from, to });
  const pick = (from: string, to: string) =>
    void navigate({ to: "/executions", search: { from, to, where: { workflow: [id] } } });
  return (
    <>
      <KpisPanel
        kpis={kpis?.answer && shapeKpis(kpis.answer)}
        expected={KPI_MEASURES.length}
        linkOf={(name) => rowsOf(name, id)}
      />
      <div className={classes.halves}>
        <AnswerPanel part={statuses} what="the executions" onRetry={answers.refresh}>
          {(answer) => (
            <TimeChart
              model={timeChartOf(answer, {
                title: "Executions by status over time",
                noun: "Executions",
                tokens,
                now,
                series: Object.fromEntries(STATUSES.map((each) => [`count_${each}`, { label: STATUS_WORD[each] }])),
                skipsEmpty: true,
              })}
              onZoom={zoom}
              onPick={pick}
            />
          )}
        </AnswerPanel>
        <AnswerPanel part={durations} what="the durations" onRetry={answers.refresh}>
          {(answer) => (
            <>
              <TimeChart
                model={shapeDurations(
                  answer,
                  [...anomalyMarks(trends, "duration"), ...(versions?.answer ? versionMarks(versions.answer) : [])],
                  tokens,
                  now,
                )}
                onZoom={zoom}
                onPick={pick}
              />
              {anomalies && <p className={classes.note}>{anomalies}</p>}
            </>
          )}
        </AnswerPanel>
      </div>
      <div className={classes.halves}>
        <AnswerPanel part={buckets} what="the durations' distribution" onRetry={answers.refresh}>
          {(answer) =>
            spread?.answer && (
              <HistogramChart
                model={shapeDistribution(answer, spread.answer, last.data?.executions[0]?.duration_ms ?? null, now)}
                onPick={(from, to) => void navigate(explorerLink({ workflow: [id] }, whereOfBin(from, to)))}
              />
            )
          }
        </AnswerPanel>
        <FaultsPanel title="What fails most often?" query={faults} more={{ tab: "failures" }} />
      </div>
    </>
  );
}

/** The executions behind a figure. */
function rowsOf(measure: string, id: string): LinkProps | undefined {
  if (measure === "count") return { to: "/executions", search: { where: { workflow: [id] } } };
  if (measure === "count_failed")
    return { to: "/executions", search: { where: { workflow: [id], status: ["failed"] } } };
  return undefined;
}
