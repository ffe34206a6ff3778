import { useState } from "react";
import { CopyButton } from "../../widgets/CopyButton.tsx";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { costCommand } from "./command.ts";
import classes from "./NoCostsPanel.module.css";

/** Shown while no cost was ever recorded: how to send one, and that there is an estimate all the same. */
export function NoCostsPanel() {
  const [since] = useState(() => new Date());
  const command = costCommand(window.location.origin, since);
  return (
    <Panel>
      <EmptyState
        title="No cost has been recorded yet."
        action={<CopyButton withText text={command} label="Copy the command" />}
      >
        <p>
          Send a cost with its execution, and it appears here within a second. Until then the estimate below says what
          sessions should cost: their number and minutes, at your rates.
        </p>
        <section className={classes.command} aria-label="Command" tabIndex={0}>
          <pre>{command}</pre>
        </section>
      </EmptyState>
    </Panel>
  );
}
