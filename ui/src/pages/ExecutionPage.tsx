import type { LiveExecutions } from "@tacho/live";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { toApiError } from "../api/problem.ts";
import { executionQuery } from "../api/queries.ts";
import { totalOf } from "../api/rows.ts";
import type { ExecutionDetail, ExecutionStatus } from "../api/types.ts";
import { useEagerQuery } from "../api/useEagerQuery.ts";
import { duration } from "../format/format.ts";
import { patched } from "../live/patch.ts";
import { NUMBERS_EVERY_MS, useKeepUp } from "../live/useKeepUp.ts";
import { useLiveExecutions } from "../live/useLive.ts";
import { useLiveMode } from "../live/useLiveMode.ts";
import { Costs } from "../panels/execution/Costs.tsx";
import { executionQueries, sumCosts, usualOf, usualSteps } from "../panels/execution/data.ts";
import { ErrorBox } from "../panels/execution/ErrorBox.tsx";
import classes from "../panels/execution/Execution.module.css";
import { IdLine, Neighbours } from "../panels/execution/Head.tsx";
import { Metadata } from "../panels/execution/Metadata.tsx";
import { RawRecords } from "../panels/execution/RawRecords.tsx";
import { Relations } from "../panels/execution/Relations.tsx";
import { Summary } from "../panels/execution/Summary.tsx";
import type { ExecutionSearch } from "../panels/execution/search.ts";
import { Unusual } from "../panels/execution/Unusual.tsx";
import { Waterfall } from "../panels/execution/Waterfall.tsx";
import { elapsedMs, workflowTitle } from "../panels/recent-executions/data.ts";
import { LIVE_MS } from "../session/preferences.ts";
import { useZone } from "../session/session.ts";
import type { Asks } from "../view/asks.ts";
import { PageFrame } from "../view/PageFrame.tsx";
import { RefreshControl } from "../view/RefreshControl.tsx";
import { type Part, useAnswers } from "../view/useAnswers.ts";
import { EmptyState } from "../widgets/EmptyState.tsx";
import { ErrorState } from "../widgets/ErrorState.tsx";
import { Facts } from "../widgets/Facts.tsx";
import { useNow } from "../widgets/now.ts";
import { Panel } from "../widgets/Panel.tsx";
import { Bone, Skeleton } from "../widgets/Skeleton.tsx";
import { StatusMark } from "../widgets/StatusMark.tsx";

export const asks: Asks<ExecutionSearch> = ({ params: { id = "" }, search: { attempt } }) => [
  executionQuery(id, attempt),
];

/** One run: what went wrong and where, what took the time, and whether that is usual. */
export function ExecutionPage() {
  const { id } = useParams({ from: "/app/executions/$id" });
  const { attempt } = useSearch({ from: "/app/executions/$id" });
  const zone = useZone();
  const live = useLiveMode({ hasRange: false });
  const query = useEagerQuery({
    ...executionQuery(id, attempt),
    // A finished run rests; an open one is looked at again.
    refetchInterval: ({ state }) => {
      if (!isOpen(state.data?.execution.status)) return false;
      // Of steps and costs no event tells.
      return live.isWanted ? LIVE_MS : live.interval;
    },
  });
  const isFollowed = isOpen(query.data?.execution.status) && live.isWanted;
  useKeepUp({
    mode: isFollowed ? live : undefined,
    asOfLsn: query.data?.as_of_lsn,
    ask: query.refetch,
    leastMs: NUMBERS_EVERY_MS,
    isNews: ({ execution_id }) => execution_id === id,
  });
  const told = useLiveExecutions(undefined, isFollowed);
  const detail = useMemo(() => withNews(query.data, told), [query.data, told]);
  const title = detail ? workflowTitle(detail.execution) : "Execution";
  return (
    <PageFrame
      title={title}
      heading={
        detail && (
          <span className={classes.title}>
            {title} <StatusMark status={detail.execution.status} />
          </span>
        )
      }
      line={
        <>
          {detail && <IdLine detail={detail} />}
          <nav aria-label="Breadcrumb" className={classes.crumbs}>
            <Link to="/executions">Executions</Link> <span aria-hidden="true">/</span> {title}
          </nav>
        </>
      }
      actions={
        detail && (
          <>
            <Neighbours execution={detail.execution} />
            <RefreshControl
              asOf={detail.as_of}
              zone={zone}
              isStale={Boolean(query.error)}
              live={isFollowed ? live : undefined}
              onRefresh={() => void query.refetch()}
            />
          </>
        )
      }
    >
      {detail ? (
        <Body detail={detail} />
      ) : query.error ? (
        <Missing error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton label="the execution">
          <Bone height="7rem" />
          <div style={{ height: "1rem" }} />
          <Bone height="20rem" />
        </Skeleton>
      )}
    </PageFrame>
  );
}

function isOpen(status: ExecutionStatus | undefined): boolean {
  return status === "running" || status === "queued";
}

/** What happened to the execution since it was answered for. */
function withNews(detail: ExecutionDetail | undefined, told: LiveExecutions | null): ExecutionDetail | undefined {
  if (!detail) return undefined;
  const [execution = detail.execution] = patched([detail.execution], told, detail.as_of_lsn);
  return execution === detail.execution ? detail : { ...detail, execution };
}

function Missing({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (toApiError(error).status !== 404)
    return <ErrorState what="This execution could not be loaded" error={error} onRetry={onRetry} />;
  return (
    <Panel>
      <EmptyState title="No such execution" action={<Link to="/executions">All executions</Link>}>
        There is none with this id, or you may not see it. A record that has just been sent takes a moment.
      </EmptyState>
    </Panel>
  );
}

function Body({ detail }: { detail: ExecutionDetail }) {
  const now = useNow();
  const { execution, costs, recoveries } = detail;
  const questions = executionQueries(execution);
  const answers = useAnswers(questions, { enabled: Object.keys(questions).length > 0 });
  // What is usual for another run says nothing of this one.
  const parts: Record<string, Part> = answers.isPlaceholder ? {} : answers.parts;
  const fault = parts.fault?.answer;
  const elapsed = elapsedMs(execution, now);
  const sum = sumCosts(costs);
  return (
    <>
      <ErrorBox execution={execution} sameBefore={fault ? totalOf(fault, "count") : null} />
      <div className={classes.top}>
        <Summary execution={execution} cost={sum} now={now} />
        <Unusual
          usual={usualOf(parts.usual?.answer, parts.ended?.answer, parts.slower?.answer)}
          error={parts.usual?.error}
          isLoading={execution.workflow_id != null && !parts.usual?.answer && !parts.usual?.error}
          elapsedMs={elapsed}
          isOpen={execution.duration_ms == null}
          costUsd={execution.cost_usd ?? sum.usd}
        />
      </div>
      {detail.is_cut && (
        <p className="muted">This execution has more than 10,000 records of one kind; the first 10,000 are shown.</p>
      )}
      <Waterfall detail={detail} now={now} usual={usualSteps(parts.steps?.answer)} />
      <div className={classes.side}>
        <Costs costs={costs} attempts={detail.attempts.length} />
        <Metadata execution={execution} />
        <Relations execution={execution} />
        {recoveries.length > 0 && (
          <Panel title="Recoveries" subtitle="What was tried to heal the run">
            <Facts
              facts={recoveries.map((each) => [
                `${each.strategy ?? "Recovery"}${each.step_id ? ` at ${each.step_id}` : ""}`,
                `${each.status ?? "–"}${each.duration_ms == null ? "" : `, ${duration(each.duration_ms)}`}`,
              ])}
            />
          </Panel>
        )}
      </div>
      <RawRecords detail={detail} />
    </>
  );
}
