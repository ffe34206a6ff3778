import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { toApiError } from "../../api/problem.ts";
import { exportsQuery } from "../../api/queries.ts";
import { deleteExport, exportAddress } from "../../api/requests.ts";
import type { Export } from "../../api/types.ts";
import { bytes, UNKNOWN } from "../../format/format.ts";
import { DataTable, type TableColumn } from "../../widgets/DataTable.tsx";
import { FormError } from "../../widgets/FormError.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { InlineConfirm } from "../../widgets/InlineConfirm.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { Time } from "../../widgets/Time.tsx";
import { aboutOf, inOrder, isUnderWay, placeText, progressOf, rowsText, STATE } from "./data.ts";
import classes from "./Exports.module.css";
import { ProgressBar } from "./ProgressBar.tsx";

/** The line and what has come of it. */
export function ExportsPanel({ exports }: { exports: readonly Export[] }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: deleteExport,
    onSettled: () => client.invalidateQueries({ queryKey: exportsQuery.queryKey }),
  });
  const columns = useMemo<TableColumn<Export>[]>(
    () => [
      { id: "what", header: "What", isFixed: true, cell: (row) => <What row={row} /> },
      { id: "state", header: "State", isFixed: true, cell: (row) => <State row={row} /> },
      { id: "rows", header: "Rows", cell: (row) => <RowsWritten row={row} /> },
      {
        id: "size",
        header: "Size",
        align: "right",
        cell: (row) => (row.bytes > 0 ? bytes(row.bytes) : <span className="muted">{UNKNOWN}</span>),
        sortBy: (row) => row.bytes,
      },
      {
        id: "asked",
        header: "Asked for",
        cell: (row) => <Time at={row.created_at} />,
        sortBy: (row) => row.created_at,
      },
      {
        id: "expires",
        header: "Kept until",
        cell: (row) => <Time at={row.state === "done" ? row.expires_at : null} />,
      },
      {
        id: "actions",
        header: "Actions",
        isFixed: true,
        align: "right",
        cell: (row) => <Actions row={row} onRemove={() => remove.mutate(row.id)} />,
      },
    ],
    [remove.mutate],
  );
  return (
    <Panel
      flush
      title="Queue and history"
      subtitle="One is written at a time for each person, so that exports never slow down pages. At most 20 may wait."
    >
      {remove.error && (
        <div className={classes.pad}>
          <FormError error={toApiError(remove.error)} />
        </div>
      )}
      <DataTable
        id="exports"
        label="Exports"
        withView
        className={classes.table}
        columns={columns}
        rows={inOrder(exports)}
        rowKey={(row) => row.id}
      />
    </Panel>
  );
}

function What({ row }: { row: Export }) {
  const { title, detail } = aboutOf(row);
  return (
    <span className={classes.what}>
      <b>
        {title} <span className={classes.format}>{row.format.toUpperCase()}</span>
      </b>
      <span className={classes.detail}>{detail}</span>
    </span>
  );
}

function State({ row }: { row: Export }) {
  const { word, icon, color } = STATE[row.state];
  return (
    <span>
      <span className={classes.state} style={{ color }}>
        <Icon name={icon} />
        {word}
      </span>
      {placeText(row) && <span className={classes.detail}>{placeText(row)}</span>}
      {row.error && <span className={classes.failed}>{row.error.message}</span>}
    </span>
  );
}

function RowsWritten({ row }: { row: Export }) {
  return (
    <span className={classes.rows}>
      {rowsText(row)}
      {row.state === "running" && <ProgressBar done={progressOf(row)} label="Rows written" />}
    </span>
  );
}

function Actions({ row, onRemove }: { row: Export; onRemove: () => void }) {
  const { title } = aboutOf(row);
  return (
    <span className={classes.actions}>
      {row.state === "done" && (
        <Button
          component="a"
          size="compact-sm"
          href={exportAddress(row.id)}
          download
          leftSection={<Icon name="download" size={14} />}
          aria-label={`Download ${title}, ${row.format}`}
        >
          Download
        </Button>
      )}
      {isUnderWay(row) ? (
        <Button variant="subtle" size="compact-sm" aria-label={`Cancel the export of ${title}`} onClick={onRemove}>
          Cancel
        </Button>
      ) : (
        <InlineConfirm label="Delete" about={`the export of ${title}`} onConfirm={onRemove} />
      )}
    </span>
  );
}
