import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { failuresQuery } from "../../api/queries.ts";
import { timeChartOf } from "../../charts/answers.ts";
import { TimeChart } from "../../charts/TimeChart.tsx";
import { useTokens } from "../../theme/useTokens.ts";
import { useView } from "../../view/useView.ts";
import { listTimeOf } from "../../view/view.ts";
import { useNow } from "../../widgets/now.ts";
import { shapeKpis } from "../kpis/data.ts";
import { KpisPanel } from "../kpis/Panel.tsx";
import { AnswerPanel } from "../page-controls/AnswerPanel.tsx";
import { FaultsPanel } from "./Faults.tsx";
import type { TabProps } from "./tab.ts";

const FAULTS_MAX = 100;

export function FailuresTab({ id, answers, live }: TabProps) {
  const { view, period, change } = useView();
  const navigate = useNavigate();
  const tokens = useTokens();
  const now = useNow();
  const { types, statuses } = answers.parts;
  const faults = useQuery({
    ...failuresQuery({ ...listTimeOf(view, period, now), workflow_id: id, order: "count", limit: FAULTS_MAX }),
    refetchInterval: live.interval,
  });
  return (
    <>
      <KpisPanel kpis={statuses?.answer && shapeKpis(statuses.answer)} expected={3} />
      <AnswerPanel part={types} what="the failures over time" onRetry={answers.refresh}>
        {(answer) => (
          <TimeChart
            model={timeChartOf(answer, {
              title: "Failed and timed-out executions by error type",
              noun: "Executions",
              tokens,
              now,
              skipsEmpty: true,
            })}
            onZoom={(from, to) => change({ from, to })}
            onPick={(from, to) =>
              void navigate({
                to: "/executions",
                search: { from, to, where: { workflow: [id], status: ["failed", "timeout"] } },
              })
            }
          />
        )}
      </AnswerPanel>
      <FaultsPanel title="Faults" query={faults} />
    </>
  );
}
