/** What pages ask, as query options: key, request, and how the answer is kept. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import {
  type ExecutionFilter,
  getDeadLetter,
  getExecution,
  getSystem,
  listDeadLetters,
  listExecutions,
  listKeys,
  listUsers,
  runQueries,
} from "./requests.ts";
import type { DeadLetterState, Query } from "./types.ts";

/** How old the numbers of a page may be that refreshes by itself, so that the server answers most refreshes from what it keeps. */
const REFRESHED_MAX_AGE_SECONDS = 30;

/** All queries of a page in one request, so that its numbers are as of one moment. */
export const batchQuery = (queries: Query[]) =>
  queryOptions({
    queryKey: ["query", queries],
    queryFn: ({ signal, client, queryKey }) => {
      const isShown = client.getQueryData(queryKey) !== undefined;
      return runQueries(queries, signal, isShown ? REFRESHED_MAX_AGE_SECONDS : undefined);
    },
    placeholderData: keepPreviousData,
  });

/** The same for somebody who asks for news: worked out now. */
export const batchQueryNow = (queries: Query[]) => ({
  ...batchQuery(queries),
  queryFn: ({ signal }: { signal: AbortSignal }) => runQueries(queries, signal, 0),
  staleTime: 0,
});

export const executionsQuery = (filter: ExecutionFilter) =>
  queryOptions({
    queryKey: ["executions", filter],
    queryFn: ({ signal }) => listExecutions(filter, signal),
    placeholderData: keepPreviousData,
  });

export const executionQuery = (id: string, attempt: number | undefined) =>
  queryOptions({
    queryKey: ["execution", id, attempt],
    queryFn: ({ signal }) => getExecution(id, attempt, signal),
  });

export const systemQuery = queryOptions({ queryKey: ["system"], queryFn: ({ signal }) => getSystem(signal) });

export const deadLettersQuery = (state: DeadLetterState, limit: number) =>
  queryOptions({
    queryKey: ["dead-letters", state, limit],
    queryFn: ({ signal }) => listDeadLetters(state, limit, signal),
    placeholderData: keepPreviousData,
  });

export const deadLetterQuery = (id: string) =>
  queryOptions({
    queryKey: ["dead-letter", id],
    queryFn: () => getDeadLetter(id),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const keysQuery = queryOptions({ queryKey: ["keys"], queryFn: ({ signal }) => listKeys(signal) });

export const usersQuery = queryOptions({ queryKey: ["users"], queryFn: ({ signal }) => listUsers(signal) });
