//! Executions that have not ended, with their steps.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tacho_core::time::Timestamp;
use tacho_store::Lsn;

use crate::fact::{Execution, QUEUED, Step};

/// Executions of one state that are known one by one. Beyond, they are only counted.
pub const ACTIVE_MAX: usize = 20_000;
/// Steps of one execution that are known one by one. Of more, the oldest are only counted.
pub const STEPS_MAX: usize = 1_000;

/// An execution that has not ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Active {
    /// The position of the last record that changed it.
    pub lsn: Lsn,
    /// Its id.
    pub id: Arc<str>,
    /// Which try.
    pub attempt: u32,
    /// Whether it still waits.
    pub is_queued: bool,
    /// What runs.
    pub workflow_id: Option<Arc<str>>,
    /// For whom.
    pub user_id: Option<Arc<str>>,
    /// The time under which it counts.
    pub event_time: Timestamp,
    /// Since when it waited.
    pub queued_at: Option<Timestamp>,
    /// Since when it runs.
    pub started_at: Option<Timestamp>,
    /// When it was last heard of.
    pub updated_at: Timestamp,
    /// Steps that are done, as the sender counts them.
    pub steps_completed: Option<i64>,
    /// Of how many.
    pub steps_total: Option<i64>,
}

/// How far an execution is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Steps that are done: as the sender counts them, else as there are records of them; `None` if nobody says.
    pub steps_completed: Option<i64>,
    /// Of how many, if the sender says so.
    pub steps_total: Option<i64>,
    /// The name of the step that began last.
    pub step: Option<Box<str>>,
}

#[derive(Clone, Debug)]
struct Taken {
    updated_at: Timestamp,
    is_done: bool,
    name: Box<str>,
}

/// The tries of one execution that have not ended, and its steps.
#[derive(Clone, Debug, Default)]
struct OfId {
    attempts: Vec<Active>,
    /// By start and position.
    steps: BTreeMap<(Timestamp, Lsn), Taken>,
    /// Steps that are done and not kept any more.
    earlier_done: i64,
}

/// All executions of a state that have not ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Actives {
    by_id: HashMap<Arc<str>, OfId>,
    known: usize,
    pub(crate) queued: i64,
    pub(crate) running: i64,
}

impl Actives {
    /// How many are known one by one.
    pub(crate) fn known(&self) -> usize {
        self.known
    }

    /// Whether some are only counted.
    pub(crate) fn is_partial(&self) -> bool {
        self.queued + self.running > i64::try_from(self.known).unwrap_or(i64::MAX)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Active> {
        self.by_id.values().flat_map(|of_id| &of_id.attempts)
    }

    pub(crate) fn get(&self, id: &str, attempt: u32) -> Option<&Active> {
        let mut attempts = self.by_id.get(id)?.attempts.iter();
        attempts.find(|active| active.attempt == attempt)
    }

    pub(crate) fn count(&mut self, execution: &Execution<'_>, sign: i64) {
        if execution.is_open() {
            match execution.status {
                QUEUED => self.queued += sign,
                _ => self.running += sign,
            }
        }
    }

    /// Puts one in, or in the place of what was known of it. Gives its id, unless there are too many.
    pub(crate) fn put(
        &mut self,
        execution: &Execution<'_>,
        workflow_id: Option<Arc<str>>,
    ) -> Option<Arc<str>> {
        let is_known = self.get(execution.id, execution.attempt).is_some();
        if !is_known && self.known >= ACTIVE_MAX {
            return None;
        }
        let id = match self.by_id.get_key_value(execution.id) {
            Some((id, _)) => id.clone(),
            None => execution.id.into(),
        };
        let of_id = self.by_id.entry(id.clone()).or_default();
        let active = Active {
            lsn: execution.lsn,
            id: id.clone(),
            attempt: execution.attempt,
            is_queued: execution.status == QUEUED,
            workflow_id,
            user_id: execution.user_id.map(Arc::from),
            event_time: execution.event_time,
            queued_at: execution.queued_at,
            started_at: execution.started_at,
            updated_at: execution.updated_at,
            steps_completed: execution.steps_completed,
            steps_total: execution.steps_total,
        };
        let mut attempts = of_id.attempts.iter_mut();
        match attempts.find(|known| known.attempt == execution.attempt) {
            Some(known) => *known = active,
            None => {
                of_id.attempts.push(active);
                self.known += 1;
            }
        }
        Some(id)
    }

    /// Takes one out. Gives its id if it was known.
    pub(crate) fn take(&mut self, id: &str, attempt: u32) -> Option<Arc<str>> {
        let of_id = self.by_id.get_mut(id)?;
        let at = of_id
            .attempts
            .iter()
            .position(|active| active.attempt == attempt)?;
        let taken = of_id.attempts.swap_remove(at);
        self.known -= 1;
        if of_id.attempts.is_empty() {
            self.by_id.remove(id);
        }
        Some(taken.id)
    }

    /// Changes a step of an execution that has not ended. Gives the execution, for each try of it.
    pub(crate) fn step(&mut self, before: Option<&Step<'_>>, now: Option<&Step<'_>>) -> Vec<(Arc<str>, u32)> {
        let Some(id) = now.or(before).map(|step| step.execution_id) else {
            return Vec::new();
        };
        let Some(of_id) = self.by_id.get_mut(id) else {
            return Vec::new();
        };
        if let Some(before) = before {
            of_id.steps.remove(&(before.started_at, before.lsn));
        }
        if let Some(now) = now {
            let taken = Taken {
                updated_at: now.updated_at,
                is_done: now.is_done,
                name: now.name.into(),
            };
            of_id.steps.insert((now.started_at, now.lsn), taken);
        }
        if of_id.steps.len() > STEPS_MAX
            && let Some((_, oldest)) = of_id.steps.pop_first()
        {
            of_id.earlier_done += i64::from(oldest.is_done);
        }
        let attempts = of_id.attempts.iter();
        attempts
            .map(|active| (active.id.clone(), active.attempt))
            .collect()
    }

    /// How far it is. Steps from before its start are those of an earlier try.
    pub(crate) fn progress(&self, active: &Active) -> Progress {
        let of_id = self.by_id.get(&active.id);
        let steps = of_id.map(|of_id| {
            let from = active.started_at.unwrap_or(Timestamp::MIN);
            (of_id.steps.range((from, 0)..), of_id.earlier_done)
        });
        let (mut counted, mut step) = (None, None);
        if let Some((mut steps, earlier)) = steps {
            step = steps.clone().next_back().map(|(_, taken)| taken.name.clone());
            if step.is_some() {
                let done = steps.by_ref().filter(|(_, taken)| taken.is_done).count();
                counted = Some(earlier + i64::try_from(done).unwrap_or(i64::MAX));
            }
        }
        Progress {
            steps_completed: active.steps_completed.or(counted),
            steps_total: active.steps_total,
            step,
        }
    }

    /// When it last showed that it gets on: a step was told of, or anything was heard of one whose sender counts steps.
    /// `None` if no step is done.
    pub(crate) fn progressed_at(&self, active: &Active) -> Option<Timestamp> {
        let counted = active.steps_completed.is_some_and(|steps| steps > 0);
        let from = active.started_at.unwrap_or(Timestamp::MIN);
        let steps = self
            .by_id
            .get(&active.id)
            .map(|of_id| of_id.steps.range((from, 0)..));
        let last_step = steps
            .into_iter()
            .flatten()
            .map(|((started_at, _), taken)| taken.updated_at.max(*started_at));
        last_step.chain(counted.then_some(active.updated_at)).max()
    }
}
