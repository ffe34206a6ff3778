import { Button, Drawer, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toApiError } from "../../api/problem.ts";
import { deadLetterQuery } from "../../api/queries.ts";
import { discardDeadLetter, mendDeadLetter, replayDeadLetter } from "../../api/requests.ts";
import type { DeadLetterDetail } from "../../api/types.ts";
import { bytes } from "../../format/format.ts";
import { usePermission } from "../../session/session.ts";
import { CopyButton } from "../../widgets/CopyButton.tsx";
import { ErrorState } from "../../widgets/ErrorState.tsx";
import { Facts } from "../../widgets/Facts.tsx";
import { FormError } from "../../widgets/FormError.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { Time } from "../../widgets/Time.tsx";
import { checkJson, codeWords, formatJson } from "./data.ts";
import classes from "./LetterDrawer.module.css";

/** One refused record: why, what it says, and the ways on: mend and replay, or discard. */
export function LetterDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  const letter = useQuery({ ...deadLetterQuery(id ?? ""), enabled: id !== undefined });
  return (
    <Drawer
      opened={id !== undefined}
      onClose={onClose}
      position="right"
      size="min(44rem, 100vw)"
      title={letter.data ? codeWords(letter.data.code) : "Dead letter"}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {letter.data ? (
        <Letter key={letter.data.id} letter={letter.data} onDone={onClose} />
      ) : letter.error ? (
        <ErrorState
          what="This dead letter could not be loaded"
          error={letter.error}
          onRetry={() => void letter.refetch()}
        />
      ) : (
        <Skeleton label="the dead letter">
          <Bone height="20rem" />
        </Skeleton>
      )}
    </Drawer>
  );
}

function Letter({ letter, onDone }: { letter: DeadLetterDetail; onDone: () => void }) {
  const client = useQueryClient();
  const mayMend = usePermission("mend_records") && letter.state === "open";
  const [payload, setPayload] = useState(() => formatJson(letter.payload));
  const [isSure, setSure] = useState(false);
  const json = checkJson(payload);

  const done = (message: string) => {
    notifications.show({ message, autoClose: 4000 });
    void client.invalidateQueries({ queryKey: ["dead-letters"] });
    void client.invalidateQueries({ queryKey: ["dead-letter", letter.id] });
    void client.invalidateQueries({ queryKey: ["system"] });
    onDone();
  };
  const validate = useMutation({
    mutationFn: () => mendDeadLetter(letter.id, payload),
    onSuccess: () => void client.invalidateQueries({ queryKey: ["dead-letter", letter.id] }),
  });
  const replay = useMutation({
    mutationFn: () => replayDeadLetter(letter.id, payload),
    onSuccess: () => done("Replayed. The record is accepted."),
  });
  const discard = useMutation({
    mutationFn: () => discardDeadLetter(letter.id),
    onSuccess: () => done("Discarded. It stays listed under Discarded."),
  });
  const edit = (next: string) => {
    setPayload(next);
    validate.reset();
    replay.reset();
  };
  const failed = replay.error ?? discard.error ?? validate.error;
  const isBusy = validate.isPending || replay.isPending || discard.isPending;

  return (
    <div className={classes.letter}>
      <p className={classes.message}>
        <Icon name="cross" />
        <span>{letter.message}</span>
      </p>
      <Facts
        columns
        facts={[
          ["Field", letter.pointer ? <code key="f">{letter.pointer}</code> : "–"],
          ["Record type", letter.record_type ?? "unknown"],
          ["Received", <Time key="t" at={letter.received_at} />],
          ["Source", letter.source ?? "–"],
          ["Size", bytes(letter.payload_bytes)],
          ["State", letter.state],
        ]}
      />
      {letter.is_truncated && (
        <p className="muted">
          The record was longer than what is kept; only its beginning is here. Send it again from its source.
        </p>
      )}
      <div>
        <div className={classes.editorHead}>
          <label htmlFor="payload">Record</label>
          <span className={classes.tools}>
            {mayMend && (
              <Button
                variant="subtle"
                size="compact-sm"
                disabled={!json.isValid}
                onClick={() => setPayload(formatJson(payload))}
              >
                Lay out
              </Button>
            )}
            <CopyButton text={payload} label="Copy the record" />
          </span>
        </div>
        <Textarea
          id="payload"
          classNames={{ input: classes.editor }}
          autosize
          minRows={10}
          maxRows={24}
          spellCheck={false}
          readOnly={!mayMend}
          value={payload}
          error={json.message}
          onChange={(event) => edit(event.currentTarget.value)}
        />
      </div>
      <div role="status">
        {validate.data?.valid && (
          <p className={classes.valid}>
            <Icon name="check" /> Valid, and kept. Replay puts it in.
          </p>
        )}
        {validate.data && !validate.data.valid && (
          <ul className={classes.errors}>
            {validate.data.errors.map((error) => (
              <li key={`${error.pointer}${error.code}`}>
                {error.pointer && <code>{error.pointer}</code>} {error.message}
              </li>
            ))}
          </ul>
        )}
      </div>
      {failed && <FormError error={toApiError(failed)} />}
      {mayMend &&
        (isSure ? (
          <div className={classes.actions}>
            <span>Discard this record? It will not be counted anywhere.</span>
            <Button
              color="red"
              variant="outline"
              c="var(--status-failed-text)"
              loading={discard.isPending}
              onClick={() => discard.mutate()}
            >
              Discard
            </Button>
            <Button variant="default" onClick={() => setSure(false)}>
              Keep it
            </Button>
          </div>
        ) : (
          <div className={classes.actions}>
            <Button loading={replay.isPending} disabled={!json.isValid || isBusy} onClick={() => replay.mutate()}>
              Replay
            </Button>
            <Button
              variant="default"
              loading={validate.isPending}
              disabled={!json.isValid || isBusy}
              onClick={() => validate.mutate()}
            >
              Validate and keep
            </Button>
            <Button
              variant="subtle"
              c="var(--status-failed-text)"
              className={classes.discard}
              disabled={isBusy}
              onClick={() => setSure(true)}
            >
              Discard…
            </Button>
          </div>
        ))}
    </div>
  );
}
