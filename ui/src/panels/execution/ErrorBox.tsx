import { Button } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import type { Execution } from "../../api/types.ts";
import { plural } from "../../format/format.ts";
import { CopyButton } from "../../widgets/CopyButton.tsx";
import { USUAL_DAYS } from "./data.ts";
import classes from "./Execution.module.css";

type Failed = Pick<Execution, "error_type" | "error_message" | "error_fingerprint">;

/** The error in full, and the way to all that failed the same way. */
export function ErrorBox({ execution, sameBefore }: { execution: Failed; sameBefore: number | null }) {
  const [isWrapped, setWrapped] = useLocalStorage({
    key: "tacho.execution.wrap",
    defaultValue: true,
    getInitialValueInEffect: false,
  });
  const { error_type: type, error_message: message, error_fingerprint: fingerprint } = execution;
  if (!type && !message) return null;
  return (
    <section className={classes.error} aria-label="Error">
      <div className={classes.errorHead}>
        <h2>{type ?? "Error"}</h2>
        <CopyButton text={[type, message].filter(Boolean).join(": ")} label="Copy the error" />
        {message && (
          <Button variant="subtle" size="compact-sm" aria-pressed={isWrapped} onClick={() => setWrapped(!isWrapped)}>
            {isWrapped ? "Do not wrap" : "Wrap"}
          </Button>
        )}
        {fingerprint && (
          <Link to="/failures/$fingerprint" params={{ fingerprint }} className={classes.fault}>
            {sameBefore
              ? `The workflow failed like this ${plural(sameBefore, "time")} in the ${USUAL_DAYS} days before`
              : "All failures like this"}
          </Link>
        )}
      </div>
      {message && <pre data-wrap={isWrapped || undefined}>{message}</pre>}
    </section>
  );
}
