//! Failures as they are listed and shown.

use serde::{Deserialize, Serialize};
use tacho_core::period::Period;
use tacho_core::time::Timestamp;
use utoipa::{IntoParams, ToSchema};

use crate::answer::Answer;
use crate::granularity::Granularity;
use crate::params::PeriodWord;

/// Failures that one page may hold.
pub const PAGE_LIMIT_MAX: u32 = 200;
/// Failures that a page holds if the question does not say.
pub const PAGE_LIMIT_DEFAULT: u32 = 50;
/// Workflows that are named with each failure of a list.
pub const WORKFLOWS_LISTED_MAX: u32 = 5;
/// Workflows that are named with a failure that is shown alone.
pub const WORKFLOWS_SHOWN_MAX: u32 = 100;
/// Error types of which the totals are told apart.
pub const ERROR_TYPES_MAX: u32 = 50;

/// Which failures to list. Without a range of time: of the last week.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, IntoParams, ToSchema)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FailureListParams {
    /// The first instant inside.
    #[param(value_type = Option<String>, format = DateTime)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// The first instant after it; now if left out.
    #[param(value_type = Option<String>, format = DateTime)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub to: Option<Timestamp>,
    /// A named length of time that ends now, instead of `from` and `to`.
    #[param(value_type = Option<PeriodWord>, inline)]
    #[schema(value_type = Option<PeriodWord>)]
    pub period: Option<Period>,
    /// The IANA time zone on whose calendar periods are counted; the asker's own if left out.
    #[param(example = "Europe/Berlin")]
    pub timezone: Option<String>,
    /// Of this workflow. States, too, are those of the fault in this workflow.
    pub workflow_id: Option<String>,
    /// With this type of error.
    pub error_type: Option<String>,
    /// States, separated by commas: `new`, `regressed`, `ongoing`, `resolved`.
    #[param(example = "new,regressed")]
    pub state: Option<String>,
    /// With this text, whatever its case, in the error type or an error message of the range or the range before. A fault
    /// with such a message is listed with all that it has.
    pub search: Option<String>,
    /// What comes first: the most frequent in the range (`count`, if left out), the last seen (`last_seen`), the first seen
    /// last (`first_seen`), or the most expensive in the range (`cost`).
    #[param(example = "count")]
    pub order: Option<String>,
    /// Failures on a page, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// Failures to pass over, at most 100,000: `next_offset` of the page before.
    #[param(maximum = 100000)]
    pub offset: Option<u32>,
}

/// Of which range to show a failure. Without one: of the last week.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, IntoParams, ToSchema)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FailureParams {
    /// The first instant inside.
    #[param(value_type = Option<String>, format = DateTime)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// The first instant after it; now if left out.
    #[param(value_type = Option<String>, format = DateTime)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub to: Option<Timestamp>,
    /// A named length of time that ends now, instead of `from` and `to`.
    #[param(value_type = Option<PeriodWord>, inline)]
    #[schema(value_type = Option<PeriodWord>)]
    pub period: Option<Period>,
    /// The IANA time zone on whose calendar periods and the timeline are counted; the asker's own if left out.
    #[param(example = "Europe/Berlin")]
    pub timezone: Option<String>,
    /// The length of a bucket of the timeline; one that suits the range if left out. As with every question, it is widened
    /// where there would be too many.
    #[param(value_type = Option<Granularity>, inline)]
    #[schema(value_type = Option<Granularity>)]
    pub granularity: Option<String>,
}

/// How a fault comes and goes. The quiet time is as long as the range, and 7 days at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureState {
    /// In the range, and never before.
    New,
    /// In the range, and before; but between the last time before the range and the first in it lies a quiet time.
    Regressed,
    /// In the range, and before without a quiet time between.
    Ongoing,
    /// In the range before, and not in the range.
    Resolved,
}

impl FailureState {
    /// Every state.
    pub const ALL: [FailureState; 4] = [
        FailureState::New,
        FailureState::Regressed,
        FailureState::Ongoing,
        FailureState::Resolved,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            FailureState::New => "new",
            FailureState::Regressed => "regressed",
            FailureState::Ongoing => "ongoing",
            FailureState::Resolved => "resolved",
        }
    }
}

/// A range of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FailureRange {
    /// The first instant inside.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// The first instant after it.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
}

/// A page of what goes wrong, a fault a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FailureList {
    /// The faults of the range and of the range before.
    pub failures: Vec<Failure>,
    /// Ask with it as `offset` for the next page; null on the last.
    #[schema(required)]
    pub next_offset: Option<u32>,
    /// Of all faults that the question is about, whatever `state`, `limit` and `offset` say.
    pub totals: FailureTotals,
    /// The range asked about.
    pub range: FailureRange,
    /// The range before: the same period, or as long a range. Null if it would begin before 1970, or if the range is all
    /// time.
    #[schema(required)]
    pub range_before: Option<FailureRange>,
    /// Records accepted up to about then are counted.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// Exactly: records up to this position of the journal are counted.
    pub as_of_lsn: u64,
}

/// Something that goes wrong: a fault with all executions that it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "fingerprint": "8f3a0c55d1e2b947",
    "error_type": "http_500",
    "pattern": "HTTP <num> from <url>: Internal Server Error (request <num>)",
    "sample_message": "HTTP 500 from https://shop.example/api/v2/documents/48113: Internal Server Error (request 3fa9c01b22d4)",
    "state": "regressed",
    "count": 42,
    "count_before": 0,
    "cost_usd": 1.26,
    "workflow_count": 1,
    "workflows": [{ "workflow_id": "invoices", "workflow_name": "Invoices", "count": 42 }],
    "first_seen": "2026-09-02T06:30:11Z",
    "last_seen": "2026-11-22T09:58:40Z",
    "last_execution_id": "run-1041",
    "last_execution_attempt": 1
}))]
pub struct Failure {
    /// The fault. Executions are listed by it, and questions filtered, as `error_fingerprint`.
    pub fingerprint: String,
    /// The type of error, in its sender's words.
    #[schema(required)]
    pub error_type: Option<String>,
    /// The error message with placeholders for what differs each time; null if there are no messages.
    #[schema(required)]
    pub pattern: Option<String>,
    /// The latest message of the two ranges, as it was sent.
    #[schema(required)]
    pub sample_message: Option<String>,
    /// How it comes and goes.
    pub state: FailureState,
    /// Executions of the range that it ended.
    pub count: u64,
    /// Executions of the range before that it ended.
    pub count_before: u64,
    /// What the executions of the range cost, in US dollars: the sum of their own `cost_usd`.
    pub cost_usd: f64,
    /// Workflows that it ended in the range; of a resolved fault, in the range before.
    pub workflow_count: u64,
    /// Those that it ended most often: of a list 5, of one failure 100.
    pub workflows: Vec<AffectedWorkflow>,
    /// When it was first seen, ever.
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    /// When it was last seen, be it after the range.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
    /// The latest execution of the two ranges.
    pub last_execution_id: String,
    /// Which try of it.
    pub last_execution_attempt: u32,
}

/// A workflow in which a fault is seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AffectedWorkflow {
    /// The workflow.
    pub workflow_id: String,
    /// Its name now.
    #[schema(required)]
    pub workflow_name: Option<String>,
    /// How many of its executions the fault ended.
    pub count: u64,
}

/// Faults added up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FailureTotals {
    /// Executions of the range that faults ended.
    pub failures: u64,
    /// Executions of the range before that faults ended.
    pub failures_before: u64,
    /// Faults of the range: all but those that are resolved.
    pub fingerprints: u64,
    /// How many faults are in each state.
    pub by_state: FailureStates,
    /// The 50 most frequent types of error.
    pub by_error_type: Vec<FailuresOfType>,
    /// Executions of the range that failed and said neither type nor message. No fault has them. 0 if faults are searched or
    /// chosen by type.
    pub unexplained: u64,
}

/// How many faults are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FailureStates {
    /// In the range, and never before.
    pub new: u64,
    /// In the range again after a quiet time.
    pub regressed: u64,
    /// In the range as before.
    pub ongoing: u64,
    /// Only in the range before.
    pub resolved: u64,
}

impl FailureStates {
    /// How many are in one of these states.
    pub(super) fn of(&self, states: &[FailureState]) -> u64 {
        let count = |state: &FailureState| match state {
            FailureState::New => self.new,
            FailureState::Regressed => self.regressed,
            FailureState::Ongoing => self.ongoing,
            FailureState::Resolved => self.resolved,
        };
        states.iter().map(count).sum()
    }
}

/// Failed executions of one type of error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FailuresOfType {
    /// The type; null for those without one.
    #[schema(required)]
    pub error_type: Option<String>,
    /// Executions of the range.
    pub count: u64,
    /// Executions of the range before.
    pub count_before: u64,
    /// Faults of the range.
    pub fingerprints: u64,
}

/// One failure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FailureDetail {
    /// The failure. If neither range has seen it, it is `resolved`, and message and execution are the latest of all.
    pub failure: Failure,
    /// Executions that it ended, by time: the answer to a question as every other.
    pub timeline: Answer,
    /// The range asked about.
    pub range: FailureRange,
    /// The range before.
    #[schema(required)]
    pub range_before: Option<FailureRange>,
    /// Records accepted up to about then are counted.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// Exactly: records up to this position of the journal are counted.
    pub as_of_lsn: u64,
}
