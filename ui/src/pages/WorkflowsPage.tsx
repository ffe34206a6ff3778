import { Button } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { batchOf, workflowsListQuery } from "../api/queries.ts";
import { useEagerQuery } from "../api/useEagerQuery.ts";
import { exactCount, plural } from "../format/format.ts";
import { executionsBeside, shapeWorkflows, workflowsQuery } from "../panels/workflows/data.ts";
import { FacetMenu } from "../panels/workflows/FacetMenu.tsx";
import {
  conditionOf,
  FACET_LABEL,
  FACETS,
  facetsOf,
  filtered,
  searched,
  valueLabel,
} from "../panels/workflows/filter.ts";
import { coarseGranularity } from "../panels/workflows/granularity.ts";
import { Rankings } from "../panels/workflows/Rankings.tsx";
import { rankingsOf } from "../panels/workflows/rankings.ts";
import { sortOf, sortText, type WorkflowsSearch } from "../panels/workflows/search.ts";
import { WorkflowsTable, WorkflowsTableSkeleton } from "../panels/workflows/Table.tsx";
import { SparksProvider } from "../panels/workflows/useSparks.tsx";
import { useRefreshInterval } from "../session/preferences.ts";
import type { Asks } from "../view/asks.ts";
import type { Current } from "../view/current.ts";
import { PageFrame } from "../view/PageFrame.tsx";
import { useAnswers } from "../view/useAnswers.ts";
import { useChange } from "../view/useChange.ts";
import { useView } from "../view/useView.ts";
import { toggled, type Where } from "../view/view.ts";
import { EmptyState } from "../widgets/EmptyState.tsx";
import { ErrorState } from "../widgets/ErrorState.tsx";
import { Panel } from "../widgets/Panel.tsx";
import { SearchBox } from "../widgets/SearchBox.tsx";
import classes from "./WorkflowsPage.module.css";

/** The list of ten thousand workflows is a large answer, and changes seldom. */
const LIST_REFRESH_MS_MIN = 30_000;

function workflowsAsks({ frame, compare }: Current) {
  return { workflows: workflowsQuery(frame(), compare) };
}

export const asks: Asks<WorkflowsSearch> = ({ current }) => [batchOf(workflowsAsks(current)), workflowsListQuery];

export function WorkflowsPage() {
  const search = useSearch({ from: "/app/workflows" });
  const change = useChange<WorkflowsSearch>();
  const current = useView();
  const { frame, view, period } = current;
  const [interval] = useRefreshInterval();
  const answers = useAnswers(workflowsAsks(current));
  const list = useEagerQuery({
    ...workflowsListQuery,
    refetchInterval: interval ? Math.max(interval, LIST_REFRESH_MS_MIN) : false,
  });
  const { answer, error } = answers.parts.workflows;

  // The URL follows when typing rests.
  const [text, setText] = useState(search.q ?? "");
  useEffect(() => setText(search.q ?? ""), [search.q]);
  const all = useMemo(
    () => (list.data && answer ? shapeWorkflows(list.data.workflows, answer) : undefined),
    [list.data, answer],
  );
  const found = useMemo(() => all && searched(all, text), [all, text]);
  const facets = useMemo(() => found && facetsOf(found, search.where), [found, search.where]);
  const rows = useMemo(() => found && filtered(found, search.where), [found, search.where]);
  const rankings = useMemo(() => rows && rankingsOf(rows), [rows]);
  const sort = useMemo(() => sortOf(search.sort), [search.sort]);

  const setWhere = (where: Where | undefined) => change({ where });
  const refresh = () => {
    answers.refresh();
    void list.refetch();
  };
  const failure = list.data ? error : (list.error ?? error);

  return (
    <PageFrame
      title="Workflows"
      answers={{ ...answers, refresh, isStale: answers.isStale || Boolean(list.error && list.data) }}
      shown={answer?.meta}
      where={search.where}
      onWhere={setWhere}
      nameOf={valueLabel}
      controls={
        <div className={classes.controls}>
          <SearchBox
            value={search.q ?? ""}
            what="workflows by name, id, group, owner or tag"
            placeholder="Name, id, group, owner or tag"
            width="13rem"
            onType={setText}
            onChange={(next) => change({ q: next.trim() || undefined })}
          />
          {FACETS.map((facet) => (
            <FacetMenu
              key={facet}
              label={FACET_LABEL[facet]}
              values={facets?.[facet] ?? []}
              onToggle={(value) => setWhere(toggled(search.where, ...conditionOf(facet, value)))}
            />
          ))}
        </div>
      }
    >
      {failure ? (
        <ErrorState what="The workflows could not be loaded" error={failure} onRetry={refresh} />
      ) : all?.length === 0 ? (
        <EmptyState title="No workflow yet">
          A workflow appears here with its first execution. Send one, as Overview shows, and it is listed within
          seconds.
        </EmptyState>
      ) : (
        <>
          <Rankings rankings={rankings} onSort={(by) => change({ sort: sortText(sortOf(by)) })} />
          <Panel
            flush
            title="Workflows"
            subtitle={rows && all && list.data && scopeOf(rows.length, all.length, list.data.total)}
          >
            {rows && all && answer ? (
              rows.length > 0 ? (
                <SparksProvider frame={frame()} granularity={coarseGranularity(view, period)}>
                  <WorkflowsTable
                    rows={rows}
                    sort={sort}
                    onSort={(next) => change({ sort: sortText(next) })}
                    beside={executionsBeside(answer, all)}
                  />
                </SparksProvider>
              ) : (
                <EmptyState
                  title="No workflow matches"
                  action={
                    <Button variant="default" onClick={() => change({ q: undefined, where: undefined })}>
                      Remove search and filters
                    </Button>
                  }
                />
              )
            ) : (
              <WorkflowsTableSkeleton />
            )}
          </Panel>
        </>
      )}
    </PageFrame>
  );
}

/** How many of how many are shown: by the filters, and by what an answer can hold. */
function scopeOf(shown: number, listed: number, total: number): string {
  const filtered =
    shown < listed ? `${exactCount(shown)} of ${plural(listed, "workflow")}` : plural(listed, "workflow");
  return listed < total ? `${filtered}; ${exactCount(total - listed)} more are not listed` : filtered;
}
