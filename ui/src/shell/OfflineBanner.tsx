import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { isReached, subscribeReached } from "../api/reachability.ts";
import { Icon } from "../widgets/Icon.tsx";
import classes from "./Shell.module.css";

const RETRY_MS = 5_000;

/** Says that what is on the page is the last known state, and asks again until the server answers. */
export function OfflineBanner() {
  const reached = useSyncExternalStore(subscribeReached, isReached);
  const client = useQueryClient();
  useEffect(() => {
    if (reached) return;
    const retry = () => void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
    const timer = setInterval(retry, RETRY_MS);
    window.addEventListener("online", retry);
    return () => {
      clearInterval(timer);
      window.removeEventListener("online", retry);
    };
  }, [reached, client]);
  return (
    <div role="status">
      {!reached && (
        <p className={classes.banner}>
          <Icon name="warning" />
          <span>
            Tacho can’t be reached. What you see is the last known state; nothing that was acknowledged is lost. Trying
            again every 5 s.
          </span>
        </p>
      )}
    </div>
  );
}
