import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Execution } from "../../api/types.ts";
import { plural } from "../../format/format.ts";
import { DataTable } from "../../widgets/DataTable.tsx";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { ErrorState } from "../../widgets/ErrorState.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { rowColumns } from "../executions/cells.tsx";
import rowClasses from "../executions/Rows.module.css";

const COLUMNS = ["workflow", "status", "duration", "trigger", "started", "version", "user", "cost", "attempt"];

interface Props {
  fingerprint: string;
  rows: readonly Execution[] | undefined;
  error: unknown;
  onRetry: () => void;
  hasMore: boolean;
  isLoadingMore: boolean;
  onMore: () => void;
}

/** The executions that the fault ended, newest first. */
export function Behind({ fingerprint, rows, error, onRetry, hasMore, isLoadingMore, onMore }: Props) {
  // Order is the explorer's to change.
  const columns = useMemo(() => rowColumns(COLUMNS).map((column) => ({ ...column, isSortable: false })), []);
  return (
    <Panel
      flush
      title="Executions that it ended"
      subtitle="Newest first"
      actions={
        <Link to="/executions" search={{ where: { error_fingerprint: [fingerprint] } }}>
          Open in the explorer
        </Link>
      }
    >
      {error && !rows ? (
        <div className={rowClasses.pad}>
          <ErrorState what="The executions could not be loaded" error={error} onRetry={onRetry} />
        </div>
      ) : !rows ? (
        <Skeleton label="the executions">
          <div className={rowClasses.pad}>
            <Bone height="12rem" />
          </div>
        </Skeleton>
      ) : rows.length === 0 ? (
        <EmptyState title="It ended no execution in this range" />
      ) : (
        <DataTable
          id="fault-executions"
          label="Executions that it ended"
          withView
          className={rowClasses.table}
          columns={columns}
          rows={rows}
          rowKey={(run) => `${run.id}#${run.attempt}`}
          footer={
            <div className={rowClasses.footer}>
              <span>
                {hasMore
                  ? `${plural(rows.length, "execution")} shown`
                  : `All ${plural(rows.length, "execution")} shown`}
              </span>
              {hasMore && (
                <Button variant="default" loading={isLoadingMore} onClick={onMore}>
                  Load more
                </Button>
              )}
            </div>
          }
        />
      )}
    </Panel>
  );
}
