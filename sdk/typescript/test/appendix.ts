/** PRD-010's Appendix A, and what docs/adr/0013 settles, as validators. An instant is `date`: with superjson a Date, else text. */
import { z } from "zod";

const period = z.enum(["day", "week", "month", "quarter", "year", "all"]);
const metric = z.enum(["duration", "success_rate", "execution_count"]);
const count = z.int().nonnegative();
const amount = z.number().nonnegative();
const percent = z.number().min(0).max(100);
const oneDecimal = percent.refine((value) => Math.abs(value * 10 - Math.round(value * 10)) < 1e-6, "one decimal");
const taskId = z.union([z.int(), z.string().regex(/^(?!(0|-?[1-9]\d{0,14})$)/, "a whole number is a number")]);

export const dates = z.date();
export const texts = z.iso.datetime({ precision: 3 });

export function shapes<Instant extends z.ZodType>(date: Instant) {
  const dateRange = z.strictObject({ start: date, end: date });
  const head = { period, dateRange };
  return {
    getExecutionStats: z.strictObject({
      ...head,
      totalExecutions: count,
      successCount: count,
      failedCount: count,
      timeoutCount: count,
      runningCount: count,
      successRate: oneDecimal,
      failureRate: oneDecimal,
      averageDuration: amount,
      averageDurationFormatted: z.string().min(1),
      fromCache: z.boolean(),
    }),
    getTaskMetrics: z.strictObject({
      ...head,
      taskId,
      taskName: z.string(),
      execution: z.strictObject({ total: count, success: count, failed: count, successRate: oneDecimal }),
      duration: z.strictObject({ average: amount, median: amount, min: amount, max: amount, unit: z.string() }),
      currentStatus: z.strictObject({
        isActive: z.boolean(),
        status: z.string(),
        lastRun: date.nullable(),
        lastRunStatus: z.string().nullable(),
        nextRun: date.nullable(),
        isRunning: z.boolean(),
        consecutiveFailures: count,
      }),
      recentExecutions: z
        .array(
          z.strictObject({
            id: z.string(),
            status: z.enum(["queued", "running", "success", "failed", "timeout", "cancelled"]),
            triggerType: z.string().nullable(),
            attemptNumber: count,
            startedAt: date.nullable(),
            completedAt: date.nullable(),
            duration: amount.nullable(),
            durationFormatted: z.string().nullable(),
            error: z.string().nullable(),
            progress: z.strictObject({ stepsCompleted: count.nullable(), stepsTotal: count.nullable() }),
          }),
        )
        .max(10),
      fromCache: z.boolean(),
    }),
    getUsageStats: z.strictObject({
      ...head,
      groupBy: z.enum(["hour", "day", "week", "month"]),
      data: z.array(
        z.strictObject({
          period: date,
          totalExecutions: count,
          successCount: count,
          failedCount: count,
          timeoutCount: count,
          totalDuration: amount,
          avgDuration: amount,
        }),
      ),
      summary: z.strictObject({ totalExecutions: count, totalSuccess: count, totalFailed: count }),
      fromCache: z.boolean(),
    }),
    getCostAnalysis: z.strictObject({
      ...head,
      executions: z.strictObject({
        total: count,
        totalDurationMs: amount,
        totalDurationMinutes: amount,
        avgDurationMs: amount,
      }),
      cost: z.strictObject({
        estimatedTotal: amount,
        currency: z.string().length(3),
        costPerExecution: amount,
        costPerMinute: amount,
        notes: z.array(z.string().min(1)).min(1),
      }),
      breakdown: z.strictObject({ sessionCosts: amount, durationCosts: amount }),
      actual: z
        .strictObject({
          total: z.number(),
          currency: z.literal("USD"),
          executions: count,
          costPerExecution: z.number().nullable(),
          failedTotal: z.number(),
          differenceFromEstimate: z.number(),
          differencePercent: z.number().nullable(),
          notes: z.array(z.string()),
        })
        .nullable(),
      trend: z.array(z.strictObject({ date, estimated: amount, actual: z.number().nullable(), executions: count })),
      fromCache: z.boolean(),
    }),
    getPerformanceTrends: z.strictObject({
      ...head,
      metrics: z.array(metric),
      data: z.array(
        z.strictObject({
          date,
          executionCount: count.optional(),
          successCount: count.optional(),
          successRate: percent.nullable().optional(),
          avgDuration: amount.nullable().optional(),
          minDuration: amount.nullable().optional(),
          maxDuration: amount.nullable().optional(),
          anomalies: z.array(metric),
        }),
      ),
      trends: z.array(
        z.strictObject({
          metric,
          current: z.number().nullable(),
          baseline: z.number().nullable(),
          changePercent: z.number().nullable(),
          direction: z.enum(["up", "down", "stable", "unknown"]),
          assessment: z.enum(["improving", "declining", "neutral", "unknown"]),
        }),
      ),
      fromCache: z.boolean(),
    }),
    getWebSocketStats: z.strictObject({
      isEnabled: z.boolean(),
      totalConnections: count,
      activeConnections: count,
      userConnections: count,
      channels: z.array(z.strictObject({ name: z.string(), subscribers: count })),
      status: z.enum(["healthy", "slow"]),
      checkedAt: date,
    }),
    getCacheStats: z.strictObject({
      isAvailable: z.boolean(),
      backend: z.enum(["memory", "redis", "none"]),
      reconnectAttempts: count,
      healthCheck: z.strictObject({
        status: z.enum(["healthy", "unhealthy"]),
        latencyMs: amount.nullable(),
        checkedAt: date,
      }),
      error: z.string().nullable(),
      hits: count,
      misses: count,
      hitRate: oneDecimal.nullable(),
      entries: count.nullable(),
      memoryBytes: amount.nullable(),
      ttlSeconds: count,
    }),
  };
}
