import { timeChartOf } from "../../charts/answers.ts";
import { BarChart } from "../../charts/BarChart.tsx";
import { TimeChart } from "../../charts/TimeChart.tsx";
import { useTokens } from "../../theme/useTokens.ts";
import { useView } from "../../view/useView.ts";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { useNow } from "../../widgets/now.ts";
import { KpisPanel } from "../kpis/Panel.tsx";
import { AnswerPanel } from "../page-controls/AnswerPanel.tsx";
import { estimateWords, shapeActions, shapeCosts } from "./costs.ts";
import classes from "./Panels.module.css";
import type { TabProps } from "./tab.ts";

export function CostsTab({ answers }: TabProps) {
  const { change } = useView();
  const tokens = useTokens();
  const now = useNow();
  const { total, failed, actions, trend } = answers.parts;
  const isFree = actions?.answer?.rows.length === 0;
  return (
    <>
      <KpisPanel kpis={total?.answer && failed?.answer && shapeCosts(total.answer, failed.answer)} expected={3} />
      {isFree ? (
        <EmptyState title="No single costs in this range">
          What each action costs appears here when executions send it: a record of type <code>cost</code> for each.
        </EmptyState>
      ) : (
        <div className={classes.halves}>
          <AnswerPanel part={actions} what="the costs by action" onRetry={answers.refresh}>
            {(answer) => (
              <>
                <BarChart model={shapeActions(answer, now)} />
                {estimateWords(answer) && <p className={classes.note}>{estimateWords(answer)}</p>}
              </>
            )}
          </AnswerPanel>
          <AnswerPanel part={trend} what="the costs over time" onRetry={answers.refresh}>
            {(answer) => (
              <TimeChart
                model={timeChartOf(answer, {
                  title: "Cost by type of action over time",
                  tokens,
                  now,
                  skipsEmpty: true,
                  series: (name) => ({ label: name === "other" ? "Other" : name.replaceAll("_", " ") }),
                })}
                onZoom={(from, to) => change({ from, to })}
              />
            )}
          </AnswerPanel>
        </div>
      )}
    </>
  );
}
