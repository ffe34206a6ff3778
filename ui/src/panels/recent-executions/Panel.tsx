import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { ApiError } from "../../api/problem.ts";
import type { Execution, ExecutionList } from "../../api/types.ts";
import { duration } from "../../format/format.ts";
import { patched } from "../../live/patch.ts";
import { useHold } from "../../live/useHold.ts";
import { useLiveExecutions } from "../../live/useLive.ts";
import type { LiveMode } from "../../live/useLiveMode.ts";
import { Waiting } from "../../live/Waiting.tsx";
import type { Where } from "../../view/view.ts";
import { DataTable, type TableColumn } from "../../widgets/DataTable.tsx";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { ErrorState } from "../../widgets/ErrorState.tsx";
import { useNow } from "../../widgets/now.ts";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { StatusMark } from "../../widgets/StatusMark.tsx";
import { Time } from "../../widgets/Time.tsx";
import { explorerLink } from "../page-controls/explorer.ts";
import { elapsedMs, triggerWord, workflowTitle } from "./data.ts";
import classes from "./Panel.module.css";

function Elapsed({ execution }: { execution: Execution }) {
  const now = useNow();
  const ms = elapsedMs(execution, now);
  if (ms == null) return <span className="muted">–</span>;
  return execution.duration_ms == null ? <span className="muted">{duration(ms)} so far</span> : duration(ms);
}

const COLUMNS: TableColumn<Execution>[] = [
  {
    id: "workflow",
    header: "Workflow",
    isFixed: true,
    cell: (run) => (
      <Link
        to="/executions/$id"
        params={{ id: run.id }}
        search={{ attempt: run.attempt }}
        className={classes.workflow}
        data-row-open
      >
        {workflowTitle(run)}
      </Link>
    ),
  },
  { id: "status", header: "Status", isFixed: true, cell: (run) => <StatusMark status={run.status} quiet /> },
  { id: "duration", header: "Duration", align: "right", cell: (run) => <Elapsed execution={run} /> },
  { id: "trigger", header: "Trigger", cell: (run) => triggerWord(run.trigger_type) },
  { id: "started", header: "Started", cell: (run) => <Time at={run.started_at ?? run.queued_at ?? run.event_time} /> },
  {
    id: "error",
    header: "Error",
    cell: (run) =>
      run.error_type || run.error_message ? (
        <span className={classes.error} title={run.error_message ?? undefined}>
          {run.error_type && <b>{run.error_type}</b>} {run.error_message}
        </span>
      ) : null,
  },
];

const NONE: readonly never[] = [];
const keyOf = (run: Execution) => `${run.id}#${run.attempt}`;

interface Props {
  list: ExecutionList | undefined;
  /** What happens to those in the list shows at once. */
  live?: LiveMode;
  error: ApiError | null;
  title?: string;
  subtitle?: string;
  /** The explorer's order, where it leads to. */
  order?: "longest";
  where: Where | undefined;
  onRetry: () => void;
}

export function RecentExecutionsPanel({
  list,
  live,
  error,
  title = "Recent executions",
  subtitle = "Newest first",
  order,
  where,
  onRetry,
}: Props) {
  const told = useLiveExecutions(undefined, Boolean(live?.isWanted && live.isOpen));
  const current = useMemo(() => (list ? patched(list.executions, told, list.as_of_lsn) : NONE), [list, told]);
  const { rows, waiting, holdProps } = useHold(current, keyOf);
  return (
    <Panel
      flush
      className={classes.panel}
      title={title}
      subtitle={subtitle}
      actions={
        <>
          <Waiting count={waiting} />
          <Link {...explorerLink(where, {}, order && { order })}>All executions</Link>
        </>
      }
    >
      {error ? (
        <ErrorState what="The executions could not be loaded" error={error} onRetry={onRetry} />
      ) : list ? (
        rows.length > 0 ? (
          <div {...holdProps}>
            <DataTable
              id="recent-executions"
              label={title}
              className={classes.table}
              columns={COLUMNS}
              rows={rows}
              rowKey={keyOf}
            />
          </div>
        ) : (
          <EmptyState title={where ? "No execution matches the filters." : "No execution started in this range."}>
            Choose a longer range{where ? " or take filters off" : ""} to see more.
          </EmptyState>
        )
      ) : (
        <Skeleton label="the executions">
          <div className={classes.bones}>
            {Array.from({ length: 8 }, (_, row) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: bones have no identity
              <Bone key={row} height="1.25rem" />
            ))}
          </div>
        </Skeleton>
      )}
    </Panel>
  );
}
