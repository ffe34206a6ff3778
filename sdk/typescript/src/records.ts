/** The records that Tacho takes. */
import type { components } from "./wire.gen.ts";

type Schemas = components["schemas"];

/** Instants may be sent as `Date` as well. Fields that a type does not have are kept in `metadata`. */
type Sent<Wire> = {
  [Field in keyof Wire]: Field extends `${string}_at` | "timestamp" ? Wire[Field] | Date : Wire[Field];
};

/** A definition that runs. */
export type WorkflowRecord = Sent<Schemas["WorkflowRecord"]>;
/** One run of a workflow. */
export type ExecutionRecord = Sent<Schemas["ExecutionRecord"]>;
/** A part of an execution. */
export type StepRecord = Sent<Schemas["StepRecord"]>;
/** What something cost. */
export type CostRecord = Sent<Schemas["CostRecord"]>;
/** A sample of what an execution or a host used. */
export type ResourceRecord = Sent<Schemas["ResourceRecord"]>;
/** Something that a person did. */
export type ActivityRecord = Sent<Schemas["ActivityRecord"]>;
/** A conversation of a customer with a bot. */
export type ConversationRecord = Sent<Schemas["ConversationRecord"]>;
/** A message of a conversation. */
export type MessageRecord = Sent<Schemas["MessageRecord"]>;
/** A point of a custom metric. */
export type MetricRecord = Sent<Schemas["MetricRecord"]>;
/** A repair that an automation made by itself. */
export type RecoveryRecord = Sent<Schemas["RecoveryRecord"]>;

/** Any of them. */
export type TachoRecord =
  | WorkflowRecord
  | ExecutionRecord
  | StepRecord
  | CostRecord
  | ResourceRecord
  | ActivityRecord
  | ConversationRecord
  | MessageRecord
  | MetricRecord
  | RecoveryRecord;
