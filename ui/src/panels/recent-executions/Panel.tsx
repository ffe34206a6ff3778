import { ActionIcon, Button, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Execution, ExecutionList } from "../../api/types.ts";
import { duration, plural } from "../../format/format.ts";
import { rangeLabel } from "../../format/time.ts";
import { useZone } from "../../session/session.ts";
import { useShortcuts } from "../../shell/shortcuts.tsx";
import { STATUS_WORD } from "../../theme/tokens.ts";
import { DEFAULT_ROWS, type OverviewSearch } from "../../time/view.ts";
import { Chip } from "../../widgets/Chip.tsx";
import { DataTable, type TableColumn } from "../../widgets/DataTable.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { useNow } from "../../widgets/now.ts";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { StatusMark } from "../../widgets/StatusMark.tsx";
import { Time } from "../../widgets/Time.tsx";
import { elapsedMs, triggerWord, workflowTitle } from "./data.ts";
import classes from "./Panel.module.css";

const MORE_ROWS = 50;
const MAX_ROWS = 200;

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
        search={run.attempt > 1 ? { attempt: run.attempt } : {}}
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

interface Props {
  list: ExecutionList | undefined;
  search: OverviewSearch;
}

export function RecentExecutionsPanel({ list, search }: Props) {
  const navigate = useNavigate({ from: "/" });
  const zone = useZone();
  const now = useNow();
  const set = (change: Partial<OverviewSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), resetScroll: false });

  const rows = list?.executions;
  const isNarrowed = Boolean(search.status || search.q || search.rows_from);
  const limit = search.rows ?? DEFAULT_ROWS;
  const chips = useMemo(
    () => [
      ...(search.status ?? []).map((status) => ({
        key: status,
        label: `Status: ${STATUS_WORD[status]}`,
        change: {
          status: search.status?.filter((each) => each !== status).length
            ? search.status?.filter((each) => each !== status)
            : undefined,
        },
      })),
      ...(search.rows_from && search.rows_to
        ? [
            {
              key: "range",
              label: rangeLabel(search.rows_from, search.rows_to, zone, now),
              change: { rows_from: undefined, rows_to: undefined },
            },
          ]
        : []),
    ],
    [search.status, search.rows_from, search.rows_to, zone, now],
  );

  return (
    <Panel
      flush
      className={classes.panel}
      title="Recent executions"
      subtitle="Newest first"
      actions={
        <>
          {chips.map(({ key, label, change }) => (
            <Chip key={key} label={label} onRemove={() => set(change)} />
          ))}
          <SearchField value={search.q ?? ""} onChange={(q) => set({ q: q || undefined })} />
        </>
      }
    >
      {rows ? (
        rows.length > 0 ? (
          <DataTable
            id="executions"
            label="Recent executions"
            withView
            className={classes.table}
            columns={COLUMNS}
            rows={rows}
            rowKey={(run) => `${run.id}#${run.attempt}`}
            footer={
              <div className={classes.footer}>
                <span>
                  {plural(rows.length, "execution")} shown{list.next_cursor ? ", there are more" : ""}
                </span>
                {list.next_cursor && limit < MAX_ROWS && (
                  <Button
                    variant="default"
                    onClick={() => set({ rows: limit < MORE_ROWS ? MORE_ROWS : Math.min(MAX_ROWS, limit * 2) })}
                  >
                    Show more
                  </Button>
                )}
              </div>
            }
          />
        ) : (
          <div className={classes.empty}>
            <p>
              {isNarrowed ? "No execution in this range matches the filters." : "No execution started in this range."}
            </p>
            {isNarrowed && (
              <Button
                variant="default"
                onClick={() => set({ status: undefined, q: undefined, rows_from: undefined, rows_to: undefined })}
              >
                Remove the filters
              </Button>
            )}
          </div>
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

const TYPING_MS = 250;

function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const send = useDebouncedCallback(onChange, TYPING_MS);
  useEffect(() => setText(value), [value]);
  useShortcuts([{ keys: "/", label: "Search executions", group: "Page", run: () => input.current?.focus() }]);
  const change = (next: string) => {
    setText(next);
    send(next);
  };
  return (
    <TextInput
      ref={input}
      size="xs"
      className={classes.search}
      aria-label="Search executions by workflow, id or error"
      placeholder="Workflow, id or error"
      leftSection={<Icon name="search" size={14} />}
      rightSection={
        text ? (
          <ActionIcon
            variant="transparent"
            size="sm"
            c="var(--muted)"
            aria-label="Clear the search"
            onClick={() => change("")}
          >
            <Icon name="cross" size={12} />
          </ActionIcon>
        ) : undefined
      }
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
      onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
    />
  );
}
