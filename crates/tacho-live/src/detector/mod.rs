//! What is wrong now: holds what was found until it ends. Pure: the state, what workflows are judged by and the time come
//! in as arguments.
//!
//! What was found stays until the thing itself changes, whatever becomes of the limits meanwhile: an execution ends or gets
//! on, a later run starts, a run succeeds, a queue is worked off. So the same thing is found once.

mod calendar;
mod detection;
mod queues;
mod runs;

use std::collections::HashMap;
use std::sync::Arc;

use tacho_analysis::detection::{Finding, Kind, Outcome, repeated_failure};
use tacho_core::Timestamp;

pub use detection::{Detection, DetectionKey, Expired, Judged, Subject, Subjects};

use crate::state::State;
use calendar::Calendar;
use queues::Queues;

const MINUTE_US: i64 = 60 * 1_000_000;
/// How long nothing is heard of an execution without a timeout before it is closed: a day, in microseconds.
pub const PATIENCE_US: i64 = 24 * 60 * MINUTE_US;
/// How long nothing begins after the state has come to know everything, in microseconds.
pub const SETTLE_US: i64 = 5 * MINUTE_US;

/// What something is about of which there is one at a time: an execution, or what is of a kind of a workflow.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Place {
    Execution(Arc<str>, u32),
    Workflow(Kind, Arc<str>),
}

/// Judges the state of everything of one organization, each few seconds.
#[derive(Debug, Default)]
pub struct Detector {
    patience_us: i64,
    open: HashMap<Place, Detection>,
    calendar: Calendar,
    queues: Queues,
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
            self.open
                .extend(detection.place().map(|place| (place, detection)));
        }
    }

    /// What is wrong, in no order.
    pub fn open(&self) -> impl Iterator<Item = &Detection> {
        self.open.values()
    }

    /// Judges the state as it is `now`. To be called each ten seconds or so.
    ///
    /// Nothing is judged while the state does not know everything: the store was down, the server catches up. Nothing begins
    /// for five minutes after it came to, and what was due before is given its whole grace from then on, so that what
    /// senders kept meanwhile can arrive.
    pub fn judge(&mut self, state: &State, subjects: &Subjects, now: Timestamp) -> Judged {
        let mut judged = Judged::default();
        let Some(current_since) = state.current_since() else {
            self.queues = Queues::default();
            return judged;
        };
        self.queues.look(state, now);
        self.end(state, subjects, now, &mut judged);
        if now.micros_since(current_since) < SETTLE_US {
            return judged;
        }
        self.judge_runs(state, subjects, now, &mut judged);
        self.judge_outcomes(state, subjects, now, &mut judged);
        self.judge_queues(subjects, now, &mut judged);
        self.judge_schedules(state, subjects, (current_since, now), &mut judged);
        judged
    }

    /// Ends what is over.
    fn end(&mut self, state: &State, subjects: &Subjects, now: Timestamp, judged: &mut Judged) {
        let queues = &self.queues;
        self.open.retain(|place, found| {
            let is_over = match (place, found.kind) {
                (Place::Execution(id, attempt), kind) => {
                    runs::is_over(state, (id, *attempt), kind, found.since)
                }
                (Place::Workflow(_, workflow), Kind::MissedSchedule) => {
                    calendar::is_over(state, subjects.0.get(workflow), workflow, found.since, now)
                }
                (Place::Workflow(_, workflow), Kind::QueueGrowing) => {
                    queues.is_over(workflow, found.limit, now)
                }
                (Place::Workflow(_, workflow), _) => {
                    let recent = state.recent(workflow);
                    recent.is_none_or(|recent| {
                        !recent.outcomes().next_back().is_some_and(|last| last.is_failure)
                    })
                }
            };
            if is_over {
                judged.ended.push((found.key(), now));
            }
            !is_over
        });
    }

    /// Something of a workflow was found.
    fn begin(
        &mut self,
        kind: Kind,
        workflow: &Arc<str>,
        finding: Finding,
        place: (&Subjects, Timestamp),
        judged: &mut Judged,
    ) {
        let (subjects, now) = place;
        let subject = subjects.0.get(workflow);
        self.keep(
            Place::Workflow(kind, workflow.clone()),
            Detection {
                kind,
                workflow_id: Some(workflow.clone()),
                workflow_name: subject.and_then(|subject| subject.name.clone()),
                execution: None,
                user_id: None,
                since: finding.since,
                detected_at: now,
                measured: finding.measured,
                limit: finding.limit,
                reason: finding.reason,
            },
            judged,
        );
    }

    fn keep(&mut self, place: Place, detection: Detection, judged: &mut Judged) {
        judged.begun.push(detection.clone());
        self.open.insert(place, detection);
    }

    fn judge_outcomes(&mut self, state: &State, subjects: &Subjects, now: Timestamp, judged: &mut Judged) {
        for (workflow, recent) in state.recents() {
            if recent.outcomes().next_back().is_none_or(|last| !last.is_failure) {
                continue;
            }
            if self
                .open
                .contains_key(&Place::Workflow(Kind::RepeatedFailure, workflow.clone()))
            {
                continue;
            }
            let outcomes: Vec<Outcome> = recent.outcomes().collect();
            if let Some(finding) = repeated_failure(&outcomes, &subjects.history(Some(workflow))) {
                self.begin(Kind::RepeatedFailure, workflow, finding, (subjects, now), judged);
            }
        }
    }
}
