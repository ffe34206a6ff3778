import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useErrorWithoutData } from "../../api/last-error.ts";
import { deadLettersQuery } from "../../api/queries.ts";
import type { DeadLetter, DeadLetterState } from "../../api/types.ts";
import { bytes, exactCount } from "../../format/format.ts";
import { DataTable, type TableColumn } from "../../widgets/DataTable.tsx";
import { ErrorState } from "../../widgets/ErrorState.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { Tabs } from "../../widgets/Tabs.tsx";
import { Time } from "../../widgets/Time.tsx";
import { LetterDrawer } from "./LetterDrawer.tsx";
import classes from "./Panel.module.css";

const LIMIT = 100;
const STATES: DeadLetterState[] = ["open", "replayed", "discarded"];

const EMPTY: Record<DeadLetterState, string> = {
  open: "No record waits to be mended. What Tacho refuses is kept here, with the reason, until somebody decides.",
  replayed: "No dead letter has been replayed yet.",
  discarded: "No dead letter has been discarded.",
};

interface Props {
  state: DeadLetterState;
  letter: string | undefined;
  refetchInterval: number;
}

export function DeadLettersPanel({ state, letter, refetchInterval }: Props) {
  const navigate = useNavigate({ from: "/system" });
  const letters = useQuery({ ...deadLettersQuery(state, LIMIT), refetchInterval: refetchInterval || false });
  const error = useErrorWithoutData(letters);
  const rows = letters.data?.dead_letters;
  const columns = useMemo<TableColumn<DeadLetter>[]>(
    () => [
      {
        id: "reason",
        header: "Reason",
        isFixed: true,
        cell: (row) => (
          <Link
            to="/system"
            search={(before) => ({ ...before, letter: row.id })}
            resetScroll={false}
            className={classes.reason}
            data-row-open
          >
            {row.message}
          </Link>
        ),
        sortBy: (row) => row.code,
      },
      {
        id: "type",
        header: "Record",
        cell: (row) => row.record_type ?? <span className="muted">unknown</span>,
        sortBy: (row) => row.record_type,
      },
      { id: "field", header: "Field", cell: (row) => (row.pointer ? <code>{row.pointer}</code> : null) },
      {
        id: "size",
        header: "Size",
        align: "right",
        cell: (row) => bytes(row.payload_bytes),
        sortBy: (row) => row.payload_bytes,
      },
      { id: "source", header: "Source", cell: (row) => row.source ?? "–", sortBy: (row) => row.source },
      {
        id: "received",
        header: "Received",
        cell: (row) => <Time at={row.received_at} />,
        sortBy: (row) => row.received_at,
      },
    ],
    [],
  );
  return (
    <Panel
      flush
      title="Dead letters"
      subtitle="Records that were refused. The rest of their batch went in."
      actions={
        <Tabs
          label="Dead letters by state"
          tabs={STATES.map((each) => ({
            key: each,
            label: each.charAt(0).toUpperCase() + each.slice(1),
            link: { to: "/system", search: each === "open" ? {} : { letters: each as "replayed" | "discarded" } },
            isCurrent: each === state,
          }))}
        />
      }
    >
      {error ? (
        <div className={classes.pad}>
          <ErrorState
            what="The dead letters could not be loaded"
            error={error}
            onRetry={() => void letters.refetch()}
          />
        </div>
      ) : !rows ? (
        <Skeleton label="the dead letters">
          <div className={classes.pad}>
            <Bone height="6rem" />
          </div>
        </Skeleton>
      ) : rows.length === 0 ? (
        <p className={classes.empty}>{EMPTY[state]}</p>
      ) : (
        <DataTable
          id="dead-letters"
          label="Dead letters"
          withView
          className={classes.table}
          columns={columns}
          rows={rows}
          rowKey={(row) => row.id}
          isCurrent={(row) => row.id === letter}
          footer={`${exactCount(rows.length)} of ${exactCount(letters.data?.total ?? rows.length)} shown`}
        />
      )}
      <LetterDrawer
        id={letter}
        onClose={() => void navigate({ search: (before) => ({ ...before, letter: undefined }), resetScroll: false })}
      />
    </Panel>
  );
}
