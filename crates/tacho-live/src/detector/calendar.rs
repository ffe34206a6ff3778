//! When workflows are due, and what did not come.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use tacho_analysis::detection::{History, Kind, missed, stuck_limit_us};
use tacho_analysis::punctuality::{early_us, grace_us};
use tacho_core::{Schedule, Timestamp};

use super::{Detector, Judged, MINUTE_US, Place, Subject, Subjects};
use crate::recent::Recent;
use crate::state::State;

const HOUR_US: i64 = 60 * MINUTE_US;
/// What was due longer ago is not told any more.
const DAY_US: i64 = 24 * HOUR_US;

/// Times that are worked out at once: to read the expression takes longer than to find a time.
const AHEAD: usize = 16;

/// When a workflow is due.
#[derive(Debug)]
struct Due {
    schedule: Schedule,
    /// The times that have not been judged, as far as they were worked out.
    ahead: VecDeque<Timestamp>,
}

/// When workflows are due. Kept, because to work it out takes longer than to judge.
#[derive(Debug, Default)]
pub(super) struct Calendar {
    by_workflow: HashMap<Arc<str>, Due>,
}

/// The first time after an instant; none if the schedule cannot be understood.
fn after(schedule: &Schedule, instant: Timestamp) -> Option<Timestamp> {
    schedule.next_after(instant).ok().flatten()
}

impl Due {
    /// Begins with the last time that was due before `now` and after `since`, if there is one within a day.
    fn new(schedule: &Schedule, since: Timestamp, now: Timestamp) -> Self {
        let last_within = |length_us: i64| {
            let from = now.plus_micros(-length_us).max(since);
            let times = schedule.due_after(from).ok()?;
            times.take_while(|at| *at <= now).last()
        };
        // Looked for where it is likely first, so that nobody counts the minutes of a day.
        let last = [2 * MINUTE_US, HOUR_US, DAY_US].into_iter().find_map(last_within);
        let mut due = Self {
            schedule: schedule.clone(),
            ahead: last.into_iter().collect(),
        };
        due.look_ahead(now.max(since));
        due
    }

    fn look_ahead(&mut self, from: Timestamp) {
        let after = self.ahead.back().copied().unwrap_or(from);
        let times = self.schedule.due_after(after).ok();
        self.ahead.extend(times.into_iter().flatten().take(AHEAD));
    }

    /// The first time that has not been judged, and the one after it.
    fn first(&self) -> Option<(Timestamp, Option<Timestamp>)> {
        Some((*self.ahead.front()?, self.ahead.get(1).copied()))
    }

    fn advance(&mut self) {
        if let Some(judged) = self.ahead.pop_front()
            && self.ahead.len() < 2
        {
            self.look_ahead(judged);
        }
    }
}

/// How long after its start an execution is told of at the latest: a sender that may tell only when it has ended is waited
/// for as long as one may run.
fn told_us(recent: Option<&Recent>, history: &History) -> i64 {
    let tells_starts = recent.is_some_and(|recent| recent.tells_starts);
    match tells_starts || history.runs == 0 {
        true => 0,
        false => stuck_limit_us(history),
    }
}

/// Whether a missed time is over: a later run has started, a day has passed, or nothing is due any more.
pub(super) fn is_over(
    state: &State,
    subject: Option<&Subject>,
    workflow: &str,
    due: Timestamp,
    now: Timestamp,
) -> bool {
    let Some(schedule) = subject.and_then(Subject::expects) else {
        return true;
    };
    let from = due.plus_micros(-early_us(due, after(schedule, due)));
    let last = state
        .recent(workflow)
        .and_then(|recent| recent.starts().next_back());
    now.micros_since(due) >= DAY_US || last.is_some_and(|last| last >= from)
}

impl Detector {
    /// Of a workflow one missed time is told, until a later run starts: the schedule has stopped, which is one thing.
    pub(super) fn judge_schedules(
        &mut self,
        state: &State,
        subjects: &Subjects,
        (current_since, now): (Timestamp, Timestamp),
        judged: &mut Judged,
    ) {
        let mut calendar = std::mem::take(&mut self.calendar);
        calendar.by_workflow.retain(|workflow, due| {
            let subject = subjects.0.get(workflow);
            subject.and_then(Subject::expects) == Some(&due.schedule)
        });
        for (workflow, subject) in &subjects.0 {
            let Some(schedule) = subject.expects() else {
                continue;
            };
            let due = calendar
                .by_workflow
                .entry(workflow.clone())
                .or_insert_with(|| Due::new(schedule, subject.declared_at.unwrap_or(now), now));
            let recent = state.recent(workflow);
            let told_us = told_us(recent, &subject.history);
            while let Some((at, next)) = due.first() {
                let known_from = at.max(current_since);
                if now.micros_since(known_from) < grace_us(at, next).saturating_add(told_us) {
                    break;
                }
                let started: Vec<Timestamp> = recent.iter().flat_map(|recent| recent.starts()).collect();
                let place = Place::Workflow(Kind::MissedSchedule, workflow.clone());
                let finding = missed(at, next, &started, told_us, now);
                let finding =
                    finding.filter(|_| !self.open.contains_key(&place) && now.micros_since(at) < DAY_US);
                if let Some(finding) = finding.filter(|_| started.last().is_none_or(|last| *last < at)) {
                    self.begin(Kind::MissedSchedule, workflow, finding, (subjects, now), judged);
                }
                due.advance();
            }
        }
        self.calendar = calendar;
    }
}
