/**
 * The only door to the generated API types. Where the server's schema names change, this file changes and nothing else.
 * Answers are made `Solid`: a field that the generator calls optional is treated as present (null when unknown).
 */
import type { components } from "./schema.gen.ts";

type Schemas = components["schemas"];

export type Solid<T> = T extends readonly (infer Item)[]
  ? Solid<Item>[]
  : T extends object
    ? { [K in keyof T]-?: Solid<Exclude<T[K], undefined>> }
    : T;

export type Problem = Schemas["Problem"];
export type DetectionPage = Solid<Schemas["DetectionPage"]>;
export type Session = Solid<Schemas["Session"]>;
export type Role = Schemas["Role"];
export type SetupRequest = Schemas["SetupRequest"];

// Questions are written out: what is sent is ours to say, and the compiler checks it against the generated body.
export type Period = "day" | "week" | "month" | "quarter" | "year" | "all";
export type Granularity = Schemas["Granularity"];
export type CompareWith = Schemas["CompareWith"];
export type FilterOp =
  | "eq"
  | "ne"
  | "in"
  | "not_in"
  | "lt"
  | "lte"
  | "gt"
  | "gte"
  | "contains"
  | "starts_with"
  | "between"
  | "is_null"
  | "is_not_null";
export type Filter =
  | { field: string; op: FilterOp; value?: string | number; values?: (string | number)[] }
  | { and: Filter[] }
  | { or: Filter[] }
  | { not: Filter };
export interface TimeRange {
  period?: Period;
  from?: string;
  to?: string;
  last?: string;
}
export interface Query {
  source: string;
  measures: string[];
  dimensions?: string[];
  time: TimeRange;
  granularity?: Granularity;
  timezone?: string;
  filters?: Filter[];
  compare?: CompareWith;
  order?: { by: string; direction: "asc" | "desc" }[];
  limit?: number;
  /** Whether the groups beyond the limit are answered together. */
  other?: boolean;
}

export type Column = Solid<Schemas["Column"]>;
export type Cell = string | number | null;

/** `Answer` as the UI reads it: cells are strings, numbers or null. */
export type Answer = Omit<Solid<Schemas["Answer"]>, "rows" | "totals" | "comparison"> & {
  rows: Cell[][];
  totals: Cell[];
  comparison:
    | (Omit<Solid<Schemas["Comparison"]>, "totals" | "by_row"> & { totals: Cell[]; by_row: ComparedRows | null })
    | null;
};

/** The rows of the range compared with, and how far the answer's are from them. */
export type ComparedRows = Omit<Solid<Schemas["ComparedRows"]>, "rows"> & { rows: Cell[][] };

export interface BatchAnswer {
  answers: (Answer | Problem)[];
  as_of: string;
  as_of_lsn: number;
}

export type ExecutionStatus = "queued" | "running" | "success" | "failed" | "timeout" | "cancelled";
type WithStatus<T> = Omit<T, "status"> & { status: ExecutionStatus };
export type Execution = WithStatus<Solid<Schemas["Execution"]>>;
export type ExecutionList = Omit<Solid<Schemas["ExecutionList"]>, "executions"> & { executions: Execution[] };
export type ExecutionDetail = Omit<Solid<Schemas["ExecutionDetail"]>, "execution"> & {
  execution: Execution & { metadata: Record<string, unknown> };
};
export type Step = Solid<Schemas["Step"]>;
export type Cost = Solid<Schemas["Cost"]>;
export type Resource = Solid<Schemas["Resource"]>;
export type Recovery = Solid<Schemas["Recovery"]>;

export type System = Solid<Schemas["System"]>;
export type Conflict = System["conflicts"]["recent"][number];
export type DeadLetter = Solid<Schemas["DeadLetter"]>;
export type DeadLetterList = Solid<Schemas["DeadLetterList"]>;
export type DeadLetterDetail = Solid<Schemas["DeadLetterDetail"]>;
export type DeadLetterState = DeadLetter["state"];
export type MendAnswer = Solid<Schemas["MendAnswer"]>;

export type Preferences = Omit<Solid<Schemas["Preferences"]>, "default_period"> & { default_period: Period };
export type PreferencesChange = Partial<Omit<Preferences, "updated_at">>;
export type Model = Solid<Schemas["Model"]>;
export type Workflow = Solid<Schemas["WorkflowNow"]>;
/** A workflow in the list of all. */
export type WorkflowListed = Omit<Solid<Schemas["WorkflowListed"]>, "last_execution"> & {
  last_execution: WithStatus<Solid<Schemas["LastExecution"]>> | null;
};
export type WorkflowList = Omit<Solid<Schemas["WorkflowList"]>, "workflows"> & { workflows: WorkflowListed[] };
/** A time at which a workflow was due, and what came of it. */
export type DueRun = Omit<Solid<Schemas["ScheduledRun"]>, "execution"> & {
  execution: WorkflowListed["last_execution"];
};
export type WorkflowScheduleReport = Omit<Solid<Schemas["WorkflowScheduleRuns"]>, "runs"> & { runs: DueRun[] };
export type WorkflowPerformance = Solid<Schemas["WorkflowPerformance"]>;
export type WorkflowSteps = Solid<Schemas["WorkflowSteps"]>;
export type Failure = Solid<Schemas["Failure"]>;
export type FailureState = Schemas["FailureState"];
export type FailureList = Solid<Schemas["FailureList"]>;
export type FailureDetail = Omit<Solid<Schemas["FailureDetail"]>, "timeline"> & { timeline: Answer };
export type PerformanceTrends = Solid<Schemas["PerformanceTrendsResult"]>;
export type CostAnalysis = Solid<Schemas["CostAnalysisResult"]>;
export type CostRates = Solid<Schemas["CostRates"]>;
export type Export = Solid<Schemas["Export"]>;
export type ExportList = Solid<Schemas["ExportList"]>;
export type CreateExport = Schemas["CreateExportRequest"];
export type AuditLog = Solid<Schemas["AuditLog"]>;
export type AuditEntry = Solid<Schemas["AuditEntry"]>;

export type ApiKey = Solid<Schemas["Key"]>;
export type CreatedKey = Solid<Schemas["CreatedKey"]>;
export type KeyScope = Schemas["KeyScope"];
export type User = Solid<Schemas["User"]>;

export function isProblem(answer: Answer | Problem): answer is Problem {
  return "code" in answer && "status" in answer;
}
