import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useErrorWithoutData } from "../api/last-error.ts";
import { toApiError } from "../api/problem.ts";
import { batchOf, executionPagesQuery, failureQuery } from "../api/queries.ts";
import { useEagerQuery } from "../api/useEagerQuery.ts";
import { BarChart } from "../charts/BarChart.tsx";
import { Behind } from "../panels/failure/Behind.tsx";
import { examplesOf, failureQueries, versionBars, workflowBars } from "../panels/failure/data.ts";
import { Examples } from "../panels/failure/Examples.tsx";
import classes from "../panels/failure/Failure.module.css";
import { FailureHead } from "../panels/failure/Head.tsx";
import { faultTitle } from "../panels/failures/data.ts";
import { FailureTimeline } from "../panels/failures/Timeline.tsx";
import { useRefreshInterval } from "../session/preferences.ts";
import type { Asker, Asks } from "../view/asks.ts";
import { PageFrame } from "../view/PageFrame.tsx";
import { useAnswers } from "../view/useAnswers.ts";
import { useView } from "../view/useView.ts";
import { listTimeOf } from "../view/view.ts";
import { EmptyState } from "../widgets/EmptyState.tsx";
import { ErrorState } from "../widgets/ErrorState.tsx";
import { useNow } from "../widgets/now.ts";
import { Panel } from "../widgets/Panel.tsx";
import { Bone, Skeleton } from "../widgets/Skeleton.tsx";

const PAGE_SIZE = 25;
const EXAMPLES = 5;

function failureAsks({ current, now }: Pick<Asker, "current" | "now">, fingerprint: string) {
  const { view, period, zone, granularity } = current;
  const time = listTimeOf(view, period, now);
  return {
    detail: failureQuery(fingerprint, { ...time, timezone: zone, granularity }),
    executions: executionPagesQuery({ ...time, error_fingerprint: fingerprint, limit: PAGE_SIZE }),
    questions: failureQueries(current, fingerprint),
  };
}

export const asks: Asks = (asker) => {
  const { detail, executions, questions } = failureAsks(asker, asker.params.fingerprint ?? "");
  return [detail, executions, batchOf(questions)];
};

/** One fault: what it says, when it comes, where it strikes, and the executions behind it. */
export function FailurePage() {
  const { fingerprint } = useParams({ from: "/app/failures/$fingerprint" });
  const view = useView();
  const now = useNow();
  const navigate = useNavigate();
  const [interval] = useRefreshInterval();
  const asked = failureAsks({ current: view, now }, fingerprint);

  const query = useEagerQuery({ ...asked.detail, refetchInterval: interval || false });
  const error = useErrorWithoutData(query);
  const list = useInfiniteQuery(asked.executions);
  const rows = list.data?.pages.flatMap((page) => page.executions);
  const answers = useAnswers(asked.questions);
  const { totals, versions } = answers.parts;
  const detail = query.data;
  const refresh = () => {
    answers.refresh();
    void query.refetch();
  };
  const narrow = (from: string, to: string) => view.change({ from, to });

  return (
    <PageFrame
      title={detail ? faultTitle(detail.failure) : "Failure"}
      line={
        <nav aria-label="Breadcrumb" className={classes.crumbs}>
          <Link to="/failures">Failures</Link> <span aria-hidden="true">/</span> <code>{fingerprint}</code>
        </nav>
      }
      answers={{ ...answers, refresh }}
      shown={detail?.range ?? null}
    >
      {error ? (
        toApiError(error).status === 404 ? (
          <Panel>
            <EmptyState
              title="There is no fault with this fingerprint"
              action={<Link to="/failures">All failures</Link>}
            >
              Or you may not see the executions behind it.
            </EmptyState>
          </Panel>
        ) : (
          <ErrorState what="The fault could not be loaded" error={error} onRetry={() => void query.refetch()} />
        )
      ) : !detail ? (
        <Panel>
          <Skeleton label="the fault">
            <Bone width="30rem" height="1.25rem" />
            <div style={{ height: "1rem" }} />
            <Bone height="5rem" />
          </Skeleton>
        </Panel>
      ) : (
        <>
          <FailureHead detail={detail} totals={totals.answer} />
          <FailureTimeline
            title="When it came"
            answer={detail.timeline}
            error={undefined}
            isPlain
            onRetry={() => void query.refetch()}
            onPick={(from, to) =>
              void navigate({
                to: "/executions",
                search: { from, to, where: { error_fingerprint: [fingerprint] } } as never,
              })
            }
            onZoom={narrow}
            onZoomBack={() => view.change({ from: undefined, to: undefined })}
          />
          <div className={classes.columns}>
            <Panel>
              <BarChart
                model={workflowBars(detail)}
                hrefOf={(workflow) => `/workflows/${encodeURIComponent(workflow)}`}
              />
            </Panel>
            {versions.answer && (
              <Panel>
                <BarChart
                  model={versionBars(versions.answer)}
                  onPick={(name) => {
                    const [workflow = "", version = ""] = name.split("\n");
                    void navigate({
                      to: "/executions",
                      search: {
                        where: { error_fingerprint: [fingerprint], workflow: [workflow], version: [version] },
                      } as never,
                    });
                  }}
                />
              </Panel>
            )}
          </div>
          <Examples examples={examplesOf(rows ?? [], EXAMPLES)} />
          <Behind
            fingerprint={fingerprint}
            rows={rows}
            error={list.error}
            onRetry={() => void list.refetch()}
            hasMore={list.hasNextPage}
            isLoadingMore={list.isFetchingNextPage}
            onMore={() => void list.fetchNextPage()}
          />
        </>
      )}
    </PageFrame>
  );
}
