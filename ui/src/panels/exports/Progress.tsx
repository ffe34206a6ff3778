import { ActionIcon, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { toApiError } from "../../api/problem.ts";
import { exportQuery } from "../../api/queries.ts";
import { exportAddress } from "../../api/requests.ts";
import { bytes } from "../../format/format.ts";
import { Icon } from "../../widgets/Icon.tsx";
import { isUnderWay, POLL_MS, placeText, progressOf, rowsText, STATE } from "./data.ts";
import classes from "./Exports.module.css";
import { ProgressBar } from "./ProgressBar.tsx";

interface Props {
  /** The export that was asked for; null where even that failed. */
  id: string | null;
  error: unknown;
  onClose: () => void;
}

/** One export under the button that asked for it: how far it is, then the file. */
export function ExportProgress({ id, error, onClose }: Props) {
  const query = useQuery({
    ...exportQuery(id ?? ""),
    enabled: id != null,
    refetchInterval: ({ state }) => (!state.data || isUnderWay(state.data) ? POLL_MS : false),
  });
  const found = query.data;
  const failure = error ?? (found ? null : query.error);
  return (
    <div className={classes.card} role="status">
      <div className={classes.cardHead}>
        <b>{found ? `Export: ${STATE[found.state].word.toLowerCase()}` : "Export"}</b>
        <ActionIcon variant="subtle" size="sm" c="var(--muted)" aria-label="Close" onClick={onClose}>
          <Icon name="cross" size={12} />
        </ActionIcon>
      </div>
      {failure ? (
        <p className={classes.failed}>{toApiError(failure).message}</p>
      ) : (
        <>
          <p className="muted">
            {found ? [rowsText(found), placeText(found)].filter(Boolean).join(" · ") : "Asking for it"}
          </p>
          {(!found || isUnderWay(found)) && (
            <ProgressBar done={found ? progressOf(found) : null} label="Rows written" />
          )}
          {found?.error && <p className={classes.failed}>{found.error.message}</p>}
        </>
      )}
      <div className={classes.cardFoot}>
        {found?.state === "done" && (
          <Button
            component="a"
            href={exportAddress(found.id)}
            download
            leftSection={<Icon name="download" size={14} />}
          >
            Download ({bytes(found.bytes)})
          </Button>
        )}
        <Link to="/exports">All exports</Link>
      </div>
    </div>
  );
}
