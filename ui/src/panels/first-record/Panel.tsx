import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { toApiError } from "../../api/problem.ts";
import { createKey } from "../../api/requests.ts";
import { usePermission } from "../../session/session.ts";
import { CopyButton } from "../../widgets/CopyButton.tsx";
import { FormError } from "../../widgets/FormError.tsx";
import { firstRecordCommand, KEY_PLACEHOLDER } from "./data.ts";
import classes from "./Panel.module.css";

/** Shown while an organization has no execution at all; it goes away by itself when the first one arrives. */
export function FirstRecordPanel() {
  const mayMakeKeys = usePermission("manage_keys");
  const [since] = useState(() => new Date());
  const make = useMutation({ mutationFn: () => createKey("First record", ["ingest"], null) });
  const command = firstRecordCommand(window.location.origin, make.data?.key ?? KEY_PLACEHOLDER, since);
  return (
    <section className={classes.panel}>
      <h2>Nothing has been sent to Tacho yet.</h2>
      <p className="muted">
        Send one execution, and its numbers appear here within a second.
        {!make.data && ` ${KEY_PLACEHOLDER} stands for an API key with the scope “ingest”.`}
      </p>
      <section className={classes.command} aria-label="Command" tabIndex={0}>
        <pre>{command}</pre>
      </section>
      {make.data && (
        <p className="muted">The key is in the command, and is shown only now. Settings lists it as “First record”.</p>
      )}
      {make.error && <FormError error={toApiError(make.error)} />}
      <div className={classes.actions}>
        {mayMakeKeys && !make.data && (
          <Button size="sm" loading={make.isPending} onClick={() => make.mutate()}>
            Put a new API key in
          </Button>
        )}
        <CopyButton withText text={command} label="Copy the command" />
        <span className={classes.waiting} role="status">
          <span className={classes.dot} aria-hidden="true" /> Waiting for the first record
        </span>
      </div>
    </section>
  );
}
