import { Select } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useRef } from "react";
import { useErrorWithoutData } from "../api/last-error.ts";
import { ApiError, toApiError } from "../api/problem.ts";
import { batchQuery, batchQueryNow, executionsQuery } from "../api/queries.ts";
import { type Answer, isProblem, type Problem } from "../api/types.ts";
import { exactCount } from "../format/format.ts";
import { FirstRecordPanel } from "../panels/first-record/Panel.tsx";
import { type Frame, kpiQuery, totalCount } from "../panels/kpis/data.ts";
import { KpisPanel } from "../panels/kpis/Panel.tsx";
import { PeriodBar, RangeLine } from "../panels/overview-controls/PeriodBar.tsx";
import { RefreshControl } from "../panels/overview-controls/RefreshControl.tsx";
import { rowsFilter } from "../panels/recent-executions/data.ts";
import { RecentExecutionsPanel } from "../panels/recent-executions/Panel.tsx";
import { statusQuery } from "../panels/status-distribution/data.ts";
import { StatusDistributionPanel } from "../panels/status-distribution/Panel.tsx";
import { trendQuery } from "../panels/trend/data.ts";
import { TrendPanel } from "../panels/trend/Panel.tsx";
import { useRefreshInterval } from "../session/preferences.ts";
import { useZone } from "../session/session.ts";
import { filtersOf, GRANULARITIES, granularityOf, type OverviewSearch, timeOf } from "../time/view.ts";
import { ErrorState } from "../widgets/ErrorState.tsx";
import { useTitle } from "../widgets/title.ts";
import classes from "./OverviewPage.module.css";

function split(answer: Answer | Problem | undefined): { answer?: Answer; error?: ApiError } {
  if (!answer) return {};
  return isProblem(answer) ? { error: new ApiError(answer) } : { answer };
}

function frameOf(search: OverviewSearch, zone: string): Frame {
  return { time: timeOf(search), granularity: granularityOf(search), timezone: zone, filters: filtersOf(search) };
}

function provenanceOf(answer: Answer | undefined): string | undefined {
  if (!answer) return undefined;
  const { meta } = answer;
  const source = meta.served_by === "raw" ? "rows" : "sums kept of rows";
  const how = meta.from_cache ? "From the cache" : `From ${source}`;
  const read = meta.rows_read == null ? "" : `, ${exactCount(meta.rows_read)} rows counted`;
  const exactness = meta.exact ? "exact" : `within ${((meta.relative_error ?? 0) * 100).toFixed(1)} %`;
  return `${how}${read}, ${exactness}, record ${exactCount(meta.as_of_lsn)}`;
}

export function OverviewPage() {
  useTitle("Overview");
  const search = useSearch({ from: "/app/" });
  const navigate = useNavigate({ from: "/" });
  /** The views that were zoomed out of, last first: where a double click leads back to. */
  const zoomedFrom = useRef<OverviewSearch[]>([]);
  const zone = useZone();
  const client = useQueryClient();
  const [refetchInterval] = useRefreshInterval();
  const frame = frameOf(search, zone);

  const questions = [kpiQuery(frame, search.compare !== "off"), trendQuery(frame), statusQuery(frame)];
  const batch = useQuery({ ...batchQuery(questions), refetchInterval: refetchInterval || false });
  const executions = useQuery({ ...executionsQuery(rowsFilter(search)), refetchInterval: refetchInterval || false });

  const [kpis, trend, statuses] = [0, 1, 2].map((index) => split(batch.data?.answers[index]));
  const isEmptyRange = kpis?.answer !== undefined && totalCount(kpis.answer) === 0;
  // Only where the range is empty is it worth asking whether everything is.
  const ever = useQuery({
    ...batchQuery([{ source: "executions", measures: ["count"], time: { period: "all" } }]),
    enabled: isEmptyRange,
    refetchInterval: refetchInterval || false,
  });
  const everAnswer = split(ever.data?.answers[0]).answer;
  const isFresh = isEmptyRange && everAnswer !== undefined && totalCount(everAnswer) === 0;

  const refresh = () => {
    // What goes wrong is in the query's own state.
    void client.fetchQuery(batchQueryNow(questions)).catch(() => undefined);
    void executions.refetch();
  };
  const setRange = (change: Partial<OverviewSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), resetScroll: false });
  const batchError = useErrorWithoutData(batch);
  const executionsError = useErrorWithoutData(executions);
  const failure = batchError ? toApiError(batchError) : (kpis?.error ?? null);
  const meta = kpis?.answer?.meta ?? trend?.answer?.meta;
  const workflowName =
    executions.data?.executions.find(({ workflow_id }) => workflow_id === search.workflow)?.workflow_name ?? null;

  return (
    <div className={classes.page}>
      <div className={classes.titleRow}>
        <div>
          <h1>Overview</h1>
          {!isFresh && (
            <RangeLine
              shown={meta && search.period !== "all" ? meta : null}
              compared={kpis?.answer?.comparison ?? null}
              zone={zone}
            />
          )}
        </div>
        <RefreshControl
          asOf={batch.data?.as_of ?? null}
          provenance={provenanceOf(kpis?.answer)}
          zone={zone}
          isStale={Boolean(batch.error && batch.data)}
          onRefresh={refresh}
        />
      </div>
      {isFresh ? (
        <FirstRecordPanel />
      ) : (
        <>
          <PeriodBar search={search} shown={meta ?? null} zone={zone} workflowName={workflowName} />
          {failure ? (
            <ErrorState
              what="The numbers could not be loaded"
              error={failure}
              onRetry={refresh}
              safety="What was acknowledged is safe."
            />
          ) : (
            <div className={classes.panels} data-stale={batch.isPlaceholderData || undefined}>
              <KpisPanel answer={kpis?.answer} />
              <div className={classes.shape}>
                {trend?.error ? (
                  <ErrorState what="The trend could not be loaded" error={trend.error} onRetry={refresh} />
                ) : (
                  <TrendPanel
                    answer={trend?.answer}
                    onPick={(rows_from, rows_to) => setRange({ rows_from, rows_to })}
                    onZoom={(from, to) => {
                      zoomedFrom.current.push(search);
                      setRange({ from, to, granularity: undefined, rows_from: undefined, rows_to: undefined });
                    }}
                    onZoomBack={() => {
                      const before = zoomedFrom.current.pop();
                      if (before) void navigate({ search: before, resetScroll: false });
                    }}
                    actions={
                      <Select
                        size="xs"
                        w="8.5rem"
                        aria-label="Granularity"
                        data={["Auto", ...GRANULARITIES].map((each) => ({
                          value: each,
                          label:
                            each === "Auto"
                              ? `per ${granularityOf({ ...search, granularity: undefined })} (auto)`
                              : `per ${each}`,
                        }))}
                        value={search.granularity ?? "Auto"}
                        onChange={(value) => setRange({ granularity: GRANULARITIES.find((each) => each === value) })}
                      />
                    }
                  />
                )}
                {statuses?.error ? (
                  <ErrorState what="The statuses could not be loaded" error={statuses.error} onRetry={refresh} />
                ) : (
                  <StatusDistributionPanel answer={statuses?.answer} search={search} />
                )}
              </div>
            </div>
          )}
          {executionsError ? (
            // When the numbers failed too, one message is enough.
            !failure && (
              <ErrorState what="The executions could not be loaded" error={executionsError} onRetry={refresh} />
            )
          ) : (
            <RecentExecutionsPanel list={executions.data} search={search} />
          )}
        </>
      )}
    </div>
  );
}
