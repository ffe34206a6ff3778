import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { executionPagesQuery } from "../../api/queries.ts";
import { totalOf } from "../../api/rows.ts";
import type { Execution } from "../../api/types.ts";
import { duration, exactCount, money, plural, UNKNOWN } from "../../format/format.ts";
import { exactTime } from "../../format/time.ts";
import { useHold } from "../../live/useHold.ts";
import { LIST_EVERY_MS, useKeepUp } from "../../live/useKeepUp.ts";
import { useLiveRows } from "../../live/useLiveRows.ts";
import { Waiting } from "../../live/Waiting.tsx";
import { useZone } from "../../session/session.ts";
import { STATUS_WORD, STATUSES } from "../../theme/tokens.ts";
import { useView } from "../../view/useView.ts";
import { listTimeOf } from "../../view/view.ts";
import { DataTable, type TableColumn } from "../../widgets/DataTable.tsx";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { ErrorState } from "../../widgets/ErrorState.tsx";
import { useNow } from "../../widgets/now.ts";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { StatusMark } from "../../widgets/StatusMark.tsx";
import { Tabs } from "../../widgets/Tabs.tsx";
import { triggerWord } from "../recent-executions/data.ts";
import classes from "./Panels.module.css";
import type { WorkflowSearch } from "./search.ts";
import type { TabProps } from "./tab.ts";

const PAGE_SIZE = 50;
const NONE: readonly never[] = [];
const keyOf = (run: Execution) => `${run.id}#${run.attempt}`;

/** All executions of the range, newest first, as far back as somebody cares to go. */
export function HistoryTab({ id, answers, live }: TabProps) {
  const { view, period } = useView();
  const { status } = useSearch({ from: "/app/workflows/$id" });
  const now = useNow();
  const pages = useInfiniteQuery(
    executionPagesQuery({
      ...listTimeOf(view, period, now),
      workflow_id: id,
      ...(status ? { status } : {}),
      limit: PAGE_SIZE,
    }),
  );
  const rows = useLiveRows(pages.data, live);
  const pageCount = pages.data?.pages.length ?? 0;
  useKeepUp({
    // Many pages would be a request each.
    mode: pageCount > 1 ? undefined : live,
    asOfLsn: pages.isPlaceholderData ? null : pages.data?.pages[0]?.as_of_lsn,
    ask: pages.refetch,
    leastMs: LIST_EVERY_MS,
    workflow: id,
  });
  const {
    rows: held,
    waiting,
    holdProps,
  } = useHold(rows ?? NONE, keyOf, {
    of: JSON.stringify([view, status, pageCount]),
    isSettled: !pages.isPlaceholderData,
  });
  const count = answers.parts.count?.answer;
  const total = count && !status ? totalOf(count, "count") : null;
  const choices = [undefined, ...STATUSES].map((each) => ({
    key: each ?? "all",
    label: each ? STATUS_WORD[each] : "All",
    link: { to: "." as const, search: ((before: WorkflowSearch) => ({ ...before, status: each })) as never },
    isCurrent: status === each,
  }));
  return (
    <Panel
      flush
      title="Executions"
      subtitle="Newest first"
      actions={
        <>
          <Waiting count={waiting} />
          <Tabs label="Status" tabs={choices} />
          <Button
            variant="default"
            renderRoot={(props) => (
              <Link
                to="/executions"
                search={{ where: { workflow: [id], ...(status ? { status: [status] } : {}) } }}
                {...props}
              />
            )}
          >
            Open in the explorer
          </Button>
        </>
      }
    >
      {rows ? (
        rows.length > 0 ? (
          <div {...holdProps}>
            <DataTable
              id="workflow-history"
              label="Executions"
              withView
              columns={COLUMNS}
              rows={held}
              rowKey={keyOf}
              footer={
                <div className={classes.footer}>
                  <span>
                    {total === null
                      ? plural(rows.length, "execution")
                      : `${exactCount(rows.length)} of ${plural(Math.max(total, rows.length), "execution")}`}
                  </span>
                  {pages.error && <span role="alert">More could not be loaded: {pages.error.message}</span>}
                  {pages.hasNextPage && (
                    <Button
                      variant="default"
                      loading={pages.isFetchingNextPage}
                      onClick={() => void pages.fetchNextPage()}
                    >
                      Load more
                    </Button>
                  )}
                </div>
              }
            />
          </div>
        ) : (
          <EmptyState title={status ? `None is “${STATUS_WORD[status]}” in this range` : "Nothing ran in this range"}>
            Choose a longer range above{status ? ", or another status" : ""}.
          </EmptyState>
        )
      ) : pages.error ? (
        <ErrorState
          what="The executions could not be loaded"
          error={pages.error}
          onRetry={() => void pages.refetch()}
        />
      ) : (
        <Skeleton label="the executions">
          <div className={classes.bones}>
            <Bone height="24rem" />
          </div>
        </Skeleton>
      )}
    </Panel>
  );
}

/** To the second: many of a workflow's runs are alike but for it. */
function Started({ run }: { run: Execution }) {
  const zone = useZone();
  const at = run.started_at ?? run.queued_at ?? run.event_time;
  return <time dateTime={at}>{exactTime(at, zone)}</time>;
}

function stepsOf({ steps_completed: done, steps_total: all }: Execution): string {
  if (done === null && all === null) return UNKNOWN;
  return `${done ?? UNKNOWN}/${all ?? UNKNOWN}`;
}

const COLUMNS: TableColumn<Execution>[] = [
  {
    id: "started",
    header: "Started",
    isFixed: true,
    cell: (run) => (
      <Link
        to="/executions/$id"
        params={{ id: run.id }}
        search={{ attempt: run.attempt }}
        className={classes.plain}
        data-row-open
      >
        <Started run={run} />
        {run.attempt > 1 && <span className={classes.second}> attempt {run.attempt}</span>}
      </Link>
    ),
  },
  { id: "status", header: "Status", isFixed: true, cell: ({ status }) => <StatusMark status={status} quiet /> },
  {
    id: "duration",
    header: "Duration",
    align: "right",
    cell: ({ duration_ms }) => (duration_ms === null ? UNKNOWN : duration(duration_ms)),
  },
  { id: "steps", header: "Steps", align: "right", cell: stepsOf },
  { id: "trigger", header: "Trigger", cell: ({ trigger_type }) => triggerWord(trigger_type) },
  { id: "version", header: "Version", cell: ({ workflow_version }) => workflow_version ?? UNKNOWN },
  {
    id: "cost",
    header: "Cost",
    align: "right",
    cell: ({ cost_usd }) => (cost_usd === null ? UNKNOWN : money(cost_usd)),
  },
  {
    id: "error",
    header: "Error",
    cell: ({ error_type, error_message }) =>
      error_type || error_message ? (
        <span className={classes.error} title={error_message ?? undefined}>
          {error_type && <b>{error_type}</b>} {error_message}
        </span>
      ) : null,
  },
];
