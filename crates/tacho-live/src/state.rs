//! What somebody who sees certain rows has before them. Pure: time comes in as an argument.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use tacho_core::time::Timestamp;
use tacho_store::live::{LiveQuery, LiveRows};
use tacho_store::{Lsn, StoredRow};

use crate::active::{ACTIVE_MAX, Active, Actives, Progress};
use crate::event::{EVENTS_MAX, Event, Events, at, kind_of};
use crate::fact::{Execution, Step, is_done, may_be_scheduled};
use crate::recent::{Recent, Recents};
use crate::windows::{Windows, kept_since};

/// Changes of executions that are remembered; whoever missed more gets everything anew.
const LOG_MAX: usize = 4_096;

/// Everything that live pages show of a set of rows.
#[derive(Clone, Debug, Default)]
pub struct State {
    as_of_lsn: Lsn,
    /// Counts the changes.
    version: u64,
    windows: Windows,
    actives: Actives,
    events: Events,
    /// Names of workflows that may be seen.
    workflows: HashMap<Arc<str>, Option<Arc<str>>>,
    /// Which executions have changed with which version.
    log: VecDeque<(u64, Arc<str>, u32)>,
    /// The log has all changes above.
    log_since: u64,
    /// How each workflow fared last, in the state of everything.
    recents: Option<Recents>,
    /// Since when it has known everything without a break; `None` while it does not.
    pub(crate) current_since: Option<Timestamp>,
}

/// What has changed since a version.
#[derive(Debug, Default)]
pub struct Changes<'a> {
    /// Executions that have not ended.
    pub changed: Vec<&'a Active>,
    /// Id and try of executions that have, or that are not seen any more.
    pub ended: Vec<(Arc<str>, u32)>,
    /// What happened, the oldest first.
    pub events: Vec<&'a Event>,
}

impl State {
    /// Begins with what the store holds, in the place of an earlier one.
    pub(crate) fn read(as_of_lsn: Lsn, query: &LiveQuery, rows: &LiveRows, earlier: &State) -> Self {
        let version = earlier.version + 1;
        let mut state = Self {
            as_of_lsn,
            version,
            windows: Windows::read(query.since, &rows.starts, &rows.finishes),
            log_since: version,
            ..Self::default()
        };
        for workflow in &rows.workflows {
            let name = workflow.name.as_deref().map(Arc::from);
            state.workflows.insert(workflow.id.as_str().into(), name);
        }
        let mut recents = query
            .lately
            .map(|lately| Recents::read(lately, rows, |id| state.shared(id)));
        for execution in rows.open.iter().map(Execution::read) {
            let workflow_id = execution.workflow_id.map(|id| state.shared(id));
            if let Some((recents, workflow)) = recents.as_mut().zip(workflow_id.clone()) {
                recents.sees_open(workflow);
            }
            state.actives.put(&execution, workflow_id);
        }
        if let Some((recents, earlier)) = recents.as_mut().zip(earlier.recents.as_ref()) {
            recents.tell_starts_as(earlier);
        }
        state.recents = recents;
        let whole = |count| i64::try_from(count).unwrap_or(i64::MAX);
        (state.actives.queued, state.actives.running) = (whole(rows.queued), whole(rows.running));
        for step in &rows.steps {
            let step = Step {
                lsn: step.lsn,
                execution_id: &step.execution_id,
                started_at: step.started_at,
                updated_at: step.updated_at,
                is_done: is_done(step.status),
                name: &step.name,
            };
            state.actives.step(None, Some(&step));
        }
        let mut last: Vec<_> = rows.open.iter().chain(&rows.ended).map(Execution::read).collect();
        last.sort_unstable_by_key(|execution| execution.lsn);
        for execution in &last[last.len().saturating_sub(EVENTS_MAX)..] {
            state.tell(None, execution);
        }
        state
    }

    /// Takes note of a batch about to come; its rows follow, executions first.
    pub(crate) fn begin(&mut self, lsn: Lsn, now: Timestamp) {
        self.as_of_lsn = lsn;
        self.version += 1;
        self.windows.forget(now);
    }

    /// An execution has become another; `None` is one that is not seen. Events are told on request.
    pub(crate) fn execution(&mut self, before: Option<&StoredRow>, now: Option<&StoredRow>, is_told: bool) {
        self.remember(before, -1);
        self.remember(now, 1);
        let (before, now) = (before.map(Execution::of), now.map(Execution::of));
        for (execution, sign) in [(&before, -1), (&now, 1)] {
            if let Some(execution) = execution {
                self.windows.count(execution, sign);
                self.actives.count(execution, sign);
            }
        }
        let changed = match &now {
            Some(execution) if execution.is_open() => {
                let workflow_id = execution.workflow_id.map(|id| self.shared(id));
                self.actives.put(execution, workflow_id)
            }
            _ => {
                let open = before.filter(Execution::is_open);
                open.and_then(|execution| self.actives.take(execution.id, execution.attempt))
            }
        };
        if let (Some(id), Some(execution)) = (changed, now.or(before)) {
            self.note(id, execution.attempt);
        }
        if let Some(now) = now.filter(|_| is_told) {
            self.tell(before.as_ref(), &now);
        }
    }

    /// Takes an execution in (`sign` 1) or out (-1) of how its workflow fared last.
    fn remember(&mut self, row: Option<&StoredRow>, sign: i64) {
        let Some(row) = row.filter(|_| self.recents.is_some()) else {
            return;
        };
        let execution = Execution::of(row);
        let workflow = execution.workflow_id.map(|id| self.shared(id));
        if let Some((recents, workflow)) = self.recents.as_mut().zip(workflow) {
            recents.count(workflow, &execution, may_be_scheduled(row), sign);
        }
    }

    /// A step has become another; `None` is one that is not seen.
    pub(crate) fn step(&mut self, before: Option<&StoredRow>, now: Option<&StoredRow>) {
        let (before, now) = (before.map(Step::of), now.map(Step::of));
        for (id, attempt) in self.actives.step(before.as_ref(), now.as_ref()) {
            self.note(id, attempt);
        }
    }

    /// A workflow is called that now.
    pub(crate) fn name(&mut self, workflow: &str, name: Option<&str>) {
        let id = self.shared(workflow);
        self.workflows.insert(id, name.map(Arc::from));
    }

    /// Whether a workflow is among those that may be seen.
    pub fn has_workflow(&self, id: &str) -> bool {
        self.workflows.contains_key(id)
    }

    pub(crate) fn workflow_ids(&self) -> impl Iterator<Item = &Arc<str>> {
        self.workflows.keys()
    }

    /// Whether executions that are only counted would be known one by one if it began anew.
    pub(crate) fn is_worth_reading(&self) -> bool {
        self.actives.is_partial() && self.actives.known() < ACTIVE_MAX / 2
    }

    fn shared(&self, workflow: &str) -> Arc<str> {
        match self.workflows.get_key_value(workflow) {
            Some((id, _)) => id.clone(),
            None => workflow.into(),
        }
    }

    fn note(&mut self, id: Arc<str>, attempt: u32) {
        if self.log.len() == LOG_MAX
            && let Some((version, ..)) = self.log.pop_front()
        {
            self.log_since = version;
        }
        self.log.push_back((self.version, id, attempt));
    }

    /// Keeps what happened as an event, unless it is long ago.
    fn tell(&mut self, before: Option<&Execution<'_>>, now: &Execution<'_>) {
        let Some(kind) = kind_of(before, now) else { return };
        let at = at(kind, now);
        if !self.windows.keeps(at) {
            return;
        }
        self.events.push(Event {
            kind,
            at,
            lsn: now.lsn,
            execution_id: now.id.into(),
            attempt: now.attempt,
            workflow_id: now.workflow_id.map(|id| self.shared(id)),
            duration_ms: now.duration_ms.filter(|_| !now.is_open()),
            error_type: now.error_type.map(Box::from),
            version: self.version,
        });
    }

    /// Up to where in the journal it knows everything.
    pub fn as_of_lsn(&self) -> Lsn {
        self.as_of_lsn
    }

    /// Counts the changes; with it, [`State::changes`] tells what came later.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Counts of the last hour.
    pub fn windows(&self) -> &Windows {
        &self.windows
    }

    /// Executions that wait for their turn.
    pub fn queued(&self) -> i64 {
        self.actives.queued
    }

    /// Executions that run.
    pub fn running(&self) -> i64 {
        self.actives.running
    }

    /// Executions that have not ended, as far as they are known one by one, in no order.
    pub fn active(&self) -> impl Iterator<Item = &Active> {
        self.actives.iter()
    }

    /// A try of an execution, if it has not ended.
    pub fn active_try(&self, id: &str, attempt: u32) -> Option<&Active> {
        self.actives.get(id, attempt)
    }

    /// How far an execution is.
    pub fn progress(&self, active: &Active) -> Progress {
        self.actives.progress(active)
    }

    /// When an execution last showed that it gets on: a step was told of, or anything was heard of one whose sender counts
    /// steps. `None` if no step is done.
    pub fn progressed_at(&self, active: &Active) -> Option<Timestamp> {
        self.actives.progressed_at(active)
    }

    /// How a workflow fared last; known in the state of everything only.
    pub fn recent(&self, workflow: &str) -> Option<&Recent> {
        self.recents.as_ref()?.get(workflow)
    }

    /// How each workflow fared last, in no order.
    pub fn recents(&self) -> impl Iterator<Item = (&Arc<str>, &Recent)> {
        self.recents.iter().flat_map(Recents::iter)
    }

    /// Since when it has known everything without a break; `None` while it does not.
    pub fn current_since(&self) -> Option<Timestamp> {
        self.current_since
    }

    /// The last events, the oldest first.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.events.iter()
    }

    /// What a workflow is called.
    pub fn workflow_name(&self, id: &str) -> Option<&Arc<str>> {
        self.workflows.get(id)?.as_ref()
    }

    /// What has changed since a version; `None` if that is not known any more.
    pub fn changes(&self, since: u64) -> Option<Changes<'_>> {
        if since < self.log_since || since > self.version {
            return None;
        }
        let mut changes = Changes::default();
        let mut seen = HashSet::new();
        for (_, id, attempt) in self.log.iter().rev().take_while(|(version, ..)| *version > since) {
            if !seen.insert((id, *attempt)) {
                continue;
            }
            match self.actives.get(id, *attempt) {
                Some(active) => changes.changed.push(active),
                None => changes.ended.push((id.clone(), *attempt)),
            }
        }
        let events = self.events.iter().rev();
        changes.events = events.take_while(|event| event.version > since).collect();
        changes.events.reverse();
        Some(changes)
    }

    /// From where on a state that is read at that time has to be read.
    pub(crate) fn since(now: Timestamp) -> Timestamp {
        kept_since(now)
    }
}
