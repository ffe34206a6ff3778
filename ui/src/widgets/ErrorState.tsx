import { Button } from "@mantine/core";
import { toApiError } from "../api/problem.ts";
import { CopyButton } from "./CopyButton.tsx";
import classes from "./ErrorState.module.css";
import { Icon } from "./Icon.tsx";

interface Props {
  /** What failed, as a sentence without its full stop: "The numbers could not be loaded". */
  what: string;
  error: unknown;
  onRetry?: () => void;
  /** Reading can harm nothing, so by default the data is said to be safe. */
  safety?: string | null;
}

/** What failed, whether data is safe, retry, and the request id to copy. */
export function ErrorState({ what, error, onRetry, safety = "Your data is safe." }: Props) {
  const { message, requestId } = toApiError(error);
  return (
    <div role="alert" className={classes.error}>
      <span className={classes.icon}>
        <Icon name="warning" size={20} />
      </span>
      <div className={classes.body}>
        <p className={classes.what}>{what}</p>
        <p className={classes.detail}>
          {message} {safety}
        </p>
        <div className={classes.actions}>
          {onRetry && (
            <Button variant="default" leftSection={<Icon name="refresh" size={14} />} onClick={onRetry}>
              Try again
            </Button>
          )}
          {requestId && (
            <span className={classes.request}>
              Request <code>{requestId}</code>
              <CopyButton text={requestId} label="Copy the request id" />
            </span>
          )}
        </div>
      </div>
    </div>
  );
}
