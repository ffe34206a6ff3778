import { Button } from "@mantine/core";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { toApiError } from "../api/problem.ts";
import { batchOf, workflowQuery } from "../api/queries.ts";
import { useEagerQuery } from "../api/useEagerQuery.ts";
import { LIST_EVERY_MS, useKeepUp } from "../live/useKeepUp.ts";
import { useLiveMode } from "../live/useLiveMode.ts";
import { CostsTab } from "../panels/workflow/Costs.tsx";
import { FailuresTab } from "../panels/workflow/Failures.tsx";
import { FailingAlert, WorkflowFacts, WorkflowName } from "../panels/workflow/Heading.tsx";
import { HistoryTab } from "../panels/workflow/History.tsx";
import { OverviewTab } from "../panels/workflow/Overview.tsx";
import { questionsOf } from "../panels/workflow/questions.ts";
import { ScheduleTab } from "../panels/workflow/Schedule.tsx";
import { StepsTab } from "../panels/workflow/Steps.tsx";
import { TAB_LABEL, TABS, type WorkflowSearch, type WorkflowTab } from "../panels/workflow/search.ts";
import type { TabProps } from "../panels/workflow/tab.ts";
import { VersionsTab } from "../panels/workflow/Versions.tsx";
import { coarseGranularity } from "../panels/workflows/granularity.ts";
import type { Asker, Asks } from "../view/asks.ts";
import { PageFrame } from "../view/PageFrame.tsx";
import { useAnswers } from "../view/useAnswers.ts";
import { useView } from "../view/useView.ts";
import { EmptyState } from "../widgets/EmptyState.tsx";
import { Tabs } from "../widgets/Tabs.tsx";

const PART: Record<WorkflowTab, ComponentType<TabProps>> = {
  overview: OverviewTab,
  steps: StepsTab,
  versions: VersionsTab,
  failures: FailuresTab,
  cost: CostsTab,
  schedule: ScheduleTab,
  history: HistoryTab,
};

function workflowAsks({ search, current }: Pick<Asker<WorkflowSearch>, "search" | "current">, id: string) {
  const tab: WorkflowTab = search.tab ?? "overview";
  const { frame, view, period, compare } = current;
  return questionsOf(tab, { id, frame: frame(), granularity: coarseGranularity(view, period), compare });
}

export const asks: Asks<WorkflowSearch> = (asker) => {
  const { id = "" } = asker.params;
  return [workflowQuery(id), batchOf(workflowAsks(asker, id))];
};

export function WorkflowPage() {
  const { id } = useParams({ from: "/app/workflows/$id" });
  const search = useSearch({ from: "/app/workflows/$id" });
  const { tab = "overview" } = search;
  const current = useView();
  const live = useLiveMode();
  const workflow = useEagerQuery({ ...workflowQuery(id), refetchInterval: live.interval });
  const isMissing = workflow.error !== null && toApiError(workflow.error).status === 404;
  const answers = useAnswers(workflowAsks({ search, current }, id), {
    enabled: !isMissing,
    live,
    workflow: id,
  });
  useKeepUp({
    mode: isMissing ? undefined : live,
    asOfLsn: workflow.data?.as_of_lsn,
    ask: workflow.refetch,
    leastMs: LIST_EVERY_MS,
    workflow: id,
  });
  if (isMissing) return <NoWorkflow id={id} />;
  const Part = PART[tab];
  const title = workflow.data?.name || id;
  return (
    <PageFrame
      title={title}
      heading={<WorkflowName workflow={workflow.data} id={id} />}
      line={workflow.data && <WorkflowFacts workflow={workflow.data} live={live} />}
      answers={answers}
    >
      {workflow.data && <FailingAlert workflow={workflow.data} />}
      <Tabs
        label="Parts of this page"
        tabs={TABS.map((each) => ({
          key: each,
          label: TAB_LABEL[each],
          link: {
            to: ".",
            search: ((before: object) => ({
              ...before,
              tab: each === "overview" ? undefined : each,
              status: undefined,
            })) as never,
          },
          isCurrent: each === tab,
        }))}
      />
      <Part id={id} answers={answers} live={live} />
    </PageFrame>
  );
}

function NoWorkflow({ id }: { id: string }) {
  return (
    <PageFrame title="No such workflow">
      <EmptyState
        title="No such workflow, or not yours"
        action={
          <Button component={Link} to="/workflows">
            All workflows
          </Button>
        }
      >
        There is no workflow “{id}” that you may see. It may be spelled differently, or belong to somebody who has not
        shared it with you.
      </EmptyState>
    </PageFrame>
  );
}
