import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { ErrorState } from "../widgets/ErrorState.tsx";
import classes from "./Notice.module.css";

/** The last net: a page that threw still says what happened and offers a way on. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <div className={classes.notice}>
      <ErrorState
        what="This page could not be shown"
        error={error}
        onRetry={() => {
          reset();
          void router.invalidate();
        }}
      />
    </div>
  );
}
