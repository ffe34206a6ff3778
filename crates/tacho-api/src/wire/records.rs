//! Sending records.

use serde::Serialize;
use serde_json::{Value, json};
use tacho_ingest::{Ack, Rejection};
use utoipa::ToSchema;

/// What became of a request of records. What was accepted is on the disk.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct IngestAnswer {
    /// How many records were accepted.
    #[schema(example = 2)]
    pub(crate) accepted: u32,
    /// Those that were not, with the reason. They are kept as dead letters.
    pub(crate) rejected: Vec<RejectedRecord>,
    /// The position of the last accepted one; answers whose `as_of_lsn` is at least this count it.
    #[schema(example = 4711)]
    pub(crate) lsn: u64,
}

/// A record that was refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RejectedRecord {
    /// Its place in the request, from 0.
    #[schema(example = 3)]
    pub(crate) index: u32,
    /// Why: a stable word.
    #[schema(example = "time_impossible")]
    pub(crate) code: String,
    /// Why and what to do.
    #[schema(example = "completed_at lies before started_at; send the end of the run.")]
    pub(crate) message: String,
    /// JSON pointer to the field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "/completed_at")]
    pub(crate) pointer: Option<String>,
}

impl From<Ack> for IngestAnswer {
    fn from(ack: Ack) -> Self {
        Self {
            accepted: ack.accepted,
            rejected: ack.rejected.into_iter().map(RejectedRecord::from).collect(),
            lsn: ack.lsn,
        }
    }
}

impl From<Rejection> for RejectedRecord {
    fn from(rejection: Rejection) -> Self {
        Self {
            index: rejection.index,
            code: rejection.code.to_string(),
            message: rejection.message,
            pointer: rejection.pointer,
        }
    }
}

/// A run that is over, with its step and its cost.
pub(crate) fn finished_run_example() -> Value {
    json!([
        {"type": "execution", "id": "run-1041", "workflow_id": "invoices", "status": "success",
         "trigger_type": "scheduled", "started_at": "2026-11-22T09:30:00Z", "completed_at": "2026-11-22T09:30:12.4Z",
         "tags": {"team": "finance"}},
        {"type": "step", "id": "run-1041/fetch", "execution_id": "run-1041", "step_id": "fetch",
         "status": "completed", "started_at": "2026-11-22T09:30:00Z", "duration_ms": 8200},
        {"type": "cost", "id": "run-1041/llm", "execution_id": "run-1041", "timestamp": "2026-11-22T09:30:09Z",
         "action_type": "llm", "amount_usd": 0.0042}
    ])
}

/// A run that has just begun. Sent again under the same id when it is over.
pub(crate) fn begun_run_example() -> Value {
    json!({"type": "execution", "id": "run-1042", "workflow_id": "invoices", "status": "running",
           "started_at": "2026-11-22T09:45:00Z", "steps_completed": 1, "steps_total": 4})
}

/// The same as lines.
pub(crate) fn lines_example() -> String {
    let lines: Vec<String> = finished_run_example()
        .as_array()
        .into_iter()
        .flatten()
        .map(Value::to_string)
        .collect();
    lines.join("\n")
}
