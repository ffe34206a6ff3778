import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { useErrorWithoutData } from "../api/last-error.ts";
import { toApiError } from "../api/problem.ts";
import { batchOf, executionsQuery } from "../api/queries.ts";
import { totalOf } from "../api/rows.ts";
import type { Answer } from "../api/types.ts";
import { DonutChart } from "../charts/DonutChart.tsx";
import { HistogramChart } from "../charts/HistogramChart.tsx";
import { shapeKpis } from "../panels/kpis/data.ts";
import { KpisPanel } from "../panels/kpis/Panel.tsx";
import { AnswerPanel } from "../panels/page-controls/AnswerPanel.tsx";
import { whereOfBin } from "../panels/page-controls/durationBins.ts";
import { explorerLink } from "../panels/page-controls/explorer.ts";
import { GranularitySelect } from "../panels/page-controls/GranularitySelect.tsx";
import { NothingRan } from "../panels/page-controls/NothingRan.tsx";
import { NumbersFrame } from "../panels/page-controls/NumbersFrame.tsx";
import type { PageSearch } from "../panels/page-controls/search.ts";
import { TimePanel } from "../panels/page-controls/TimePanel.tsx";
import { usePickAndZoom } from "../panels/page-controls/usePickAndZoom.ts";
import { ChangesPanel } from "../panels/performance/ChangesPanel.tsx";
import {
  PERFORMANCE_MEASURES,
  performanceQuestions,
  shapeDurations,
  shapeSuccess,
} from "../panels/performance/data.ts";
import { shapeDistribution } from "../panels/performance/distribution.ts";
import { shapeSteps, shapeWaits, workflowOfStep } from "../panels/performance/steps.ts";
import { useAnomalies } from "../panels/performance/useAnomalies.ts";
import { shapeRanking } from "../panels/rankings/data.ts";
import { WorkflowBars } from "../panels/rankings/WorkflowBars.tsx";
import { longestFilter } from "../panels/recent-executions/data.ts";
import { RecentExecutionsPanel } from "../panels/recent-executions/Panel.tsx";
import { useRefreshInterval } from "../session/preferences.ts";
import type { Tokens } from "../theme/tokens.ts";
import { useTokens } from "../theme/useTokens.ts";
import type { Asker, Asks } from "../view/asks.ts";
import { useAnswers } from "../view/useAnswers.ts";
import { useView } from "../view/useView.ts";
import { Columns } from "../widgets/Columns.tsx";
import { EmptyState } from "../widgets/EmptyState.tsx";

function performanceAsks({ search, current, now }: Pick<Asker<PageSearch>, "search" | "current" | "now">) {
  const { where } = search;
  const granularity = search.granularity ?? current.granularity;
  return {
    questions: performanceQuestions(current.frame(where), granularity, current.compare),
    longest: executionsQuery(longestFilter(current.view, current.period, where, now)),
  };
}

export const asks: Asks<PageSearch> = (asker) => {
  const { questions, longest } = performanceAsks(asker);
  return [batchOf(questions), longest];
};

export function PerformancePage() {
  const search = useSearch({ from: "/app/performance" });
  const { where } = search;
  const current = useView();
  const [interval] = useRefreshInterval();
  const asked = performanceAsks({ search, current, now: new Date() });
  const answers = useAnswers(asked.questions);
  const { parts } = answers;
  const longest = useQuery({ ...asked.longest, refetchInterval: interval || false });
  const longestError = useErrorWithoutData(longest);
  const { trends, text: anomalies } = useAnomalies(where);
  const pickAndZoom = usePickAndZoom(where);
  const navigate = useNavigate();
  const openBin = (from: number, to: number) => void navigate(explorerLink(where, whereOfBin(from, to)));
  const refresh = () => {
    answers.refresh();
    void longest.refetch();
  };
  const durations = useCallback(
    (answer: Answer, tokens: Tokens, now: Date) => shapeDurations(answer, tokens, now, trends),
    [trends],
  );
  const success = useCallback(
    (answer: Answer, tokens: Tokens, now: Date) => shapeSuccess(answer, tokens, now, trends),
    [trends],
  );

  const tokens = useTokens();
  const trend = parts.trend.answer;
  return (
    <NumbersFrame title="Performance" answers={{ ...answers, refresh }} where={where}>
      {trend && totalOf(trend, "count") === 0 ? (
        <NothingRan where={where} />
      ) : (
        <>
          <KpisPanel kpis={trend && shapeKpis(trend, PERFORMANCE_MEASURES)} expected={PERFORMANCE_MEASURES.length} />
          {anomalies && <p className="muted">{anomalies}</p>}
          <TimePanel
            part={parts.trend}
            what="the durations"
            shape={durations}
            onRetry={refresh}
            {...pickAndZoom}
            actions={<GranularitySelect chosen={search.granularity} answered={trend?.meta.granularity} />}
          />
          <Columns>
            <ChangesPanel part={parts.changes} onRetry={refresh} />
            <AnswerPanel part={parts.waits} what="the waits" onRetry={refresh}>
              {(answer) => {
                const model = shapeWaits(answer, new Date(answer.meta.as_of));
                return model.items.length > 0 ? <DonutChart model={model} /> : <NothingEnded what="step" />;
              }}
            </AnswerPanel>
            <TimePanel part={parts.trend} what="the success rate" shape={success} onRetry={refresh} {...pickAndZoom} />
            <AnswerPanel part={parts.buckets} what="the distribution" onRetry={refresh}>
              {(answer) => {
                const model = shapeDistribution(answer, trend, new Date(answer.meta.as_of));
                return model.bins.length > 0 ? (
                  <HistogramChart model={model} onPick={openBin} />
                ) : (
                  <NothingEnded what="execution" />
                );
              }}
            </AnswerPanel>
            <AnswerPanel part={parts.slowest} what="the slowest workflows" onRetry={refresh}>
              {(answer) => {
                const model = shapeRanking("slowness", answer, tokens, new Date(answer.meta.as_of));
                return model.items.length > 0 ? (
                  <WorkflowBars model={model} workflowOf={(name) => name} />
                ) : (
                  <NothingEnded what="execution" />
                );
              }}
            </AnswerPanel>
            <AnswerPanel part={parts.steps} what="the slowest steps" onRetry={refresh}>
              {(answer) => {
                const model = shapeSteps(answer, new Date(answer.meta.as_of));
                return model.items.length > 0 ? (
                  <WorkflowBars model={model} workflowOf={workflowOfStep} />
                ) : (
                  <NothingEnded what="step" />
                );
              }}
            </AnswerPanel>
          </Columns>
          <RecentExecutionsPanel
            title="Slowest executions"
            subtitle="Longest first"
            order="longest"
            list={longest.data}
            error={longestError ? toApiError(longestError) : null}
            where={where}
            onRetry={refresh}
          />
        </>
      )}
    </NumbersFrame>
  );
}

function NothingEnded({ what }: { what: string }) {
  return <EmptyState title={`No ${what} ended in this range.`}>Choose a longer range to see more.</EmptyState>;
}
