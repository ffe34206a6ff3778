import { Button } from "@mantine/core";
import { clock } from "../../format/time.ts";
import { retryNow } from "../../live/client.ts";
import { type LiveView, POLL_EVERY_MS } from "../../live/useLiveView.ts";
import { useZone } from "../../session/session.ts";
import { useSecond } from "../../widgets/now.ts";
import { tip } from "../../widgets/tip.ts";
import classes from "./Connection.module.css";
import { type Standing, wordsOf } from "./connection.ts";

/** What a screen reader is told, once for each change. */
const SAID: Record<Standing, string> = {
  live: "Live",
  polling: "No live connection. The page asks by itself.",
  waiting: "No live connection yet",
};

/** Whether what is shown is live, and of when it is. */
export function Connection({
  view: { state, source, heardAt },
}: {
  view: Pick<LiveView, "state" | "source" | "heardAt">;
}) {
  const zone = useZone();
  const now = useSecond();
  const { standing, text, reason, canRetry } = wordsOf(state, source, now.getTime(), POLL_EVERY_MS);
  return (
    <div className={classes.connection} data-standing={standing}>
      <span className={classes.dot} aria-hidden="true" />
      <span className={classes.text} {...tip(reason)}>
        {text}
        {heardAt !== null && (
          <>
            {" · "}
            <time dateTime={new Date(heardAt).toISOString()}>{clock(new Date(heardAt).toISOString(), zone)}</time>
          </>
        )}
      </span>
      {canRetry && (
        <Button variant="subtle" size="compact-xs" onClick={retryNow}>
          Try now
        </Button>
      )}
      <span className="visually-hidden" role="status">
        {SAID[standing]}
      </span>
    </div>
  );
}
