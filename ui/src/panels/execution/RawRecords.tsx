import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { ExecutionDetail } from "../../api/types.ts";
import { download } from "../../charts/frame/download.ts";
import { CopyButton } from "../../widgets/CopyButton.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { rawRecords } from "./data.ts";
import classes from "./Execution.module.css";

/** Everything that is kept of the run, as JSON: to read, to copy, to take along. */
export function RawRecords({ detail }: { detail: ExecutionDetail }) {
  const [isShown, { toggle }] = useDisclosure(false);
  const text = rawRecords(detail);
  const { id, attempt } = detail.execution;
  return (
    <Panel
      title="Raw records"
      subtitle="The execution and all that was sent for it"
      actions={
        <>
          <CopyButton text={text} label="Copy the records" />
          <Button
            variant="default"
            leftSection={<Icon name="download" size={14} />}
            onClick={() => download(`${id}-${attempt}.json`, new Blob([text], { type: "application/json" }))}
          >
            JSON
          </Button>
          <Button variant="default" aria-expanded={isShown} onClick={toggle}>
            {isShown ? "Hide" : "Show"}
          </Button>
        </>
      }
    >
      {isShown && (
        // It scrolls, so the keyboard must reach it.
        <pre className={classes.raw} tabIndex={0}>
          {text}
        </pre>
      )}
    </Panel>
  );
}
