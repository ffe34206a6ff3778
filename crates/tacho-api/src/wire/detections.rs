//! What goes wrong while it runs, as REST and live frames say it.

use serde::{Deserialize, Serialize};
use tacho_analysis::detection::Kind;
use tacho_core::Timestamp;
use utoipa::{IntoParams, ToSchema};

/// Something that was found to be wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Detection {
    /// Its id.
    pub(crate) id: String,
    /// What is wrong.
    #[schema(value_type = DetectionKind)]
    pub(crate) kind: String,
    /// The workflow; null of an execution that names none.
    #[schema(required)]
    pub(crate) workflow_id: Option<String>,
    /// What that was called when it was found.
    #[schema(required)]
    pub(crate) workflow_name: Option<String>,
    /// The execution, if it is about one: of `stuck` and `silent`.
    #[schema(required)]
    pub(crate) execution_id: Option<String>,
    /// Which try of it.
    #[schema(required)]
    pub(crate) attempt: Option<u32>,
    /// Since when: the start of an execution, its last progress, the time due, the first failure in a row, since when the
    /// oldest waits.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) since: Timestamp,
    /// When it was found.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) detected_at: Timestamp,
    /// When it was over; null while it is not.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub(crate) ended_at: Option<Timestamp>,
    /// How far it had gone when it was found: milliseconds, of `repeated_failure` a number of runs.
    pub(crate) measured: f64,
    /// What would still have been in order, in the same unit.
    pub(crate) limit: f64,
    /// Why, in words: what is, and what is usual.
    pub(crate) reason: String,
}

impl From<tacho_metastore::Detection> for Detection {
    fn from(kept: tacho_metastore::Detection) -> Self {
        let found = kept.found;
        let (execution_id, attempt) = found.execution.unzip();
        Self {
            id: kept.id.to_string(),
            kind: found.kind,
            workflow_id: found.workflow_id,
            workflow_name: found.workflow_name,
            execution_id,
            attempt,
            since: found.since,
            detected_at: found.detected_at,
            ended_at: kept.ended_at,
            measured: found.measured,
            limit: found.limit,
            reason: found.reason,
        }
    }
}

/// What can be wrong. (The wire's name for [`Kind`].)
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DetectionKind {
    /// An execution runs much longer than its workflow's do, or longer than it may.
    Stuck,
    /// An execution that has shown progress shows none any more.
    Silent,
    /// What was due did not start.
    MissedSchedule,
    /// So many executions in a row failed that it is no chance.
    RepeatedFailure,
    /// What waits for its turn waits too long, and becomes more.
    QueueGrowing,
}

impl From<DetectionKind> for Kind {
    fn from(kind: DetectionKind) -> Self {
        match kind {
            DetectionKind::Stuck => Kind::Stuck,
            DetectionKind::Silent => Kind::Silent,
            DetectionKind::MissedSchedule => Kind::MissedSchedule,
            DetectionKind::RepeatedFailure => Kind::RepeatedFailure,
            DetectionKind::QueueGrowing => Kind::QueueGrowing,
        }
    }
}

/// Whether detections that are over are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DetectionState {
    /// Only those that are not over.
    Open,
    /// All.
    #[default]
    All,
}

/// Which detections.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DetectionParams {
    /// Those of this kind.
    #[param(inline)]
    pub(crate) kind: Option<DetectionKind>,
    /// Those of this workflow.
    pub(crate) workflow_id: Option<String>,
    /// `open`: those that are not over. `all` if left out.
    #[param(inline)]
    pub(crate) state: Option<DetectionState>,
    /// Those that were not over before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    pub(crate) from: Option<Timestamp>,
    /// Those that were found before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    pub(crate) to: Option<Timestamp>,
    /// Detections of one page, 1 to 500; 100 if left out.
    #[param(minimum = 1, maximum = 500)]
    pub(crate) limit: Option<u32>,
    /// Where the page begins: `next_cursor` of the one before.
    pub(crate) cursor: Option<String>,
}

/// A page of what was found to be wrong, the last that was found first.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "detections": [{
        "id": "019ab1f2-7c11-7e02-9c55-b7d1c3e8a001", "kind": "stuck", "workflow_id": "invoices",
        "workflow_name": "Invoices", "execution_id": "run-1", "attempt": 1, "since": "2026-11-22T09:30:00Z",
        "detected_at": "2026-11-22T09:50:10Z", "ended_at": null, "measured": 1_210_000.0, "limit": 600_000.0,
        "reason": "Has run for 20 min 10 s; 99 of 100 runs end within 6 min."
    }],
    "next_cursor": null, "as_of": "2026-11-22T10:00:00Z"
}))]
pub(crate) struct DetectionPage {
    /// The detections.
    pub(crate) detections: Vec<Detection>,
    /// Send it as `cursor` to get the next page; null on the last.
    #[schema(required)]
    pub(crate) next_cursor: Option<String>,
    /// What was found up to then is here. Tacho looks every few seconds.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
}
