import type { ApiError } from "../api/problem.ts";
import { CopyButton } from "./CopyButton.tsx";
import classes from "./FormError.module.css";
import { Icon } from "./Icon.tsx";

/** Why a form was not taken, said where the eye is: above its button. */
export function FormError({ error }: { error: ApiError }) {
  return (
    <div role="alert" className={classes.error}>
      <Icon name="cross" />
      <div>
        {error.message}
        {error.status >= 500 && error.requestId && (
          <span className={classes.request}>
            Request <code>{error.requestId}</code> <CopyButton text={error.requestId} label="Copy the request id" />
          </span>
        )}
      </div>
    </div>
  );
}
