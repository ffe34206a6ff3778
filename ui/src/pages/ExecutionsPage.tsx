import { readLocalStorageValue, useLocalStorage } from "@mantine/hooks";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { batchOf, executionPagesQuery, modelQuery, workflowsNamedQuery } from "../api/queries.ts";
import { totalBeforeOf, totalOf } from "../api/rows.ts";
import type { Answer } from "../api/types.ts";
import { change, exactCount } from "../format/format.ts";
import { LIST_EVERY_MS, useKeepUp } from "../live/useKeepUp.ts";
import { useLiveMode } from "../live/useLiveMode.ts";
import { useLiveRows } from "../live/useLiveRows.ts";
import { DEFAULT_COLUMNS, parseColumns } from "../panels/executions/columns.ts";
import { explorerQueries, searchFilters } from "../panels/executions/data.ts";
import { ExportButton } from "../panels/executions/ExportButton.tsx";
import { exportOf } from "../panels/executions/export.ts";
import { Facets } from "../panels/executions/Facets.tsx";
import { DEFAULT_OPEN, facetsOf, tagKeysOf, valueLabel, withFacet } from "../panels/executions/facets.ts";
import { NothingFound } from "../panels/executions/NothingFound.tsx";
import { Rows } from "../panels/executions/Rows.tsx";
import { type ExplorerSearch, listFilter } from "../panels/executions/search.ts";
import { TrendPanel } from "../panels/executions/TrendPanel.tsx";
import type { Asks } from "../view/asks.ts";
import { PageFrame } from "../view/PageFrame.tsx";
import { withUpperEnd } from "../view/ranges.ts";
import { useAnswers } from "../view/useAnswers.ts";
import { useView } from "../view/useView.ts";
import type { View } from "../view/view.ts";
import { useNow } from "../widgets/now.ts";
import { SearchBox } from "../widgets/SearchBox.tsx";
import classes from "./ExecutionsPage.module.css";

const OPEN_FACETS = { key: "tacho.executions.facets", defaultValue: [...DEFAULT_OPEN] };

/** Without a search, all is asked at once; the workflows that a text names have to be known before. */
export const asks: Asks<ExplorerSearch> = ({ search, current, now }) => {
  const open = readLocalStorageValue<string[]>(OPEN_FACETS);
  const facets = facetsOf(undefined, [], search.where).map(({ field }) => field);
  const asked = { where: search.where, search: [], open: facets.filter((field) => open.includes(field)), wide: null };
  return [
    executionPagesQuery(listFilter(search, current.period, now)),
    modelQuery,
    search.q ? workflowsNamedQuery(search.q) : batchOf(explorerQueries(current, asked)),
  ];
};

/** Every execution, narrowed by whatever is known of it. All of the view is in the address. */
export function ExecutionsPage() {
  const search = useSearch({ from: "/app/executions" });
  const view = useView();
  const now = useNow();
  const live = useLiveMode();
  const set = (change: ExplorerSearch & View) => view.change(change);

  const [ownColumns, setOwnColumns] = useLocalStorage<string[]>({
    key: "tacho.executions.columns",
    defaultValue: [...DEFAULT_COLUMNS],
    getInitialValueInEffect: false,
  });
  const columns = parseColumns(search.columns) ?? parseColumns(ownColumns) ?? [...DEFAULT_COLUMNS];
  const [open, setOpen] = useLocalStorage<string[]>({
    ...OPEN_FACETS,
    getInitialValueInEffect: false,
  });
  const [wide, setWide] = useState<string | null>(null);

  const filter = listFilter(search, view.period, now);
  const list = useInfiniteQuery({
    ...executionPagesQuery(filter),
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : live.interval),
  });
  const rows = useLiveRows(list.data, live);
  useKeepUp({
    // Many pages would be a request each.
    mode: (list.data?.pages.length ?? 0) > 1 ? undefined : live,
    asOfLsn: list.isPlaceholderData ? null : list.data?.pages[0]?.as_of_lsn,
    ask: list.refetch,
    leastMs: LIST_EVERY_MS,
  });

  const model = useQuery(modelQuery);
  const facets = facetsOf(model.data, tagKeysOf(rows ?? []), search.where);
  const named = useQuery(workflowsNamedQuery(search.q ?? ""));
  const answers = useAnswers(
    explorerQueries(view, {
      where: search.where,
      search: searchFilters(search.q, named.data?.workflows.map(({ id }) => id) ?? []),
      open: facets.map(({ field }) => field).filter((field) => open.includes(field)),
      wide,
    }),
    { enabled: !named.isLoading, live },
  );
  const part = (name: string) => answers.parts[name] ?? {};
  const trend = part("trend");
  const total = (answer: Answer | undefined) => (answer ? totalOf(answer, "count") : null);
  const [matching, all] = [total(trend.answer), total(part("all").answer)];
  const delta = trend.answer && change(matching, totalBeforeOf(trend.answer, "count"), "count", null);
  const refresh = () => {
    answers.refresh();
    void list.refetch();
  };
  const clear = () => set({ where: undefined, q: undefined });

  return (
    <PageFrame
      title="Executions"
      line={
        <p className="muted" aria-live="polite">
          {matching == null || all == null
            ? trend.answer
              ? "Nothing is recorded of this range"
              : "\u00A0"
            : matching === all
              ? `${exactCount(all)} in this range`
              : `${exactCount(matching)} of ${exactCount(all)} in this range`}
        </p>
      }
      actions={<ExportButton bodyOf={(format) => exportOf(filter, columns, format)} />}
      answers={{ ...answers, refresh }}
      shown={trend.answer ? trend.answer.meta : null}
      where={search.where}
      onWhere={(where) => set({ where })}
      nameOf={(field, value) => nameOf(field, value, rows)}
      controls={
        <SearchBox
          value={search.q ?? ""}
          what="executions by id, workflow, user or error"
          placeholder="Id, workflow, user or error"
          onChange={(q) => set({ q: q || undefined })}
        />
      }
    >
      <div className={classes.layout}>
        <Facets
          facets={facets}
          open={open}
          onOpen={setOpen}
          wide={wide}
          onWide={setWide}
          answerOf={part}
          where={search.where}
          onPick={(field, value, isNot) => set({ where: withFacet(search.where, field, value, isNot) })}
        />
        <div className={classes.main}>
          <TrendPanel
            part={trend}
            onRetry={answers.refresh}
            onNarrow={(from, to) => set({ from, to })}
            onWiden={() => set({ from: undefined, to: undefined })}
          />
          <Rows
            rows={rows}
            asked={{
              of: JSON.stringify([search, list.data?.pages.length]),
              isSettled: !list.isPlaceholderData,
            }}
            error={list.error}
            onRetry={() => void list.refetch()}
            matching={matching}
            change={delta?.text ?? null}
            hasMore={list.hasNextPage}
            isLoadingMore={list.isFetchingNextPage}
            onMore={() => void list.fetchNextPage()}
            onUpTo={(ms) => set({ where: withUpperEnd(search.where, "duration", ms + 1) })}
            order={search.order ?? "newest"}
            onOrder={(order) => set({ order: order === "newest" ? undefined : order })}
            columns={columns}
            onColumns={(chosen) => {
              const known = parseColumns(chosen) ?? [...DEFAULT_COLUMNS];
              setOwnColumns(known);
              set({ columns: known.join(",") });
            }}
            empty={
              <NothingFound
                isNarrowed={Boolean(search.where || search.q)}
                isAllTime={view.view.period === "all"}
                onClear={clear}
                onAllTime={() => set({ period: "all", from: undefined, to: undefined, last: undefined })}
              />
            }
          />
        </div>
      </div>
    </PageFrame>
  );
}

/** Names for the chips: the workflow's, where a row of it is listed. */
function nameOf(
  field: string,
  value: string,
  rows: readonly { workflow_id: string | null; workflow_name: string | null }[] | undefined,
): string | undefined {
  const name = field === "workflow" ? rows?.find((run) => run.workflow_id === value)?.workflow_name : null;
  const label = valueLabel(field, value, name);
  return label === value ? undefined : label;
}
