//! What runs now and what happened last, read once so that live state can begin with it; from there on it follows what is
//! merged. Numbers come counted by the second, so that an hour of a busy organization is a few thousand rows.

mod compile;
mod shape;
mod unheard;

pub use compile::compile_live;
pub use shape::shape_live;
pub use unheard::{UnheardQuery, compile_unheard, shape_unheard};

use tacho_core::time::Timestamp;

/// What to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveQuery {
    /// Starts and ends from here on are counted. A whole second.
    pub since: Timestamp,
    /// Steps of open executions that began from here on are read.
    pub steps_since: Timestamp,
    /// Open executions that are read one by one, the newest first.
    pub open_max: u32,
    /// Executions that ended that are read one by one, those that changed last first.
    pub ended_max: u32,
    /// Steps that are read, those that changed last first.
    pub steps_max: u32,
    /// How each workflow fared last, if that is wanted.
    pub lately: Option<Lately>,
}

/// How workflows fared last: what to read of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lately {
    /// Outcomes from here on.
    pub outcomes_since: Timestamp,
    /// Starts from here on.
    pub starts_since: Timestamp,
    /// How many of each, the last ones.
    pub each_max: u32,
}

/// What was read, all of one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveRows {
    /// Seconds since 1970, and how many executions that left the queue have that as their time.
    pub starts: Vec<(i64, u64)>,
    /// What ended.
    pub finishes: Vec<Finishes>,
    /// Executions that wait.
    pub queued: u64,
    /// Executions that run.
    pub running: u64,
    /// Executions that have not ended.
    pub open: Vec<LiveExecution>,
    /// Executions that have ended.
    pub ended: Vec<LiveExecution>,
    /// Steps of those that have not.
    pub steps: Vec<LiveStep>,
    /// The workflows that the asker may see.
    pub workflows: Vec<LiveWorkflow>,
    /// The last starts of each workflow that its schedule may have caused: those whose trigger is the schedule, or unknown.
    pub lately_started: Vec<LiveStart>,
    /// The last success of each workflow, and the last failures and timeouts since.
    pub lately_ended: Vec<LiveOutcome>,
}

/// That an execution started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveStart {
    /// Of which workflow.
    pub workflow_id: String,
    /// When: the moment under which queries count it.
    pub at: Timestamp,
    /// The position of the last record that changed it.
    pub lsn: u64,
}

/// That an execution ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveOutcome {
    /// Of which workflow.
    pub workflow_id: String,
    /// When, if that was told, else the moment under which queries count it.
    pub at: Timestamp,
    /// The position of the last record that changed it.
    pub lsn: u64,
    /// How: a position in [`EXECUTION_STATUSES`](tacho_core::record::schema::EXECUTION_STATUSES).
    pub status: u8,
}

/// Executions that ended in one second in one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finishes {
    /// Seconds since 1970.
    pub second: i64,
    /// How they ended: a position in [`EXECUTION_STATUSES`](tacho_core::record::schema::EXECUTION_STATUSES).
    pub status: u8,
    /// How many.
    pub count: u64,
    /// Their durations together, in milliseconds.
    pub duration_ms: i64,
    /// Those of them that have a duration.
    pub durations: u64,
}

/// An execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveExecution {
    /// The position of the last record that changed it.
    pub lsn: u64,
    /// Its id.
    pub id: String,
    /// Which try.
    pub attempt: u32,
    /// How it is: a position in [`EXECUTION_STATUSES`](tacho_core::record::schema::EXECUTION_STATUSES).
    pub status: u8,
    /// The moment under which queries count it.
    pub event_time: Timestamp,
    /// When it was last heard of.
    pub updated_at: Timestamp,
    /// What runs.
    pub workflow_id: Option<String>,
    /// For whom.
    pub user_id: Option<String>,
    /// Since when it waited.
    pub queued_at: Option<Timestamp>,
    /// Since when it runs.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// How long it took.
    pub duration_ms: Option<i64>,
    /// How many steps are done, if the sender says so.
    pub steps_completed: Option<i64>,
    /// Of how many.
    pub steps_total: Option<i64>,
    /// What went wrong.
    pub error_type: Option<String>,
}

/// A step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveStep {
    /// The position of the last record that changed it.
    pub lsn: u64,
    /// Of which execution.
    pub execution_id: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was last heard of.
    pub updated_at: Timestamp,
    /// How it ended: a position in [`STEP_STATUSES`](tacho_core::record::schema::STEP_STATUSES).
    pub status: u8,
    /// Its name, else the id that the sender gave it, else that of the record.
    pub name: String,
}

/// A workflow as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveWorkflow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
}
