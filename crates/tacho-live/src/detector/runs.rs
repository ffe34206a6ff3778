//! Executions that have not ended.

use tacho_analysis::detection::{Finding, Kind, Run, inferred_timeout, silent, silent_limit_us, stuck};
use tacho_core::Timestamp;

use super::{Detection, Detector, Expired, Judged, Place, Subjects};
use crate::active::Active;
use crate::state::State;

/// Whether what was found of an execution is over: it does not run any more, or was silent and has shown progress since.
pub(super) fn is_over(state: &State, (id, attempt): (&str, u32), kind: Kind, since: Timestamp) -> bool {
    match state.active_try(id, attempt).filter(|active| !active.is_queued) {
        None => true,
        Some(active) => kind == Kind::Silent && state.progressed_at(active).is_some_and(|last| last > since),
    }
}

/// What is known of it, but for its progress.
fn run(active: &Active) -> Run {
    let started_at = active.started_at.unwrap_or(active.event_time);
    Run {
        known_since: active.queued_at.unwrap_or(active.event_time),
        started_at: (!active.is_queued).then_some(started_at),
        heard_at: active.updated_at,
        progressed_at: None,
    }
}

impl Detector {
    /// An execution is found once: while it is silent it is not stuck as well.
    pub(super) fn judge_runs(
        &mut self,
        state: &State,
        subjects: &Subjects,
        now: Timestamp,
        judged: &mut Judged,
    ) {
        for active in state.active() {
            let history = subjects.history(active.workflow_id.as_ref());
            let mut run = run(active);
            // Some senders tell of steps only. To look at them is worth it only where they decide.
            if inferred_timeout(&run, &history, self.patience_us, now).is_some()
                && let Some(last) = state.progressed_at(active)
            {
                run.heard_at = run.heard_at.max(last);
            }
            if let Some(expiry) = inferred_timeout(&run, &history, self.patience_us, now) {
                judged.expired.push(Expired {
                    execution_id: active.id.clone(),
                    attempt: active.attempt,
                    workflow_id: active.workflow_id.clone(),
                    ended_at: expiry.ended_at,
                    reason: expiry.reason,
                });
            }
            let Some(started_at) = run.started_at else {
                continue;
            };
            let place = Place::Execution(active.id.clone(), active.attempt);
            if self.open.contains_key(&place) {
                continue;
            }
            // To look at the steps is worth it only where they can have come too long ago.
            if silent_limit_us(&history).is_some_and(|limit| now.micros_since(started_at) > limit) {
                run.progressed_at = state.progressed_at(active);
            }
            let found = stuck(&run, &history, now).map(|finding| (Kind::Stuck, finding));
            let found = found.or_else(|| silent(&run, &history, now).map(|finding| (Kind::Silent, finding)));
            if let Some((kind, finding)) = found {
                self.keep(place, detection(kind, active, subjects, finding, now), judged);
            }
        }
    }
}

fn detection(
    kind: Kind,
    active: &Active,
    subjects: &Subjects,
    finding: Finding,
    now: Timestamp,
) -> Detection {
    let subject = active
        .workflow_id
        .as_ref()
        .and_then(|workflow| subjects.0.get(workflow));
    Detection {
        kind,
        workflow_id: active.workflow_id.clone(),
        workflow_name: subject.and_then(|subject| subject.name.clone()),
        execution: Some((active.id.clone(), active.attempt)),
        user_id: active.user_id.clone(),
        since: finding.since,
        detected_at: now,
        measured: finding.measured,
        limit: finding.limit,
        reason: finding.reason,
    }
}
