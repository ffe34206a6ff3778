import { Button, Select } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useErrorWithoutData } from "../api/last-error.ts";
import { failuresQuery } from "../api/queries.ts";
import { groupsOf } from "../api/rows.ts";
import { useEagerQuery } from "../api/useEagerQuery.ts";
import { plural } from "../format/format.ts";
import { failuresQueries, isOfListed, listedTotal, sparksOf } from "../panels/failures/data.ts";
import { Faults } from "../panels/failures/Faults.tsx";
import { type FailuresSearch, failureFilter } from "../panels/failures/search.ts";
import { FailureTimeline } from "../panels/failures/Timeline.tsx";
import { Totals } from "../panels/failures/Totals.tsx";
import { useRefreshInterval } from "../session/preferences.ts";
import type { Asker, Asks } from "../view/asks.ts";
import { PageFrame } from "../view/PageFrame.tsx";
import { useAnswers } from "../view/useAnswers.ts";
import { useView } from "../view/useView.ts";
import type { View, Where } from "../view/view.ts";
import { EmptyState } from "../widgets/EmptyState.tsx";
import { ErrorState } from "../widgets/ErrorState.tsx";
import { useNow } from "../widgets/now.ts";
import { Panel } from "../widgets/Panel.tsx";
import { SearchBox } from "../widgets/SearchBox.tsx";
import { Bone, Skeleton } from "../widgets/Skeleton.tsx";

function failuresAsks({ search, current, now }: Pick<Asker<FailuresSearch>, "search" | "current" | "now">) {
  return failuresQuery(failureFilter(search, current.period, current.zone, now));
}

/** What is beside the list is about the faults in it, and asked after it. */
export const asks: Asks<FailuresSearch> = (asker) => [failuresAsks(asker)];

/** What goes wrong, by fault: new ones, those that are back, and those that never left. */
export function FailuresPage() {
  const search = useSearch({ from: "/app/failures" });
  const view = useView();
  const now = useNow();
  const navigate = useNavigate();
  const [interval] = useRefreshInterval();
  // Whatever changes what is listed begins at its first page.
  const set = (change: FailuresSearch & View) => view.change({ offset: undefined, ...change } as View);

  const list = useEagerQuery({ ...failuresAsks({ search, current: view, now }), refetchInterval: interval || false });
  const listError = useErrorWithoutData(list);
  const listed = list.data?.failures.map(({ fingerprint }) => fingerprint) ?? [];
  const answers = useAnswers(failuresQueries(view, search, listed), { enabled: !list.isLoading });
  const { timeline, sparks, workflows } = answers.parts;
  const bySpark = useMemo(() => sparksOf(sparks.answer), [sparks.answer]);
  const names = workflows.answer ? groupsOf(workflows.answer) : [];
  const chosen = (field: string) => search.where?.[field]?.[0] ?? null;
  const choose = (field: string, value: string | null) => {
    const { [field]: _, ...rest } = search.where ?? {};
    const where: Where = value ? { ...rest, [field]: [value] } : rest;
    set({ where: Object.keys(where).length > 0 ? where : undefined });
  };
  const isNarrowed = Boolean(search.where || search.state || search.q);
  const totals = list.data?.totals;
  const refresh = () => {
    answers.refresh();
    void list.refetch();
  };

  return (
    <PageFrame
      title="Failures"
      line={
        <p className="muted">
          {totals ? `${plural(totals.failures, "failure")} in ${plural(totals.fingerprints, "fault")}` : "\u00A0"}
        </p>
      }
      answers={{ ...answers, refresh }}
      shown={list.data?.range ?? null}
      where={search.where}
      onWhere={(where) => set({ where })}
      nameOf={(field, value) =>
        field === "workflow"
          ? (names.find((each) => each.text("workflow") === value)?.text("workflow_name") ?? undefined)
          : undefined
      }
      controls={
        <SearchBox
          value={search.q ?? ""}
          what="failures by error type or message"
          placeholder="Error type or message"
          width="15rem"
          onChange={(q) => set({ q: q || undefined })}
        />
      }
    >
      <Totals totals={totals} state={search.state} onState={(state) => set({ state })} />
      <FailureTimeline
        title={isOfListed(search) ? "Failures of the faults below by error type" : "Failures by error type"}
        answer={timeline.answer}
        error={timeline.error}
        onRetry={answers.refresh}
        onPick={(from, to) =>
          void navigate({
            to: "/executions",
            search: { from, to, where: { ...search.where, status: ["failed", "timeout"] } } as never,
          })
        }
        onZoom={(from, to) => set({ from, to })}
        onZoomBack={() => set({ from: undefined, to: undefined })}
      />
      {listError ? (
        <ErrorState what="The faults could not be loaded" error={listError} onRetry={() => void list.refetch()} />
      ) : list.data ? (
        <Faults
          list={list.data}
          total={listedTotal(list.data.totals, search.state)}
          sparks={bySpark}
          order={search.order ?? "count"}
          onOrder={(order) => set({ order: order === "count" ? undefined : order })}
          offset={search.offset ?? 0}
          onOffset={(offset) => set({ offset })}
          actions={
            <>
              <Select
                size="xs"
                w="10rem"
                searchable
                clearable
                aria-label="Error type"
                placeholder="Any error type"
                data={list.data.totals.by_error_type.flatMap(({ error_type }) => error_type ?? [])}
                value={chosen("error_type")}
                onChange={(value) => choose("error_type", value)}
              />
              <Select
                size="xs"
                w="12rem"
                searchable
                clearable
                aria-label="Workflow"
                placeholder="Any workflow"
                data={names.flatMap((each) => {
                  const value = each.text("workflow");
                  return value ? [{ value, label: each.text("workflow_name") ?? value }] : [];
                })}
                value={chosen("workflow")}
                onChange={(value) => choose("workflow", value)}
              />
            </>
          }
          empty={
            isNarrowed ? (
              <EmptyState
                title="No fault in this range matches the filters"
                action={
                  <Button variant="default" onClick={() => set({ where: undefined, state: undefined, q: undefined })}>
                    Remove the filters
                  </Button>
                }
              />
            ) : (
              <EmptyState title="Nothing failed in this range">
                Failures are grouped here by error type and the pattern of the message, as soon as one comes.
              </EmptyState>
            )
          }
        />
      ) : (
        <Panel>
          <Skeleton label="the faults">
            <Bone height="18rem" />
          </Skeleton>
        </Panel>
      )}
    </PageFrame>
  );
}
