//! What happened to executions, one by one.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::Serialize;
use tacho_core::time::Timestamp;
use tacho_store::Lsn;

use crate::fact::{ENDED, Execution, QUEUED, RUNNING};

/// Events that are kept.
pub const EVENTS_MAX: usize = 500;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// It waits for its turn.
    Queued,
    /// It runs.
    Started,
    /// A step or more are done.
    Progressed,
    /// It did what it should.
    Succeeded,
    /// It went wrong.
    Failed,
    /// It took too long.
    TimedOut,
    /// It was called off.
    Cancelled,
}

/// Something that happened to an execution.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// When, by the sender's clock.
    pub at: Timestamp,
    /// The position of the record that told.
    pub lsn: Lsn,
    /// The execution.
    pub execution_id: Arc<str>,
    /// Which try of it.
    pub attempt: u32,
    /// What ran.
    pub workflow_id: Option<Arc<str>>,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_type: Option<Box<str>>,
    /// The change with which it came.
    #[serde(skip)]
    pub(crate) version: u64,
}

/// What happened when an execution became what it is; `None` if nothing that is told.
pub(crate) fn kind_of(before: Option<&Execution<'_>>, now: &Execution<'_>) -> Option<EventKind> {
    let was = before.map(|before| before.status);
    match now.status {
        same if was == Some(same) => {
            let done = |execution: &Execution<'_>| execution.steps_completed.unwrap_or(0);
            let is_further = same == RUNNING && before.is_some_and(|before| done(now) > done(before));
            is_further.then_some(EventKind::Progressed)
        }
        QUEUED => Some(EventKind::Queued),
        RUNNING => Some(EventKind::Started),
        ended => Some(match ended - ENDED {
            0 => EventKind::Succeeded,
            1 => EventKind::Failed,
            2 => EventKind::TimedOut,
            _ => EventKind::Cancelled,
        }),
    }
}

/// When it happened.
pub(crate) fn at(kind: EventKind, execution: &Execution<'_>) -> Timestamp {
    match kind {
        EventKind::Queued => execution.queued_at.unwrap_or(execution.event_time),
        EventKind::Started => execution.started_at.unwrap_or(execution.event_time),
        EventKind::Progressed => execution.updated_at,
        _ => execution.finished_at(),
    }
}

/// The last events, the oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Events(VecDeque<Event>);

impl Events {
    pub(crate) fn push(&mut self, event: Event) {
        if self.0.len() == EVENTS_MAX {
            self.0.pop_front();
        }
        self.0.push_back(event);
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.0.iter()
    }
}
