import type { ActiveExecution, ExecutionEvent } from "@tacho/live";
import { useEffect, useMemo, useReducer, useRef } from "react";
import { LEAVING_MS, type Leaving, leavingAfter, type Row, withLeaving } from "./active.ts";

/** The executions that have not ended, and for a moment those that just have. */
export function useRows(executions: readonly ActiveExecution[], events: readonly ExecutionEvent[]): readonly Row[] {
  const before = useRef(executions);
  const known = useRef<readonly Leaving[]>([]);
  const [, again] = useReducer((count: number) => count + 1, 0);
  const leaving = leavingAfter(known.current, before.current, executions, events, Date.now());
  useEffect(() => {
    before.current = executions;
    known.current = leaving;
  }, [executions, leaving]);
  useEffect(() => {
    if (leaving.length === 0) return;
    const timer = setTimeout(again, LEAVING_MS);
    return () => clearTimeout(timer);
  }, [leaving]);
  return useMemo(() => withLeaving(executions, leaving), [executions, leaving]);
}
