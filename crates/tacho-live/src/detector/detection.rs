//! What was found, and what it is judged by.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use tacho_analysis::detection::{History, Kind};
use tacho_core::{Schedule, Timestamp};

use super::Place;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// What.
    pub kind: Kind,
    /// Of which workflow; `None` of an execution that names none.
    pub workflow_id: Option<Arc<str>>,
    /// What the workflow was called when it was found.
    pub workflow_name: Option<Arc<str>>,
    /// Id and try of the execution, if it is about one ([`Kind::Stuck`], [`Kind::Silent`]).
    pub execution: Option<(Arc<str>, u32)>,
    /// For whom that runs.
    pub user_id: Option<Arc<str>>,
    /// Since when it is wrong: see [`Finding::since`](tacho_analysis::detection::Finding::since).
    pub since: Timestamp,
    /// When it was found.
    pub detected_at: Timestamp,
    /// How far it had gone then, in the unit of its kind.
    pub measured: f64,
    /// What would still have been in order, in the same unit.
    pub limit: f64,
    /// Why, in words.
    pub reason: String,
}

/// What tells one detection from every other, for good: of the same thing there is one. Its text is fit to be stored.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DetectionKey(String);

impl DetectionKey {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DetectionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Detection {
    /// Of which there is one at a time; `None` if it names nothing.
    pub(super) fn place(&self) -> Option<Place> {
        match (&self.execution, &self.workflow_id) {
            (Some((id, attempt)), _) => Some(Place::Execution(id.clone(), *attempt)),
            (None, Some(workflow)) => Some(Place::Workflow(self.kind, workflow.clone())),
            (None, None) => None,
        }
    }

    /// Its key: the kind, since when, and the execution or else the workflow.
    pub fn key(&self) -> DetectionKey {
        let (kind, since) = (self.kind.as_str(), self.since.as_micros());
        DetectionKey(match (&self.execution, &self.workflow_id) {
            (Some((id, attempt)), _) => format!("{kind}:{since}:{attempt}:{id}"),
            (None, workflow) => format!("{kind}:{since}:{}", workflow.as_deref().unwrap_or_default()),
        })
    }
}

/// What workflows are judged by. Made anew whenever their histories were computed anew.
#[derive(Clone, Debug, Default)]
pub struct Subjects(pub HashMap<Arc<str>, Subject>);

/// What a workflow is judged by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subject {
    /// What it is called.
    pub name: Option<Arc<str>>,
    /// Its last thirty days.
    pub history: History,
    /// Whether it is meant to run; what is not misses no schedule. True if its sender does not say.
    pub is_active: bool,
    /// When it is due, if it is.
    pub schedule: Option<Schedule>,
    /// When that was last declared: what was due before was not missed.
    pub declared_at: Option<Timestamp>,
}

impl Subjects {
    /// What is known of a workflow's last thirty days.
    pub(super) fn history(&self, workflow: Option<&Arc<str>>) -> History {
        let subject = workflow.and_then(|workflow| self.0.get(workflow));
        subject.map(|subject| subject.history).unwrap_or_default()
    }
}

impl Subject {
    /// The schedule by which it has to run.
    pub(super) fn expects(&self) -> Option<&Schedule> {
        self.schedule.as_ref().filter(|_| self.is_active)
    }
}

/// What has changed with a judgement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    /// What is wrong and was not before.
    pub begun: Vec<Detection>,
    /// What is not wrong any more, and when that was seen.
    pub ended: Vec<(DetectionKey, Timestamp)>,
    /// Executions to be closed as timed out. Told with each judgement until they have ended.
    pub expired: Vec<Expired>,
}

/// An execution that never said that it has ended, and is taken to have timed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expired {
    /// Its id.
    pub execution_id: Arc<str>,
    /// Which try.
    pub attempt: u32,
    /// What ran.
    pub workflow_id: Option<Arc<str>>,
    /// When it is taken to have ended. The same with each judgement as long as nothing is heard of it.
    pub ended_at: Timestamp,
    /// Why, in words.
    pub reason: String,
}
