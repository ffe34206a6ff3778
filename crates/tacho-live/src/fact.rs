//! What live state reads of rows.

use std::sync::LazyLock;

use tacho_core::record::schema::{DerivedRule, EXECUTION_STATUSES, STEP_STATUSES};
use tacho_core::record::{RecordType, Value};
use tacho_core::time::Timestamp;
use tacho_store::live::LiveExecution;
use tacho_store::{Lsn, StoredRow};

/// The status of executions that wait.
pub(crate) const QUEUED: u8 = 0;
/// The status of executions that run.
pub(crate) const RUNNING: u8 = 1;
/// The first status of executions that have ended.
pub(crate) const ENDED: u8 = 2;
/// The status of executions that did what they should.
pub(crate) const SUCCESS: u8 = 2;
/// The status of executions that were called off.
pub(crate) const CANCELLED: u8 = 5;
/// The trigger of executions that a schedule started.
const SCHEDULED: u8 = 0;
/// How many ways there are to end.
pub(crate) const ENDS: usize = EXECUTION_STATUSES.len() - ENDED as usize;

/// What live state knows of an execution, wherever it is from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Execution<'a> {
    pub(crate) lsn: Lsn,
    pub(crate) id: &'a str,
    pub(crate) attempt: u32,
    pub(crate) status: u8,
    pub(crate) event_time: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) workflow_id: Option<&'a str>,
    pub(crate) user_id: Option<&'a str>,
    pub(crate) queued_at: Option<Timestamp>,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) completed_at: Option<Timestamp>,
    pub(crate) duration_ms: Option<i64>,
    pub(crate) steps_completed: Option<i64>,
    pub(crate) steps_total: Option<i64>,
    pub(crate) error_type: Option<&'a str>,
}

/// Positions of fields, looked up once.
struct Positions {
    workflow_id: u8,
    user_id: u8,
    trigger_type: u8,
    status: u8,
    queued_at: u8,
    started_at: u8,
    completed_at: u8,
    steps_completed: u8,
    steps_total: u8,
    error_type: u8,
    duration_ms: usize,
}

static EXECUTION: LazyLock<Positions> = LazyLock::new(|| {
    let spec = RecordType::Execution.spec();
    let mut derived = spec.derived.iter();
    Positions {
        workflow_id: spec.position("workflow_id"),
        user_id: spec.position("user_id"),
        trigger_type: spec.position("trigger_type"),
        status: spec.position("status"),
        queued_at: spec.position("queued_at"),
        started_at: spec.position("started_at"),
        completed_at: spec.position("completed_at"),
        steps_completed: spec.position("steps_completed"),
        steps_total: spec.position("steps_total"),
        error_type: spec.position("error_type"),
        duration_ms: derived
            .position(|derived| derived.column == "duration_ms")
            .unwrap_or(usize::MAX),
    }
});

impl<'a> Execution<'a> {
    /// That of a row, which is one of an execution.
    pub(crate) fn of(stored: &'a StoredRow) -> Self {
        let row = &stored.row;
        let positions = &*EXECUTION;
        let text = |position| row.at(position).and_then(Value::as_text);
        let int = |position| row.at(position).and_then(Value::as_int);
        let time = |position| int(position).map(Timestamp::from_micros);
        let status = row.at(positions.status).and_then(Value::as_keyword);
        let duration = stored.derived.get(positions.duration_ms);
        Self {
            lsn: stored.lsn,
            id: &row.id,
            attempt: row.attempt,
            // Every execution has one: it is required.
            status: status.unwrap_or(RUNNING),
            event_time: stored.event_time,
            updated_at: row.rank.updated_at,
            workflow_id: text(positions.workflow_id),
            user_id: text(positions.user_id),
            queued_at: time(positions.queued_at),
            started_at: time(positions.started_at),
            completed_at: time(positions.completed_at),
            duration_ms: duration
                .and_then(|duration| duration.as_ref())
                .and_then(Value::as_int),
            steps_completed: int(positions.steps_completed),
            steps_total: int(positions.steps_total),
            error_type: text(positions.error_type),
        }
    }

    /// That of a row that was read.
    pub(crate) fn read(row: &'a LiveExecution) -> Self {
        Self {
            lsn: row.lsn,
            id: &row.id,
            attempt: row.attempt,
            status: row.status,
            event_time: row.event_time,
            updated_at: row.updated_at,
            workflow_id: row.workflow_id.as_deref(),
            user_id: row.user_id.as_deref(),
            queued_at: row.queued_at,
            started_at: row.started_at,
            completed_at: row.completed_at,
            duration_ms: row.duration_ms,
            steps_completed: row.steps_completed,
            steps_total: row.steps_total,
            error_type: row.error_type.as_deref(),
        }
    }

    /// Whether it has not ended.
    pub(crate) fn is_open(&self) -> bool {
        self.status < ENDED
    }

    /// When it ended, if it has: what it says, else the time under which it counts.
    pub(crate) fn finished_at(&self) -> Timestamp {
        self.completed_at.unwrap_or(self.event_time)
    }
}

/// Whether a schedule may have started an execution: its sender says so, or says nothing of what did.
pub(crate) fn may_be_scheduled(stored: &StoredRow) -> bool {
    let trigger = stored.row.at(EXECUTION.trigger_type);
    trigger
        .and_then(Value::as_keyword)
        .is_none_or(|trigger| trigger == SCHEDULED)
}

/// What live state knows of a step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step<'a> {
    pub(crate) lsn: Lsn,
    pub(crate) execution_id: &'a str,
    pub(crate) started_at: Timestamp,
    /// When it was last heard of, which is when it ended at the earliest.
    pub(crate) updated_at: Timestamp,
    pub(crate) is_done: bool,
    pub(crate) name: &'a str,
}

/// Whether a step with that status counts as done: it was completed, or it was not needed.
pub(crate) fn is_done(status: u8) -> bool {
    !matches!(STEP_STATUSES.get(usize::from(status)), Some(&"failed") | None)
}

struct StepPositions {
    execution_id: u8,
    status: u8,
    step_name: u8,
    step_id: u8,
    /// Of workflow and user, which come from the execution.
    owners: [usize; 2],
}

static STEP: LazyLock<StepPositions> = LazyLock::new(|| {
    let spec = RecordType::Step.spec();
    let inherited = |wanted: &str| {
        let mut derived = spec.derived.iter();
        let is_it =
            |rule: &DerivedRule| matches!(rule, DerivedRule::FromExecution { field, .. } if *field == wanted);
        derived
            .position(|derived| is_it(&derived.rule))
            .unwrap_or(usize::MAX)
    };
    StepPositions {
        execution_id: spec.position("execution_id"),
        status: spec.position("status"),
        step_name: spec.position("step_name"),
        step_id: spec.position("step_id"),
        owners: ["workflow_id", "user_id"].map(inherited),
    }
});

impl<'a> Step<'a> {
    /// That of a row, which is one of a step.
    pub(crate) fn of(stored: &'a StoredRow) -> Self {
        let row = &stored.row;
        let positions = &*STEP;
        let text = |position| row.at(position).and_then(Value::as_text);
        let status = row.at(positions.status).and_then(Value::as_keyword);
        Self {
            lsn: stored.lsn,
            execution_id: text(positions.execution_id).unwrap_or_default(),
            started_at: stored.event_time,
            updated_at: row.rank.updated_at,
            is_done: status.is_some_and(is_done),
            name: text(positions.step_name)
                .or_else(|| text(positions.step_id))
                .unwrap_or(&row.id),
        }
    }
}

/// Workflow and user of a row of an execution or a step.
pub(crate) fn owners(stored: &StoredRow) -> (Option<&str>, Option<&str>) {
    let derived = |position: usize| {
        let value = stored.derived.get(position).and_then(Option::as_ref);
        value.and_then(Value::as_text)
    };
    let field = |position| stored.row.at(position).and_then(Value::as_text);
    match stored.row.record_type {
        RecordType::Execution => (field(EXECUTION.workflow_id), field(EXECUTION.user_id)),
        RecordType::Step => (derived(STEP.owners[0]), derived(STEP.owners[1])),
        _ => (None, None),
    }
}
