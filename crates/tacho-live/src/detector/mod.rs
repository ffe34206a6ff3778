//! What is wrong now: holds what was found until it ends. Pure: the state, what workflows are judged by and the time come
//! in as arguments.

mod detection;

use std::sync::Arc;

use tacho_analysis::detection::Kind;
use tacho_core::Timestamp;

pub use detection::{Detection, DetectionKey, Expired, Judged, Subject, Subjects};

use crate::state::State;

/// How long nothing is heard of an execution without a timeout before it is closed: a day, in microseconds.
pub const PATIENCE_US: i64 = 86_400 * 1_000_000;

/// What something is about of which there is one at a time: a kind of detection of an execution, or else of a workflow.
type Slot = (Kind, Option<Arc<str>>, Option<(Arc<str>, u32)>);

/// Judges the state of everything of one organization, each few seconds.
#[derive(Debug, Default)]
pub struct Detector {
    open: std::collections::HashMap<Slot, Detection>,
    patience_us: i64,
}

impl Detector {
    /// One that has found nothing yet. Executions without a timeout are closed when nothing was heard of them for
    /// `patience_us` ([`PATIENCE_US`] if nobody says otherwise).
    pub fn new(patience_us: i64) -> Self {
        Self {
            patience_us,
            ..Self::default()
        }
    }

    /// Takes what was found before the server was started and has not ended. What has ended meanwhile ends with the first
    /// judgement.
    pub fn resume(&mut self, open: Vec<Detection>) {
        for detection in open {
            let slot = (
                detection.kind,
                detection.workflow_id.clone(),
                detection.execution.clone(),
            );
            self.open.insert(slot, detection);
        }
    }

    /// What is wrong, in no order.
    pub fn open(&self) -> impl Iterator<Item = &Detection> {
        self.open.values()
    }

    /// Judges the state as it is `now`. To be called each ten seconds or so; nothing is judged while the state does not know
    /// everything, and nothing begins for some minutes after it came to, so that what senders kept meanwhile can arrive.
    pub fn judge(&mut self, state: &State, subjects: &Subjects, now: Timestamp) -> Judged {
        let _ = (state, subjects, now, self.patience_us);
        Judged::default()
    }
}
