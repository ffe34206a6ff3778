/**
 * Types of the seven analytics procedures (PRD-010, Appendix A; what it leaves open: docs/adr/0013), and of the tRPC router
 * that serves them under `/trpc`. Types only.
 *
 * ```ts
 * import { createTRPCClient, httpBatchLink } from "@trpc/client";
 * import superjson from "superjson";
 * import type { AppRouter } from "@tacho/client/analytics";
 *
 * const tacho = createTRPCClient<AppRouter>({
 *   links: [httpBatchLink({ url: "https://tacho.example.com/trpc", transformer: superjson, headers: { authorization: `Bearer ${key}` } })],
 * });
 * const stats = await tacho.analytics.getExecutionStats.query({ period: "month" });
 * ```
 *
 * Without superjson, take `PlainAppRouter`: the same, with instants as text.
 */
import type { TRPCBuiltRouter, TRPCDefaultErrorData, TRPCErrorShape, TRPCQueryProcedure } from "@trpc/server";

/** A length of time that ends now; `all` begins with 2020. */
export type TimePeriod = "day" | "week" | "month" | "quarter" | "year" | "all";
/** The length of a bucket. */
export type GroupByOption = "hour" | "day" | "week" | "month";
/** What `getPerformanceTrends` can tell. */
export type TrendMetric = "duration" | "success_rate" | "execution_count";
/** A workflow's id. A whole number names the workflow whose id is that number as text. */
export type TaskId = number | string;

export interface DateRange {
  start: Date;
  end: Date;
}

export interface ExecutionStatsInput {
  /** `week` if left out. */
  period?: TimePeriod | undefined;
  taskId?: TaskId | undefined;
}

export interface ExecutionStatsResult {
  period: TimePeriod;
  dateRange: DateRange;
  totalExecutions: number;
  successCount: number;
  failedCount: number;
  timeoutCount: number;
  runningCount: number;
  /** Percent, to one decimal. */
  successRate: number;
  /** Percent, to one decimal. */
  failureRate: number;
  /** Milliseconds. */
  averageDuration: number;
  averageDurationFormatted: string;
  fromCache: boolean;
}

export interface TaskMetricsInput {
  taskId: TaskId;
  /** `week` if left out. */
  period?: TimePeriod | undefined;
}

/** One of the last runs of a task. */
export interface RecentExecution {
  id: string;
  status: string;
  triggerType: string | null;
  attemptNumber: number;
  startedAt: Date | null;
  completedAt: Date | null;
  /** Milliseconds. */
  duration: number | null;
  durationFormatted: string | null;
  error: string | null;
  progress: { stepsCompleted: number | null; stepsTotal: number | null };
}

export interface TaskMetricsResult {
  /** A number where the id is a whole number as text. */
  taskId: TaskId;
  taskName: string;
  period: TimePeriod;
  dateRange: DateRange;
  execution: { total: number; success: number; failed: number; successRate: number };
  duration: { average: number; median: number; min: number; max: number; unit: string };
  currentStatus: {
    isActive: boolean;
    status: string;
    lastRun: Date | null;
    lastRunStatus: string | null;
    nextRun: Date | null;
    isRunning: boolean;
    consecutiveFailures: number;
  };
  /** The last ten. */
  recentExecutions: RecentExecution[];
  fromCache: boolean;
}

export interface UsageStatsInput {
  /** `month` if left out. */
  period?: TimePeriod | undefined;
  /** `day` if left out. */
  groupBy?: GroupByOption | undefined;
}

/** The runs of one bucket of time. Durations in milliseconds. */
export interface UsageDataPoint {
  period: Date;
  totalExecutions: number;
  successCount: number;
  failedCount: number;
  timeoutCount: number;
  totalDuration: number;
  avgDuration: number;
}

export interface UsageStatsResult {
  period: TimePeriod;
  groupBy: GroupByOption;
  dateRange: DateRange;
  data: UsageDataPoint[];
  summary: { totalExecutions: number; totalSuccess: number; totalFailed: number };
  fromCache: boolean;
}

export interface CostAnalysisInput {
  /** `month` if left out. */
  period?: TimePeriod | undefined;
  taskId?: TaskId | undefined;
}

/** What the runs cost, from cost records. */
export interface ActualCost {
  total: number;
  currency: "USD";
  executions: number;
  costPerExecution: number | null;
  /** What failed runs cost; part of the total. */
  failedTotal: number;
  differenceFromEstimate: number;
  differencePercent: number | null;
  notes: string[];
}

/** The cost of one day. */
export interface CostDataPoint {
  date: Date;
  estimated: number;
  actual: number | null;
  executions: number;
}

export interface CostAnalysisResult {
  period: TimePeriod;
  dateRange: DateRange;
  executions: { total: number; totalDurationMs: number; totalDurationMinutes: number; avgDurationMs: number };
  cost: {
    estimatedTotal: number;
    currency: string;
    costPerExecution: number;
    costPerMinute: number;
    notes: string[];
  };
  breakdown: { sessionCosts: number; durationCosts: number };
  /** Null where no cost was recorded. */
  actual: ActualCost | null;
  trend: CostDataPoint[];
  fromCache: boolean;
}

export interface PerformanceTrendsInput {
  taskId?: TaskId | undefined;
  /** `month` if left out. */
  period?: TimePeriod | undefined;
  /** All three if left out. */
  metrics?: TrendMetric[] | undefined;
}

/** The runs of one day: those groups of fields that `metrics` asked for. Durations in milliseconds, rates in percent. */
export interface TrendDataPoint {
  date: Date;
  executionCount?: number;
  successCount?: number;
  successRate?: number | null;
  avgDuration?: number | null;
  minDuration?: number | null;
  maxDuration?: number | null;
  anomalies: TrendMetric[];
}

/** Where a metric goes, beside the range of the same length before. */
export interface Trend {
  metric: TrendMetric;
  current: number | null;
  baseline: number | null;
  changePercent: number | null;
  direction: "up" | "down" | "stable" | "unknown";
  assessment: "improving" | "declining" | "neutral" | "unknown";
}

export interface PerformanceTrendsResult {
  period: TimePeriod;
  dateRange: DateRange;
  metrics: string[];
  data: TrendDataPoint[];
  trends: Trend[];
  fromCache: boolean;
}

export interface WebSocketStatsResult {
  isEnabled: boolean;
  totalConnections: number;
  activeConnections: number;
  /** Those of the asking user. */
  userConnections: number;
  channels: { name: string; subscribers: number }[];
  /** `slow`: frames take more than a second to be written. */
  status: "healthy" | "slow";
  checkedAt: Date;
}

export interface CacheStatsResult {
  isAvailable: boolean;
  backend: "memory" | "redis" | "none";
  reconnectAttempts: number;
  healthCheck: { status: "healthy" | "unhealthy"; latencyMs: number | null; checkedAt: Date };
  error: string | null;
  hits: number;
  misses: number;
  /** Percent, to one decimal. */
  hitRate: number | null;
  entries: number | null;
  memoryBytes: number | null;
  ttlSeconds: number;
}

type Procedure<Input, Output> = TRPCQueryProcedure<{ meta: object; input: Input; output: Output }>;

/** The procedures, by their names. */
export interface AnalyticsProcedures {
  // biome-ignore lint/suspicious/noConfusingVoidType: tRPC's word for an input that can be left out
  getExecutionStats: Procedure<ExecutionStatsInput | void, ExecutionStatsResult>;
  getTaskMetrics: Procedure<TaskMetricsInput, TaskMetricsResult>;
  // biome-ignore lint/suspicious/noConfusingVoidType: as above
  getUsageStats: Procedure<UsageStatsInput | void, UsageStatsResult>;
  // biome-ignore lint/suspicious/noConfusingVoidType: as above
  getCostAnalysis: Procedure<CostAnalysisInput | void, CostAnalysisResult>;
  // biome-ignore lint/suspicious/noConfusingVoidType: as above
  getPerformanceTrends: Procedure<PerformanceTrendsInput | void, PerformanceTrendsResult>;
  getWebSocketStats: Procedure<void, WebSocketStatsResult>;
  getCacheStats: Procedure<void, CacheStatsResult>;
}

/** What an error says besides its message. */
export interface ErrorData extends TRPCDefaultErrorData {
  /** The id under which the server logged the request. */
  requestId: string;
}

interface Root<HasTransformer extends boolean> {
  ctx: object;
  meta: object;
  errorShape: TRPCErrorShape<ErrorData>;
  transformer: HasTransformer;
}

/** The router under `/trpc`, for a client with superjson: instants are `Date`. */
export type AppRouter = TRPCBuiltRouter<
  Root<true>,
  { analytics: Pick<AnalyticsProcedures, keyof AnalyticsProcedures> }
>;
/** The router under `/trpc`, for a client without a transformer: instants are ISO 8601 text. */
export type PlainAppRouter = TRPCBuiltRouter<
  Root<false>,
  { analytics: Pick<AnalyticsProcedures, keyof AnalyticsProcedures> }
>;
/** The analytics procedures alone, to be merged into an application's own router type. */
export type AnalyticsRouter = TRPCBuiltRouter<Root<true>, Pick<AnalyticsProcedures, keyof AnalyticsProcedures>>;
