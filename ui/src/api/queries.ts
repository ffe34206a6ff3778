/** What pages ask, as query options: key, request, and how the answer is kept. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import {
  type AuditFilter,
  type ExecutionFilter,
  type FailureFilter,
  findWorkflows,
  getCostRates,
  getDeadLetter,
  getExecution,
  getExport,
  getFailure,
  getModel,
  getSystem,
  getWorkflow,
  getWorkflowSchedule,
  getWorkflowSteps,
  listAudit,
  listDeadLetters,
  listDetections,
  listExecutions,
  listExports,
  listFailures,
  listKeys,
  listUsers,
  listWorkflows,
  type ReportRange,
  runQueries,
} from "./requests.ts";
import type { DeadLetterState, Period, Query } from "./types.ts";

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

/** The same for questions that have names. */
export const batchOf = (questions: Record<string, Query>) => batchQuery(Object.values(questions));

/** The same for somebody who asks for news: worked out now, or not long ago. */
export const batchQueryNow = (queries: Query[], maxAgeSeconds = 0) => ({
  ...batchQuery(queries),
  queryFn: ({ signal }: { signal: AbortSignal }) => runQueries(queries, signal, maxAgeSeconds),
  staleTime: 0,
});

export const executionsQuery = (filter: ExecutionFilter) =>
  queryOptions({
    queryKey: ["executions", filter],
    queryFn: ({ signal }) => listExecutions(filter, signal),
    placeholderData: keepPreviousData,
  });

/** How many of those that have not ended are listed where they are asked for; a list has no more. */
const ACTIVE_SHOWN = 200;

/** What runs now and counts of it, for the time without a live connection. */
export const livePollQuery = (queries: Query[]) =>
  queryOptions({
    queryKey: ["live", queries],
    queryFn: async ({ signal }) => {
      const [batch, list, detections] = await Promise.all([
        runQueries(queries, signal, 2),
        listExecutions({ period: "all", status: "queued,running", limit: ACTIVE_SHOWN }, signal),
        listDetections(signal),
      ]);
      return { batch, list, detections };
    },
  });

/** The same, page after page. Many pages are not asked again by themselves: that would ask for each of them. */
export const executionPagesQuery = (filter: ExecutionFilter) =>
  infiniteQueryOptions({
    queryKey: ["executions", "pages", filter],
    queryFn: ({ signal, pageParam }) =>
      listExecutions(pageParam === null ? filter : { ...filter, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
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

/** What can be asked; it changes with the server only. */
export const modelQuery = queryOptions({
  queryKey: ["model"],
  queryFn: ({ signal }) => getModel(signal),
  staleTime: Number.POSITIVE_INFINITY,
});

export const failuresQuery = (filter: FailureFilter) =>
  queryOptions({
    queryKey: ["failures", filter],
    queryFn: ({ signal }) => listFailures(filter, signal),
    placeholderData: keepPreviousData,
  });

/** The same for somebody who asks for news. */
export const failuresQueryNow = (filter: FailureFilter) => ({
  ...failuresQuery(filter),
  queryFn: ({ signal }: { signal: AbortSignal }) => listFailures(filter, signal, 0),
  staleTime: 0,
});

export const failureQuery = (fingerprint: string, range: ReportRange & { granularity?: string }) =>
  queryOptions({
    queryKey: ["failure", fingerprint, range],
    queryFn: ({ signal }) => getFailure(fingerprint, range, signal),
    placeholderData: keepPreviousData,
  });

/** All workflows that the viewer may see. */
export const workflowsListQuery = queryOptions({
  queryKey: ["workflows"],
  queryFn: ({ signal }) => listWorkflows(signal),
});

/** What is told of a workflow, and how it is now. */
export const workflowQuery = (id: string) =>
  queryOptions({ queryKey: ["workflow", id], queryFn: ({ signal }) => getWorkflow(id, signal) });

export const workflowStepsQuery = (id: string, range: ReportRange & { limit?: number }) =>
  queryOptions({
    queryKey: ["workflow-steps", id, range],
    queryFn: ({ signal }) => getWorkflowSteps(id, range, signal),
    placeholderData: keepPreviousData,
  });

export const workflowScheduleQuery = (id: string, range: { from?: string; to?: string; period?: Period }) =>
  queryOptions({
    queryKey: ["workflow-schedule", id, range],
    queryFn: ({ signal }) => getWorkflowSchedule(id, range, signal),
    placeholderData: keepPreviousData,
  });

export const exportsQuery = queryOptions({ queryKey: ["exports"], queryFn: ({ signal }) => listExports(signal) });

export const exportQuery = (id: string) =>
  queryOptions({ queryKey: ["export", id], queryFn: ({ signal }) => getExport(id, signal) });

/** Workflows whose id or name has a text: lists search by it, questions need the ids. */
export const workflowsNamedQuery = (search: string) =>
  queryOptions({
    queryKey: ["workflows", "named", search],
    queryFn: ({ signal }) => findWorkflows(search, signal),
    staleTime: 60_000,
    enabled: search !== "",
  });

export const costRatesQuery = queryOptions({ queryKey: ["cost-rates"], queryFn: ({ signal }) => getCostRates(signal) });

/** The audit log, page after page, newest first. */
export const auditPagesQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["audit", filter],
    queryFn: ({ signal, pageParam }) =>
      listAudit(pageParam === null ? filter : { ...filter, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });
