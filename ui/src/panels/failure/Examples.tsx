import { Link } from "@tanstack/react-router";
import { CopyButton } from "../../widgets/CopyButton.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { Time } from "../../widgets/Time.tsx";
import type { Example } from "./data.ts";
import classes from "./Failure.module.css";

/** Messages as they were sent, so that what the pattern leaves out can be read. */
export function Examples({ examples }: { examples: readonly Example[] }) {
  return (
    <Panel title="Messages as they were sent" subtitle="The newest different ones">
      {examples.length === 0 ? (
        <p className="muted">No message was sent with these executions.</p>
      ) : (
        <ul className={classes.examples}>
          {examples.map(({ message, execution }) => (
            <li key={message}>
              <pre>{message}</pre>
              <span className={classes.source}>
                <Link to="/executions/$id" params={{ id: execution.id }} search={{ attempt: execution.attempt }}>
                  <Time at={execution.event_time} />
                </Link>
                <CopyButton text={message} label="Copy the message" />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
