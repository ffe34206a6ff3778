import type { ActiveExecution, ConnectionState, Detection, ExecutionEvent } from "@tacho/live";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { livePollQuery } from "../api/queries.ts";
import { lastHeardAt } from "./client.ts";
import type { LiveMetrics } from "./metrics.ts";
import { activeOf, polledMetrics, polledQueries } from "./polled.ts";
import { useLiveExecutions, useLiveMetrics, useLiveState } from "./useLive.ts";

/** How long the connection may be gone before the page asks instead. */
const PATIENCE_MS = 10_000;
export const POLL_EVERY_MS = 5_000;

export interface LiveView {
  /** Where what is shown comes from. */
  source: "stream" | "poll";
  state: ConnectionState;
  /** When the server was heard last, in milliseconds since 1970. */
  heardAt: number | null;
  /** Null until something is known. */
  executions: readonly ActiveExecution[] | null;
  events: readonly ExecutionEvent[];
  detections: readonly Detection[];
  metrics: LiveMetrics | null;
  /** Why not even asking works. */
  error: unknown;
}

const NONE: readonly never[] = [];

/** Whether there has been no connection for so long that the page has to ask by itself. */
export function useIsCutOff(state: ConnectionState): boolean {
  const [isLate, setLate] = useState(false);
  const isOpen = state.kind === "open";
  useEffect(() => {
    if (isOpen) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isOpen]);
  return !isOpen && (isLate || state.kind === "refused");
}

/** All of the Live page: from the stream, or, where it can't be had, asked for. */
export function useLiveView(): LiveView {
  const state = useLiveState();
  const live = useLiveExecutions();
  const metrics = useLiveMetrics();
  const isCutOff = useIsCutOff(state);
  const queries = useMemo(polledQueries, []);
  const poll = useQuery({ ...livePollQuery(queries), enabled: isCutOff, refetchInterval: POLL_EVERY_MS });
  const polled = useMemo(
    () =>
      poll.data && {
        executions: poll.data.list.executions.map(activeOf),
        detections: poll.data.detections,
        metrics: polledMetrics(poll.data.batch),
      },
    [poll.data],
  );
  // The page shows what it knew until it has asked.
  const isPolled = isCutOff && polled !== undefined;
  return {
    source: isCutOff ? "poll" : "stream",
    state,
    heardAt: isPolled ? poll.dataUpdatedAt : lastHeardAt(),
    executions: isPolled ? polled.executions : (live?.sorted ?? null),
    events: live?.events ?? NONE,
    detections: isPolled ? polled.detections : (live?.detections ?? NONE),
    metrics: isPolled ? polled.metrics : metrics,
    error: isCutOff ? poll.error : null,
  };
}
