import type { ExecutionEvent, LiveExecutions } from "@tacho/live";
import { useEffect, useRef } from "react";
import { keepUp } from "./keepUp.ts";
import { executionsTopic } from "./topics.ts";
import type { LiveMode } from "./useLiveMode.ts";

/** How often a page asks its numbers at the most, and how often its lists, which are requests of their own. */
export const NUMBERS_EVERY_MS = 2_500;
export const LIST_EVERY_MS = 6_000;

type IsNews = (event: ExecutionEvent) => boolean;

/** What changes counts and lists. */
const isChange: IsNews = ({ kind }) => kind !== "progressed";
/** What changes a list of faults. */
export const isFailure: IsNews = ({ kind }) => kind === "failed" || kind === "timed_out";

interface Shown {
  /** None where the page does not follow. */
  mode: LiveMode | undefined;
  /** The position in the journal up to which what is shown knows everything; null while nothing is. */
  asOfLsn: number | null | undefined;
  ask: () => Promise<unknown>;
  leastMs: number;
  /** Whether an event changes what is shown; all but progress if left out. */
  isNews?: IsNews;
  workflow?: string;
}

/** Whether something has happened after a position. */
export function happenedAfter(live: LiveExecutions | null, asOfLsn: number, isNews: IsNews = isChange): boolean {
  return Boolean(live?.events.some((event) => event.lsn > asOfLsn && isNews(event)));
}

/** Asks what is shown again when an execution's event is not in it yet. */
export function useKeepUp(shown: Shown): void {
  const latest = useRef(shown);
  latest.current = shown;
  const { mode, leastMs, workflow } = shown;
  const isWanted = mode?.isWanted ?? false;
  const look = useRef(() => {});
  useEffect(() => {
    if (!isWanted) return;
    const topic = executionsTopic(workflow);
    const keeper = keepUp({
      isBehind: () => {
        const { asOfLsn, isNews } = latest.current;
        return asOfLsn != null && happenedAfter(topic.get(), asOfLsn, isNews);
      },
      ask: () => latest.current.ask(),
      leastMs,
    });
    look.current = keeper.look;
    const unfollow = topic.follow(keeper.look);
    document.addEventListener("visibilitychange", keeper.look);
    return () => {
      look.current = () => {};
      document.removeEventListener("visibilitychange", keeper.look);
      unfollow();
      keeper.stop();
    };
  }, [isWanted, leastMs, workflow]);
  // What is shown may have come after what happened.
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at again with every answer
  useEffect(() => look.current(), [shown.asOfLsn]);
}
