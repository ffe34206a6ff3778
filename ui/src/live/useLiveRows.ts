import type { InfiniteData } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Execution, ExecutionList } from "../api/types.ts";
import { patched } from "./patch.ts";
import { useLiveExecutions } from "./useLive.ts";
import type { LiveMode } from "./useLiveMode.ts";

/** The executions of all pages of a list, each as it is by what has happened since. */
export function useLiveRows(
  list: InfiniteData<ExecutionList, unknown> | undefined,
  live: LiveMode,
): readonly Execution[] | undefined {
  const told = useLiveExecutions(undefined, live.isWanted && live.isOpen);
  return useMemo(
    () => list?.pages.flatMap(({ executions, as_of_lsn }) => patched(executions, told, as_of_lsn)),
    [list, told],
  );
}
