import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useRef, useState } from "react";
import { useErrorWithoutData } from "../api/last-error.ts";
import { toApiError } from "../api/problem.ts";
import { batchOf, executionsQuery, failuresQuery, failuresQueryNow } from "../api/queries.ts";
import { totalOf } from "../api/rows.ts";
import { useEagerQuery } from "../api/useEagerQuery.ts";
import { isFailure, LIST_EVERY_MS, useKeepUp } from "../live/useKeepUp.ts";
import { useLiveMode } from "../live/useLiveMode.ts";
import { BreakdownPanel } from "../panels/costs/BreakdownPanel.tsx";
import { COST_DIMENSION_WORD, COST_DIMENSIONS } from "../panels/costs/breakdown.ts";
import { FirstRecordPanel } from "../panels/first-record/Panel.tsx";
import { OverviewKpis } from "../panels/kpis/OverviewKpis.tsx";
import { arrangementOf, type WidgetId } from "../panels/overview/arrangement.ts";
import { overviewQuestions } from "../panels/overview/questions.ts";
import type { OverviewSearch } from "../panels/overview/search.ts";
import { useArrangement } from "../panels/overview/useArrangement.ts";
import { ChoiceTabs } from "../panels/page-controls/ChoiceTabs.tsx";
import { GranularitySelect } from "../panels/page-controls/GranularitySelect.tsx";
import { NumbersFrame } from "../panels/page-controls/NumbersFrame.tsx";
import { usePickAndZoom } from "../panels/page-controls/usePickAndZoom.ts";
import { RANKINGS } from "../panels/rankings/data.ts";
import { RankingPanel } from "../panels/rankings/Panel.tsx";
import { recentFilter } from "../panels/recent-executions/data.ts";
import { failuresFilter } from "../panels/recent-failures/data.ts";
import { RecentFailuresPanel } from "../panels/recent-failures/Panel.tsx";
import { StatusDistributionPanel } from "../panels/status-distribution/Panel.tsx";
import { TrendPanel } from "../panels/trend/Panel.tsx";
import { usePreferences } from "../session/preferences.ts";
import type { Asker, Asks } from "../view/asks.ts";
import { PageFrame } from "../view/PageFrame.tsx";
import { useAnswers } from "../view/useAnswers.ts";
import { useChange } from "../view/useChange.ts";
import { useView } from "../view/useView.ts";
import classes from "./OverviewPage.module.css";

/** Below what is seen first, and with all that tables need: loaded beside the numbers. */
const recentExecutions = import("../panels/recent-executions/Panel.tsx");
const RecentExecutionsPanel = lazy(() =>
  recentExecutions.then((module) => ({ default: module.RecentExecutionsPanel })),
);
const ArrangePanel = lazy(() =>
  import("../panels/overview/ArrangePanel.tsx").then((module) => ({ default: module.ArrangePanel })),
);

function overviewAsks({ search, current, preferences, now }: Omit<Asker<OverviewSearch>, "params">) {
  const { where } = search;
  const { view, period, zone, compare } = current;
  const { hidden } = arrangementOf(preferences.widget_arrangement);
  const granularity = search.granularity ?? current.granularity;
  const pinned = preferences.pinned_metrics;
  return {
    questions: overviewQuestions({ search, frame: current.frame(where), granularity, compare, pinned, hidden }),
    failures: failuresFilter(view, period, zone, where, now),
    executions: recentFilter(view, period, where, now),
  };
}

export const asks: Asks<OverviewSearch> = (asker) => {
  const { hidden } = arrangementOf(asker.preferences.widget_arrangement);
  const { questions, failures, executions } = overviewAsks(asker);
  return [
    batchOf(questions),
    ...(hidden.includes("failures") ? [] : [failuresQuery(failures)]),
    ...(hidden.includes("executions") ? [] : [executionsQuery(executions)]),
  ];
};

export function OverviewPage() {
  const client = useQueryClient();
  const search = useSearch({ from: "/app/" });
  const { where } = search;
  const current = useView();
  const change = useChange<OverviewSearch>();
  const preferences = usePreferences();
  const { pinned_metrics: pinned } = preferences;
  const live = useLiveMode();
  const control = useArrangement();
  const { order, hidden } = control.arrangement;
  const [isArranging, setArranging] = useState(false);
  const arrangeButton = useRef<HTMLButtonElement>(null);
  const pickAndZoom = usePickAndZoom(where);

  const asked = overviewAsks({ search, current, preferences, now: new Date() });
  const answers = useAnswers<string>(asked.questions, { live });
  const { parts } = answers;
  const failures = useEagerQuery({
    ...failuresQuery(asked.failures),
    refetchInterval: live.interval,
    enabled: !hidden.includes("failures"),
  });
  const executions = useEagerQuery({
    ...executionsQuery(asked.executions),
    refetchInterval: live.interval,
    enabled: !hidden.includes("executions"),
  });
  const [followsFailures, followsExecutions] = (["failures", "executions"] as const).map((id) =>
    hidden.includes(id) ? undefined : live,
  );
  useKeepUp({
    mode: followsFailures,
    asOfLsn: failures.data?.as_of_lsn,
    ask: () => client.fetchQuery(failuresQueryNow(asked.failures)),
    leastMs: LIST_EVERY_MS,
    isNews: isFailure,
  });
  useKeepUp({
    mode: followsExecutions,
    asOfLsn: executions.data?.as_of_lsn,
    ask: executions.refetch,
    leastMs: LIST_EVERY_MS,
  });
  const failuresError = useErrorWithoutData(failures);
  const executionsError = useErrorWithoutData(executions);
  const refresh = () => {
    answers.refresh();
    if (!hidden.includes("failures")) void failures.refetch();
    if (!hidden.includes("executions")) void executions.refetch();
  };

  const ever = parts.now?.answer && totalOf(parts.now.answer, "count");
  if (ever === 0 && !where) {
    return (
      <PageFrame title="Overview">
        <FirstRecordPanel />
      </PageFrame>
    );
  }

  const widgets: Record<WidgetId, ReactNode> = {
    kpis: <OverviewKpis parts={parts} pinned={pinned} where={where} live={live} />,
    trend: (
      <TrendPanel
        part={parts.trend}
        overlay={search.overlay ?? "none"}
        onOverlay={(overlay) => change({ overlay })}
        onRetry={refresh}
        {...pickAndZoom}
        actions={<GranularitySelect chosen={search.granularity} answered={parts.trend?.answer?.meta.granularity} />}
      />
    ),
    statuses: <StatusDistributionPanel part={parts.trend} where={where} onRetry={refresh} />,
    rankings: <RankingPanel part={parts.rankings} ranking={search.top ?? RANKINGS[0]} onRetry={refresh} />,
    costs: (
      <BreakdownPanel
        part={parts.costs}
        dimension={search.costs_by ?? "action_type"}
        onRetry={refresh}
        tabs={
          <ChoiceTabs
            label="Costs by"
            name="costs_by"
            choices={COST_DIMENSIONS}
            words={COST_DIMENSION_WORD}
            chosen={search.costs_by ?? "action_type"}
            isAbove
          />
        }
      />
    ),
    failures: (
      <RecentFailuresPanel
        list={failures.data}
        error={failuresError ? toApiError(failuresError) : null}
        where={where}
        onRetry={refresh}
      />
    ),
    executions: (
      <Suspense>
        <RecentExecutionsPanel
          list={executions.data}
          live={live}
          error={executionsError ? toApiError(executionsError) : null}
          where={where}
          onRetry={refresh}
        />
      </Suspense>
    ),
  };

  return (
    <NumbersFrame
      title="Overview"
      answers={{ ...answers, refresh }}
      where={where}
      actions={
        <Button
          ref={arrangeButton}
          variant="default"
          aria-pressed={isArranging}
          onClick={() => setArranging(!isArranging)}
        >
          Arrange
        </Button>
      }
    >
      {isArranging && (
        <Suspense>
          <ArrangePanel
            control={control}
            onDone={() => {
              setArranging(false);
              arrangeButton.current?.focus();
            }}
          />
        </Suspense>
      )}
      <div className={classes.widgets}>
        {order
          .filter((id) => !hidden.includes(id))
          .map((id) => (
            <div key={id} className={classes.widget} data-widget={id}>
              {widgets[id]}
            </div>
          ))}
      </div>
    </NumbersFrame>
  );
}
