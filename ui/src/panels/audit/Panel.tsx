import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { auditPagesQuery } from "../../api/queries.ts";
import { auditExportAddress } from "../../api/requests.ts";
import type { AuditEntry } from "../../api/types.ts";
import { exactCount, plural } from "../../format/format.ts";
import { useView } from "../../view/useView.ts";
import { DataTable, type TableColumn } from "../../widgets/DataTable.tsx";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { ErrorState } from "../../widgets/ErrorState.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { useNow } from "../../widgets/now.ts";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { Time } from "../../widgets/Time.tsx";
import { asker, operationWord, questionLine, wholeQuestion } from "./data.ts";
import { Filters } from "./Filters.tsx";
import classes from "./Panel.module.css";
import { type AuditSearch, auditFilter } from "./search.ts";

const COLUMNS: TableColumn<AuditEntry>[] = [
  { id: "when", header: "When", isFixed: true, cell: (entry) => <When entry={entry} /> },
  { id: "who", header: "Who", cell: (entry) => <Who entry={entry} /> },
  { id: "what", header: "What", isFixed: true, cell: (entry) => <What entry={entry} /> },
  { id: "address", header: "From", cell: ({ address }) => <code>{address}</code> },
  { id: "status", header: "Answer", cell: ({ status }) => <Answer status={status} /> },
  { id: "requests", header: "Requests", align: "right", cell: ({ requests }) => exactCount(requests) },
];

/** Who asked for which data, newest first. */
export function AuditPanel() {
  const search = useSearch({ from: "/app/settings/audit" });
  const navigate = useNavigate({ from: "/settings/audit" });
  const { view, period } = useView();
  const now = useNow();
  const filter = auditFilter(search, view, period, now);
  const log = useInfiniteQuery(auditPagesQuery(filter));
  const entries = useMemo(() => log.data?.pages.flatMap((page) => page.entries) ?? [], [log.data]);
  const narrow = (change: AuditSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  return (
    <Panel
      flush
      title="Audit log"
      subtitle="Who asked for which data. The same question by the same asker is one entry for an hour."
      actions={
        <Button
          component="a"
          href={auditExportAddress(filter)}
          download
          variant="default"
          leftSection={<Icon name="download" size={14} />}
        >
          CSV
        </Button>
      }
    >
      <Filters
        search={search}
        shown={{
          from: filter.from ?? entries.at(-1)?.first_at ?? now.toISOString(),
          to: filter.to ?? now.toISOString(),
        }}
        seen={entries}
        onChange={narrow}
      />
      {log.data ? (
        entries.length > 0 ? (
          <DataTable
            id="audit"
            label="Audit log"
            columns={COLUMNS}
            rows={entries}
            rowKey={(entry) => entry.id}
            footer={
              <div className={classes.more}>
                {plural(entries.length, "entry", "entries")} shown
                {log.hasNextPage && (
                  <Button
                    variant="default"
                    size="compact-sm"
                    loading={log.isFetchingNextPage}
                    onClick={() => void log.fetchNextPage()}
                  >
                    Show more
                  </Button>
                )}
              </div>
            }
          />
        ) : (
          <EmptyState title="Nobody asked for anything like that">
            Choose a longer time, or remove what the log is narrowed to.
          </EmptyState>
        )
      ) : log.error ? (
        <div className={classes.pad}>
          <ErrorState what="The log could not be loaded" error={log.error} onRetry={() => void log.refetch()} />
        </div>
      ) : (
        <Skeleton label="the log">
          <div className={classes.pad}>
            <Bone height="18rem" />
          </div>
        </Skeleton>
      )}
    </Panel>
  );
}

/** The last request and, if there were several, the first. */
function When({ entry }: { entry: AuditEntry }) {
  return (
    <>
      <Time at={entry.last_at} />
      {entry.requests > 1 && (
        <div className={classes.since}>
          since <Time at={entry.first_at} />
        </div>
      )}
    </>
  );
}

function Who({ entry }: { entry: AuditEntry }) {
  return (
    <>
      <span className={classes.who}>{asker(entry)}</span>
      {entry.scope !== "all" && <div className={classes.since}>sees what is owned</div>}
    </>
  );
}

function What({ entry }: { entry: AuditEntry }) {
  return (
    <details className={classes.what}>
      <summary>
        <span className={classes.said}>
          <span className={classes.operation}>{operationWord(entry.operation)}</span>{" "}
          <span className={classes.line}>{questionLine(entry)}</span>
        </span>
      </summary>
      <pre className={classes.question}>{wholeQuestion(entry)}</pre>
      <p className={classes.since}>
        {entry.operation} · request <code>{entry.request_id}</code>
      </p>
    </details>
  );
}

function Answer({ status }: { status: number }) {
  if (status < 400) return <span className="muted">{status}</span>;
  return <span className={classes.refused}>{status < 500 ? `refused, ${status}` : `failed, ${status}`}</span>;
}
