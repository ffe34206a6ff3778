/** Every request the application makes, one function each. Nothing outside this folder knows a path. */
import { client, unwrap } from "./client.ts";
import type {
  ApiKey,
  AuditLog,
  BatchAnswer,
  CostAnalysis,
  CostRates,
  CreatedKey,
  CreateExport,
  DeadLetterDetail,
  DeadLetterList,
  DeadLetterState,
  DetectionPage,
  ExecutionDetail,
  ExecutionList,
  Export,
  ExportList,
  FailureDetail,
  FailureList,
  FailureState,
  Filter,
  KeyScope,
  MendAnswer,
  Model,
  PerformanceTrends,
  Period,
  Preferences,
  PreferencesChange,
  Query,
  Role,
  Session,
  SetupRequest,
  System,
  User,
  Workflow,
  WorkflowList,
  WorkflowPerformance,
  WorkflowScheduleReport,
  WorkflowSteps,
} from "./types.ts";

export const getSession = () => unwrap<Session>(client.GET("/api/v1/session"));

export const signIn = (email: string, password: string) =>
  unwrap<Session>(client.POST("/api/v1/session", { body: { email, password } }));

export const signOut = () => unwrap<undefined>(client.DELETE("/api/v1/session"));

export const getSetup = () => unwrap<{ needed: boolean }>(client.GET("/api/v1/setup"));

export const setUp = (body: SetupRequest) => unwrap<Session>(client.POST("/api/v1/setup", { body }));

/** Answers to questions, all as of one moment. They lack at most what has changed in `maxAgeSeconds`; without it, in five. */
/** How old an answer may be, so that the server may give one that it keeps; without it, as old as the server finds right. */
const within = (maxAgeSeconds: number | undefined) =>
  maxAgeSeconds === undefined ? {} : { "Cache-Control": `max-age=${maxAgeSeconds}` };

export const runQueries = (queries: Query[], signal?: AbortSignal, maxAgeSeconds?: number) =>
  unwrap<BatchAnswer>(
    client.POST("/api/v1/query", {
      body: { queries },
      signal,
      headers: within(maxAgeSeconds),
    }),
  );

export interface ExecutionFilter {
  from?: string;
  to?: string;
  period?: Period;
  status?: string;
  workflow_id?: string;
  user_id?: string;
  trigger_type?: string;
  error_type?: string;
  error_fingerprint?: string;
  search?: string;
  filters?: Filter[];
  order?: ExecutionOrder;
  limit?: number;
  cursor?: string;
}

/** What comes first; only the newest have pages after the first. */
export type ExecutionOrder = "newest" | "longest" | "costliest";

export const listExecutions = ({ filters, ...filter }: ExecutionFilter, signal?: AbortSignal) => {
  const query = { ...filter, filters: filters?.length ? JSON.stringify(filters) : undefined };
  return unwrap<ExecutionList>(client.GET("/api/v1/executions", { params: { query }, signal }));
};

export const getExecution = (id: string, attempt?: number, signal?: AbortSignal) =>
  unwrap<ExecutionDetail>(
    client.GET("/api/v1/executions/{id}", { params: { path: { id }, query: { attempt } }, signal }),
  );

/** What is out of the ordinary now. */
export const listDetections = (signal?: AbortSignal) =>
  unwrap<DetectionPage>(client.GET("/api/v1/detections", { params: { query: { state: "open" } }, signal })).then(
    ({ detections }) => detections,
  );

export const getSystem = (signal?: AbortSignal) => unwrap<System>(client.GET("/api/v1/system", { signal }));

export const listDeadLetters = (state: DeadLetterState, limit: number, signal?: AbortSignal) =>
  unwrap<DeadLetterList>(client.GET("/api/v1/dead-letters", { params: { query: { state, limit } }, signal }));

export const getDeadLetter = (id: string) =>
  unwrap<DeadLetterDetail>(client.GET("/api/v1/dead-letters/{id}", { params: { path: { id } } }));

export const mendDeadLetter = (id: string, payload: string) =>
  unwrap<MendAnswer>(client.PUT("/api/v1/dead-letters/{id}", { params: { path: { id } }, body: { payload } }));

export const replayDeadLetter = (id: string, payload: string) =>
  unwrap<{ accepted: number }>(
    client.POST("/api/v1/dead-letters/{id}/replay", { params: { path: { id } }, body: { payload } }),
  );

export const discardDeadLetter = (id: string) =>
  unwrap<undefined>(client.DELETE("/api/v1/dead-letters/{id}", { params: { path: { id } } }));

export const listKeys = (signal?: AbortSignal) =>
  unwrap<{ keys: ApiKey[] }>(client.GET("/api/v1/keys", { signal })).then((answer) => answer.keys);

export const createKey = (name: string, scopes: KeyScope[], user_id: string | null) =>
  unwrap<CreatedKey>(client.POST("/api/v1/keys", { body: { name, scopes, user_id } }));

export const revokeKey = (id: string) =>
  unwrap<undefined>(client.DELETE("/api/v1/keys/{id}", { params: { path: { id } } }));

export const listUsers = (signal?: AbortSignal) =>
  unwrap<{ users: User[] }>(client.GET("/api/v1/users", { signal })).then((answer) => answer.users);

export const createUser = (body: { email: string; role: Role; password: string; name: string | null }) =>
  unwrap<User>(client.POST("/api/v1/users", { body }));

export const updateUser = (id: string, body: { role?: Role; is_active?: boolean }) =>
  unwrap<User>(client.PATCH("/api/v1/users/{id}", { params: { path: { id } }, body }));

/** What can be asked: sources, their measures and dimensions, with what each means. */
export const getModel = (signal?: AbortSignal) => unwrap<Model>(client.GET("/api/v1/model", { signal }));

export const getPreferences = () => unwrap<Preferences>(client.GET("/api/v1/preferences"));

export const setPreferences = (all: PreferencesChange) =>
  unwrap<Preferences>(client.PUT("/api/v1/preferences", { body: all as never }));

export const getWorkflow = (id: string, signal?: AbortSignal) =>
  unwrap<Workflow>(client.GET("/api/v1/workflows/{id}", { params: { path: { id } }, signal }));

/** All workflows that the viewer may see, in one answer. */
export const listWorkflows = (signal?: AbortSignal) =>
  unwrap<WorkflowList>(client.GET("/api/v1/workflows", { signal }));

/** Those whose id or name has a text, in any case. */
export const findWorkflows = (search: string, signal?: AbortSignal) =>
  unwrap<WorkflowList>(client.GET("/api/v1/workflows", { params: { query: { search } }, signal }));

/** A range as reports and lists take it. */
export interface ReportRange {
  from?: string;
  to?: string;
  period?: Period;
  timezone?: string;
}

/** When a workflow was due in a range, what came of each time, and when it is due next. */
export const getWorkflowSchedule = (
  id: string,
  query: { from?: string; to?: string; period?: Period },
  signal?: AbortSignal,
) =>
  unwrap<WorkflowScheduleReport>(
    client.GET("/api/v1/workflows/{id}/schedule", { params: { path: { id }, query }, signal }),
  );

export const getWorkflowPerformance = (id: string, query: ReportRange, signal?: AbortSignal) =>
  unwrap<WorkflowPerformance>(
    client.GET("/api/v1/analytics/workflows/{id}/performance", { params: { path: { id }, query }, signal }),
  );

export const getWorkflowSteps = (id: string, query: ReportRange & { limit?: number }, signal?: AbortSignal) =>
  unwrap<WorkflowSteps>(
    client.GET("/api/v1/analytics/workflows/{id}/steps", { params: { path: { id }, query }, signal }),
  );

export interface FailureFilter extends ReportRange {
  workflow_id?: string;
  error_type?: string;
  state?: FailureState;
  search?: string;
  order?: "count" | "last_seen" | "first_seen" | "cost";
  limit?: number;
  offset?: number;
}

export const listFailures = (query: FailureFilter, signal?: AbortSignal, maxAgeSeconds?: number) =>
  unwrap<FailureList>(
    client.GET("/api/v1/failures", { params: { query: query as never }, signal, headers: within(maxAgeSeconds) }),
  );

export const getFailure = (fingerprint: string, query: ReportRange & { granularity?: string }, signal?: AbortSignal) =>
  unwrap<FailureDetail>(
    client.GET("/api/v1/failures/{fingerprint}", { params: { path: { fingerprint }, query: query as never }, signal }),
  );

export const getPerformanceTrends = (
  query: { period?: Period; taskId?: string; metrics?: string },
  signal?: AbortSignal,
) =>
  unwrap<PerformanceTrends>(
    client.GET("/api/v1/analytics/performance-trends", { params: { query: query as never }, signal }),
  );

export const getCostAnalysis = (query: { period?: Period; taskId?: string }, signal?: AbortSignal) =>
  unwrap<CostAnalysis>(client.GET("/api/v1/analytics/cost-analysis", { params: { query: query as never }, signal }));

export const getCostRates = (signal?: AbortSignal) => unwrap<CostRates>(client.GET("/api/v1/cost-rates", { signal }));

export const setCostRates = (body: { per_minute_usd: number; session_minimum_usd: number }) =>
  unwrap<CostRates>(client.PUT("/api/v1/cost-rates", { body: body as never }));

export const resetCostRates = () => unwrap<CostRates>(client.DELETE("/api/v1/cost-rates"));

export const listExports = (signal?: AbortSignal) => unwrap<ExportList>(client.GET("/api/v1/exports", { signal }));

export const getExport = (id: string, signal?: AbortSignal) =>
  unwrap<Export>(client.GET("/api/v1/exports/{id}", { params: { path: { id } }, signal }));

export const createExport = (body: CreateExport) => unwrap<Export>(client.POST("/api/v1/exports", { body }));

export const deleteExport = (id: string) =>
  unwrap<undefined>(client.DELETE("/api/v1/exports/{id}", { params: { path: { id } } }));

/** Where the browser fetches a finished export. */
export const exportAddress = (id: string) => `/api/v1/exports/${encodeURIComponent(id)}/download`;

export interface AuditFilter {
  from?: string;
  to?: string;
  user_id?: string;
  operation?: string;
  search?: string;
  limit?: number;
  cursor?: string;
}

export const listAudit = (query: AuditFilter, signal?: AbortSignal) =>
  unwrap<AuditLog>(client.GET("/api/v1/audit", { params: { query: query as never }, signal }));

/** Where the browser fetches the audit log as a table. */
export const auditExportAddress = (filter: AuditFilter) => {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(given.map(([key, value]) => [key, String(value)]));
  return `/api/v1/audit/export?${search}`;
};
