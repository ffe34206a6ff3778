import { Button, Select } from "@mantine/core";
import { type ReactNode, useMemo } from "react";
import type { ExecutionOrder } from "../../api/requests.ts";
import type { Execution } from "../../api/types.ts";
import { duration, exactCount, plural } from "../../format/format.ts";
import { useHold } from "../../live/useHold.ts";
import { Waiting } from "../../live/Waiting.tsx";
import { DataTable } from "../../widgets/DataTable.tsx";
import { ErrorState } from "../../widgets/ErrorState.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { ColumnChooser } from "./ColumnChooser.tsx";
import { rowColumns } from "./cells.tsx";
import { EXPLORER_TABLE } from "./columns.ts";
import classes from "./Rows.module.css";
import { ORDERS } from "./search.ts";

const NONE: readonly never[] = [];
const keyOf = (run: Execution) => `${run.id}#${run.attempt}`;

interface Props {
  rows: readonly Execution[] | undefined;
  /** What the rows are the answer to, and whether they are it already. */
  asked: { of: string; isSettled: boolean };
  error: unknown;
  onRetry: () => void;
  /** How many match, as far as the counts are there. */
  matching: number | null;
  /** How far that is from the range compared with. */
  change: string | null;
  hasMore: boolean;
  isLoadingMore: boolean;
  onMore: () => void;
  /** Leaves out what took longer than this: how the longest, which come on one page, are followed by the next. */
  onUpTo: (ms: number) => void;
  order: ExecutionOrder;
  onOrder: (order: ExecutionOrder) => void;
  columns: readonly string[];
  onColumns: (columns: string[]) => void;
  /** What to say where nothing matches. */
  empty: ReactNode;
}

const ORDER_COLUMN: Record<ExecutionOrder, string> = { newest: "started", longest: "duration", costliest: "cost" };

function orderOf(column: string | undefined): ExecutionOrder {
  return ORDERS.find(({ value }) => ORDER_COLUMN[value] === column)?.value ?? "newest";
}

/** The executions themselves: columns chosen, in the order chosen, more on request. */
export function Rows(props: Props) {
  const { rows, asked, order, columns, matching, hasMore } = props;
  const { rows: held, waiting, holdProps } = useHold(rows ?? NONE, keyOf, asked);
  const shown = useMemo(() => rowColumns(columns), [columns]);
  const next = rows && order === "longest" && (matching ?? 0) > rows.length ? upTo(rows) : null;
  return (
    <Panel
      flush
      className={classes.panel}
      title="Matching executions"
      subtitle={matching == null ? undefined : [plural(matching, "execution"), props.change].filter(Boolean).join(", ")}
      actions={
        <div className={classes.controls}>
          <Waiting count={waiting} />
          <Select
            size="xs"
            className={classes.order}
            aria-label="Order"
            data={ORDERS.map(({ value, label }) => ({ value, label }))}
            value={order}
            onChange={(value) => props.onOrder(value as ExecutionOrder)}
          />
          <ColumnChooser columns={columns} onChange={props.onColumns} />
        </div>
      }
    >
      {props.error && !rows ? (
        <div className={classes.pad}>
          <ErrorState what="The executions could not be loaded" error={props.error} onRetry={props.onRetry} />
        </div>
      ) : !rows ? (
        <Skeleton label="the executions">
          <div className={classes.bones}>
            {Array.from({ length: 12 }, (_, row) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: bones have no identity
              <Bone key={row} height="1.25rem" />
            ))}
          </div>
        </Skeleton>
      ) : rows.length === 0 ? (
        props.empty
      ) : (
        <div {...holdProps}>
          <DataTable
            id={EXPLORER_TABLE}
            label="Executions"
            withView="keys"
            className={classes.table}
            columns={shown}
            rows={held}
            rowKey={keyOf}
            sort={{ id: ORDER_COLUMN[order], desc: true }}
            onSort={(sort) => props.onOrder(orderOf(sort?.id))}
            footer={
              <div className={classes.footer}>
                <span>{footerText(rows.length, matching, hasMore, order)}</span>
                {hasMore && (
                  <Button variant="default" loading={props.isLoadingMore} onClick={props.onMore}>
                    Load more
                  </Button>
                )}
                {next !== null && (
                  <Button variant="default" onClick={() => props.onUpTo(next)}>
                    Those up to {duration(next)}
                  </Button>
                )}
              </div>
            }
          />
        </div>
      )}
    </Panel>
  );
}

function footerText(shown: number, matching: number | null, hasMore: boolean, order: ExecutionOrder): string {
  if (matching != null && matching > shown) {
    const known = `${exactCount(shown)} of ${exactCount(matching)} shown`;
    if (order === "newest") return known;
    return `${known}, the ${order}. Narrow the time or the filters to see others, or export all.`;
  }
  return hasMore ? `${plural(shown, "execution")} shown, there are more` : `All ${plural(shown, "execution")} shown`;
}

/** How long the shortest of the longest took; null where all took the same, and the next would be these again. */
function upTo(rows: readonly Execution[]): number | null {
  const [first, last] = [rows[0]?.duration_ms ?? null, rows.at(-1)?.duration_ms ?? null];
  return first === last ? null : last;
}
