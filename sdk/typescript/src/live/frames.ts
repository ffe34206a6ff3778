/** What can be watched, and the frames that tell of it. docs/LIVE.md says what they mean. Types only. */
import type { Answer, Query } from "../query.ts";

/** What can be watched: what runs (all of it, or of one workflow), counts of it, or the answer to a question. */
export type Channel = "executions" | "metrics" | "query" | `workflow:${string}`;

/** How often counts and answers are told anew. */
export type Interval = "1s" | "5s" | "30s" | "1m";

/** Something to watch. */
export interface Subscription {
  channel: Channel;
  /** For `metrics` and `query`; 5s if left out. */
  interval?: Interval | undefined;
  /** For `query`: the question, as `POST /api/v1/query` takes it. */
  query?: Query | Readonly<Record<string, unknown>> | undefined;
}

/** What every frame has. Instants are ISO 8601 text. */
export interface FrameHead {
  topic: string;
  /** Tells frames of this topic from those of an earlier one of the same name. */
  epoch: number;
  /** Counts the frames of the topic. */
  seq: number;
  /** The position in the journal up to which the frame knows everything; null where the answer says it. */
  as_of_lsn: number | null;
  at: string;
  /** Whether it takes the place of everything known before. */
  is_snapshot: boolean;
}

/** An execution that has not ended. */
export interface ActiveExecution {
  id: string;
  attempt: number;
  status: "queued" | "running";
  lsn: number;
  workflow_id: string | null;
  workflow_name: string | null;
  user_id: string | null;
  queued_at: string | null;
  started_at: string | null;
  updated_at: string;
  steps_completed: number | null;
  steps_total: number | null;
  /** The step that began last. */
  step: string | null;
  /** By the median of what its workflow took; null without a history. */
  expected_finish_at: string | null;
}

/** An execution that is not active any more. */
export interface EndedExecution {
  id: string;
  attempt: number;
}

export type ExecutionEventKind =
  | "queued"
  | "started"
  | "progressed"
  | "succeeded"
  | "failed"
  | "timed_out"
  | "cancelled";

/** Something that happened to an execution. */
export interface ExecutionEvent {
  kind: ExecutionEventKind;
  /** When, by the sender's clock. */
  at: string;
  /** The position of the record that told. */
  lsn: number;
  execution_id: string;
  attempt: number;
  workflow_id: string | null;
  workflow_name: string | null;
  /** How long it took, once it has ended. */
  duration_ms?: number;
  /** What went wrong. */
  error_type?: string;
}

export type DetectionKind = "stuck" | "silent" | "missed_schedule" | "repeated_failure" | "queue_growing";

/** Something that is wrong now, judged by the workflow's own history. */
export interface Detection {
  id: string;
  kind: DetectionKind;
  /** Null of an execution that names none. */
  workflow_id: string | null;
  /** What that was called when it was found. */
  workflow_name: string | null;
  /** Of `stuck` and `silent`. */
  execution_id: string | null;
  attempt: number | null;
  /** The start of an execution, its last progress, the time due, the first failure in a row, or since when the oldest waits. */
  since: string;
  detected_at: string;
  /** When it was over; null while it is not. */
  ended_at: string | null;
  /** How far it had gone when it was found: milliseconds, of `repeated_failure` a number of runs. */
  measured: number;
  /** What would still have been in order, in the same unit. */
  limit: number;
  /** What is, and what is usual, in words. */
  reason: string;
}

/** What runs and what happened: everything, or what has changed since the frame before. */
export interface ExecutionsFrame extends FrameHead {
  type: "executions";
  /** Of all, including those that are not listed. */
  queued: number;
  running: number;
  /** Those that have not ended: up to 500 that began last, or those that have changed. */
  executions: ActiveExecution[];
  ended: EndedExecution[];
  /** The oldest first. */
  events: ExecutionEvent[];
  /** All that hold now, up to 200 that were found last; left out where they are as before. */
  detections?: Detection[];
}

/** What happened in the last minute, five minutes or hour. */
export interface MetricsWindow {
  starts: number;
  finishes: number;
  success: number;
  failed: number;
  timeout: number;
  cancelled: number;
  /** Success ÷ (success + failed + timeout), 0 to 1; null if there was none of them. */
  success_rate: number | null;
  duration_avg_ms: number | null;
  finishes_per_minute: number;
}

/** Counts of ten seconds each, column by column, the oldest first. */
export interface MetricsSeries {
  /** When the first point begins, in milliseconds since 1970. */
  start_ms: number;
  step_ms: number;
  starts: number[];
  success: number[];
  failures: number[];
}

export interface MetricsData {
  queued: number;
  running: number;
  last_minute: MetricsWindow;
  last_5_minutes: MetricsWindow;
  last_hour: MetricsWindow;
  /** The last hour in a snapshot, else what may have changed since the frame before, to be put in its place. The last point goes on. */
  series: MetricsSeries;
}

/** Counts of a moment. */
export interface MetricsFrame extends FrameHead {
  type: "metrics_update";
  data: MetricsData;
}

/** The answer to a question, or why there is none. */
export type QueryFrame = FrameHead & { type: "query" } & (
    | { answer: Answer; problem?: never }
    | { problem: LiveProblem; answer?: never }
  );

/** Why something can't be done; the codes are those of the API's problems. */
export interface LiveProblem {
  code: string;
  detail: string;
}

/** What the server tells. `type` says which. */
export type Frame = ExecutionsFrame | MetricsFrame | QueryFrame;
