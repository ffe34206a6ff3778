import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useErrorWithoutData } from "../api/last-error.ts";
import { ApiError, toApiError } from "../api/problem.ts";
import { batchQuery, batchQueryNow } from "../api/queries.ts";
import { type Answer, isProblem, type Query } from "../api/types.ts";
import { useEagerQuery } from "../api/useEagerQuery.ts";
import { NUMBERS_EVERY_MS, useKeepUp } from "../live/useKeepUp.ts";
import type { LiveMode } from "../live/useLiveMode.ts";
import { useRefreshInterval } from "../session/preferences.ts";

/** What came of one question: neither while it is on its way. */
export interface Part {
  answer?: Answer;
  error?: ApiError;
}

export interface Answers<Name extends string> {
  parts: Record<Name, Part>;
  /** When the rows were stored that all answers are of; null before the first. */
  asOf: string | null;
  /** The whole page has no answer, and why. */
  failure: ApiError | null;
  /** Answers are there, but the last refresh failed. */
  isStale: boolean;
  /** The answers are those of the view before. */
  isPlaceholder: boolean;
  /** Whether what happens shows at once; undefined where the page can't. */
  live?: LiveMode;
  /** Asks again, past what is kept. */
  refresh: () => void;
}

interface Options {
  enabled?: boolean;
  /** Asks as soon as something happens, and rarely besides. */
  live?: LiveMode;
  /** Only what happens to this workflow counts. */
  workflow?: string;
}

/** With what is shared with others who look at the same. What happens in between is asked for again. */
const LIVE_MAX_AGE_SECONDS = 2;

/** Asks all questions of a page in one request, so that its numbers are as of one moment, and again at the viewer's interval. */
export function useAnswers<Name extends string>(
  questions: Record<Name, Query>,
  { enabled = true, live, workflow }: Options = {},
): Answers<Name> {
  const client = useQueryClient();
  const [interval] = useRefreshInterval();
  const names = Object.keys(questions) as Name[];
  const list = names.map((name) => questions[name]);
  const batch = useEagerQuery({
    ...batchQuery(list),
    enabled,
    refetchInterval: live ? live.interval : interval || false,
    placeholderData: (before, query) => (isAlike(query?.queryKey, list) ? before : undefined),
  });
  useKeepUp({
    mode: live,
    asOfLsn: batch.isPlaceholderData ? null : batch.data?.as_of_lsn,
    ask: () => client.fetchQuery(batchQueryNow(list, LIVE_MAX_AGE_SECONDS)),
    leastMs: NUMBERS_EVERY_MS,
    workflow,
  });
  const error = useErrorWithoutData(batch);
  const part = (index: number): Part => {
    const answer = batch.data?.answers[index];
    if (!answer) return {};
    return isProblem(answer) ? { error: new ApiError(answer) } : { answer };
  };
  return {
    parts: Object.fromEntries(names.map((name, index) => [name, part(index)])) as Record<Name, Part>,
    asOf: batch.data?.as_of ?? null,
    failure: error ? toApiError(error) : null,
    isStale: Boolean(batch.error && batch.data),
    isPlaceholder: batch.isPlaceholderData,
    ...(live ? { live } : {}),
    // What goes wrong is in the query's own state.
    refresh: () => void client.fetchQuery(batchQueryNow(list)).catch(() => undefined),
  };
}

/**
 * Whether the questions of another batch are the same but for their time and filters, so that its answers may stand in
 * for these. A page that asks something else in each of its tabs must not show one tab's answers in the next.
 */
function isAlike(key: QueryKey | undefined, list: readonly Query[]): boolean {
  const before = key?.[1] as readonly Query[] | undefined;
  const shape = ({ source, measures, dimensions }: Query) => [source, measures, dimensions];
  return JSON.stringify(before?.map(shape)) === JSON.stringify(list.map(shape));
}
