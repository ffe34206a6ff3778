//! What is wrong while it runs: executions that hang or are silent, schedules that did not come, failures in a row, queues
//! that grow.
//!
//! Everything is judged against the workflow's own last thirty days, with so much margin that days on which nothing is wrong
//! give no alarm. The limits are documented where they are computed, and held to that by a simulation of thirty quiet days
//! of two hundred workflows.

mod failures;
mod limits;
mod queue;
mod run;
mod schedule;
mod words;

use serde::{Deserialize, Serialize};
use tacho_core::Timestamp;

pub use failures::{FAILURES_MAX, FAILURES_MIN, Outcome, failures_limit, repeated_failure};
pub use limits::{queue_limit_us, silent_limit_us, stuck_limit_us};
pub use queue::{DEPTH_MIN, Depth, GROWTH_US, queue_growing};
pub use run::{Expiry, Run, inferred_timeout, silent, stuck};
pub use schedule::missed;

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An execution runs much longer than its workflow's do, or longer than it may. `measured` and `limit` of its finding
    /// are milliseconds since its start.
    Stuck,
    /// An execution that has shown progress shows none any more. Milliseconds since it last did.
    Silent,
    /// What was due did not start. Milliseconds since it was due.
    MissedSchedule,
    /// So many executions in a row failed that it is no chance. Failures.
    RepeatedFailure,
    /// What waits for its turn waits too long, and becomes more. Milliseconds that the oldest has waited.
    QueueGrowing,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 5] = [
        Kind::Stuck,
        Kind::Silent,
        Kind::MissedSchedule,
        Kind::RepeatedFailure,
        Kind::QueueGrowing,
    ];

    /// Its word, as on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Stuck => "stuck",
            Kind::Silent => "silent",
            Kind::MissedSchedule => "missed_schedule",
            Kind::RepeatedFailure => "repeated_failure",
            Kind::QueueGrowing => "queue_growing",
        }
    }

    /// The kind with that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// One workflow's last thirty days. The default is that of a workflow of which nothing is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct History {
    /// Executions that ended with success, failure or timeout.
    pub runs: u64,
    /// Those of them that failed or timed out.
    pub failures: u64,
    /// Up to when they are counted; `None` if there is nothing to count.
    pub until: Option<Timestamp>,
    /// The median time from start to end of those that ended, in milliseconds.
    pub duration_p50_ms: Option<f64>,
    /// Within which 99 of 100 end.
    pub duration_p99_ms: Option<f64>,
    /// Within which 99 of 100 have waited for their start, in milliseconds.
    pub queue_p99_ms: Option<f64>,
    /// The median duration of its steps, in milliseconds.
    pub step_p50_ms: Option<f64>,
    /// Within which 99 of 100 of its steps end.
    pub step_p99_ms: Option<f64>,
    /// How long it may run, as its sender declares (the workflow's field `timeout_ms`).
    pub timeout_ms: Option<i64>,
}

/// That something is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Since when: the start of an execution, its last progress, the time due, the first failure in a row, since when the
    /// oldest waits.
    pub since: Timestamp,
    /// How far it has gone, in the unit of its [`Kind`].
    pub measured: f64,
    /// What would still have been in order, in the same unit.
    pub limit: f64,
    /// Why, in words: what is, and what is usual.
    pub reason: String,
}
