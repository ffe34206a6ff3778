//! Executions as they are listed and shown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tacho_core::period::Period;
use tacho_core::time::Timestamp;
use utoipa::{IntoParams, ToSchema};

use crate::params::{Filter, FilterObject, PeriodWord};

/// Executions that one page may hold.
pub const PAGE_LIMIT_MAX: u32 = 200;
/// Executions that a page holds if the question does not say.
pub const PAGE_LIMIT_DEFAULT: u32 = 50;

/// Which executions to list. Without a range of time: of all time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, IntoParams, ToSchema)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExecutionListParams {
    /// The first instant inside.
    #[param(value_type = Option<String>, format = DateTime)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// The first instant after it.
    #[param(value_type = Option<String>, format = DateTime)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub to: Option<Timestamp>,
    /// A named length of time that ends now, instead of `from` and `to`.
    #[param(value_type = Option<PeriodWord>, inline)]
    #[schema(value_type = Option<PeriodWord>)]
    pub period: Option<Period>,
    /// Statuses, separated by commas.
    pub status: Option<String>,
    /// Of this workflow.
    pub workflow_id: Option<String>,
    /// For this user.
    pub user_id: Option<String>,
    /// Trigger types, separated by commas.
    pub trigger_type: Option<String>,
    /// With this type of error.
    pub error_type: Option<String>,
    /// With this fault: the `fingerprint` of a failure.
    pub error_fingerprint: Option<String>,
    /// With this text, whatever its case, in the id, the workflow's id or name, the user, or the error.
    pub search: Option<String>,
    /// Further filters, all of which must hold: a JSON text of a list as `filters` of `POST /api/v1/query` is one, about the
    /// source `executions`.
    #[param(
        example = r#"[{"field":"tags.env","op":"eq","value":"prod"},{"field":"duration","op":"gte","value":60000}]"#
    )]
    pub filters: Option<String>,
    /// What comes first: the newest (`newest`, if left out), the longest (`longest`) or the most expensive (`costliest`).
    /// Only the newest are listed page by page; of the others there is the first page.
    #[param(example = "newest")]
    pub order: Option<String>,
    /// Executions on a page, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before. Only of the newest.
    pub cursor: Option<String>,
}

/// Which executions to export, and what of them. Without a range of time: of all time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExecutionExportParams {
    /// The first instant inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// The first instant after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub to: Option<Timestamp>,
    /// A named length of time that ends when the export was asked for, instead of `from` and `to`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PeriodWord>)]
    pub period: Option<Period>,
    /// Statuses, separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Of this workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_id: Option<String>,
    /// For this user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Trigger types, separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger_type: Option<String>,
    /// With this type of error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_type: Option<String>,
    /// With this fault: the `fingerprint` of a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_fingerprint: Option<String>,
    /// With this text, whatever its case, in the id, the workflow's id or name, the user, or the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Further filters, all of which must hold, as `POST /api/v1/query` takes them about the source `executions`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<FilterObject>)]
    pub filters: Vec<Filter>,
    /// What of each execution, in this order; everything if left out. Named as in `Execution`, and `metadata`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["id", "workflow_name", "status", "started_at", "duration_ms", "cost_usd"]))]
    pub columns: Option<Vec<String>>,
}

/// A page of executions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ExecutionList {
    /// The executions.
    pub executions: Vec<Execution>,
    /// Ask with it for the next page; null on the last, and if the newest do not come first.
    pub next_cursor: Option<String>,
    /// Records accepted up to about then are listed.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// Exactly: records up to this position of the journal are listed.
    pub as_of_lsn: u64,
}

/// One run of a workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "id": "run-1", "attempt": 1, "workflow_id": "invoices", "workflow_name": "Invoices", "workflow_version": "1.8.0",
    "variant": null, "status": "failed", "trigger_type": "scheduled", "trigger_id": null, "user_id": "ada@example.com",
    "queued_at": null, "started_at": "2026-11-22T09:30:00Z", "completed_at": "2026-11-22T09:30:04.2Z",
    "duration_ms": 4200, "steps_completed": 3, "steps_total": 5, "error_type": "http_500",
    "error_message": "HTTP 500 from https://erp.example/orders/26251", "error_fingerprint": "41c4ce2678a7bf71",
    "parent_execution_id": null, "conversation_id": null, "trace_id": null, "cost_usd": 0.0123, "credits": null,
    "minutes_saved": null, "items_processed": 12, "tags": { "env": "prod" }, "event_time": "2026-11-22T09:30:00Z"
}))]
pub struct Execution {
    /// The sender's id.
    pub id: String,
    /// Which try.
    pub attempt: u32,
    /// The workflow that ran.
    pub workflow_id: Option<String>,
    /// Its name now.
    pub workflow_name: Option<String>,
    /// The version that ran.
    pub workflow_version: Option<String>,
    /// The variant that ran, for experiments.
    pub variant: Option<String>,
    /// `queued`, `running`, `success`, `failed`, `timeout` or `cancelled`.
    pub status: String,
    /// What kind of thing started it.
    pub trigger_type: Option<String>,
    /// Which trigger started it.
    pub trigger_id: Option<String>,
    /// For whom it ran.
    pub user_id: Option<String>,
    /// When it was put into the queue.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub queued_at: Option<Timestamp>,
    /// When it started.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub completed_at: Option<Timestamp>,
    /// How long it ran, in milliseconds.
    pub duration_ms: Option<i64>,
    /// Steps done.
    pub steps_completed: Option<i64>,
    /// Steps to do.
    pub steps_total: Option<i64>,
    /// What kind of error ended it.
    pub error_type: Option<String>,
    /// The error in words.
    pub error_message: Option<String>,
    /// The fault that ended it: the same for the same error type and pattern of the error message.
    pub error_fingerprint: Option<String>,
    /// The execution that started it.
    pub parent_execution_id: Option<String>,
    /// The conversation that it belongs to.
    pub conversation_id: Option<String>,
    /// The trace that it belongs to.
    pub trace_id: Option<String>,
    /// What it cost, in US dollars.
    pub cost_usd: Option<f64>,
    /// What it cost, in credits.
    pub credits: Option<f64>,
    /// Minutes of work that it saved.
    pub minutes_saved: Option<f64>,
    /// Things that it processed.
    pub items_processed: Option<i64>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The moment under which it is counted.
    #[schema(value_type = String, format = DateTime)]
    pub event_time: Timestamp,
}

/// An execution with everything that was sent beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ExecutionWithMetadata {
    /// The execution.
    #[serde(flatten)]
    pub execution: Execution,
    /// What else its sender said.
    pub metadata: serde_json::Map<String, serde_json::Value>,
}

/// One execution and its parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ExecutionDetail {
    /// The try asked for, else the last.
    pub execution: ExecutionWithMetadata,
    /// Every try, by number.
    pub attempts: Vec<u32>,
    /// Its steps, in the order in which they started.
    pub steps: Vec<Step>,
    /// What it cost, by time.
    pub costs: Vec<Cost>,
    /// What it used, by time.
    pub resources: Vec<Resource>,
    /// How it repaired itself, by time.
    pub recoveries: Vec<Recovery>,
    /// Whether there are more than 10,000 of some of them; the first 10,000 are here.
    pub is_cut: bool,
    /// Records accepted up to about then are here.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// Exactly: records up to this position of the journal are here.
    pub as_of_lsn: u64,
}

/// A part of an execution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Step {
    /// The sender's id of this record.
    pub id: String,
    /// Which try of the step.
    pub attempt: u32,
    /// The step in its workflow; the record's id if the sender named none.
    pub step_id: String,
    /// Its name.
    pub step_name: Option<String>,
    /// Its kind.
    pub step_type: Option<String>,
    /// For what it waits, if it is a wait.
    pub wait_kind: Option<String>,
    /// `completed`, `failed` or `skipped`.
    pub status: Option<String>,
    /// When it started.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
    /// Bytes that went in.
    pub input_bytes: Option<i64>,
    /// Bytes that came out.
    pub output_bytes: Option<i64>,
    /// What it cost, in credits.
    pub credits: Option<f64>,
    /// What kind of error ended it.
    pub error_type: Option<String>,
    /// The error in words.
    pub error_message: Option<String>,
    /// The site, application or credential acted upon.
    pub target: Option<String>,
}

/// What a part of an execution cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Cost {
    /// The sender's id.
    pub id: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    /// For what.
    pub action_type: Option<String>,
    /// In credits.
    pub credits: Option<f64>,
    /// In US dollars.
    pub amount_usd: Option<f64>,
    /// How much of it.
    pub quantity: Option<f64>,
    /// In which unit.
    pub unit: Option<String>,
    /// Whether it is an estimate.
    pub is_estimate: Option<bool>,
}

/// A sample of what an execution used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Resource {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    /// Where.
    pub host: Option<String>,
    /// Of one processor, in percent.
    pub cpu_percent: Option<f64>,
    /// Memory, in megabytes.
    pub memory_mb: Option<f64>,
    /// Of the graphics processor, in percent.
    pub gpu_percent: Option<f64>,
    /// Memory of the graphics processor, in megabytes.
    pub gpu_memory_mb: Option<f64>,
    /// Of the disk, in percent.
    pub disk_percent: Option<f64>,
    /// Bytes read from disk.
    pub disk_read_bytes: Option<i64>,
    /// Bytes written to disk.
    pub disk_write_bytes: Option<i64>,
    /// Bytes received.
    pub network_receive_bytes: Option<i64>,
    /// Bytes sent.
    pub network_send_bytes: Option<i64>,
    /// Things waiting.
    pub queue_depth: Option<i64>,
}

/// A repair that an execution made by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Recovery {
    /// The sender's id.
    pub id: String,
    /// The step that was repaired.
    pub step_id: Option<String>,
    /// How.
    pub strategy: Option<String>,
    /// With what outcome.
    pub status: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
}
