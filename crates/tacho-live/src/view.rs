//! A state that follows what is merged: whose rows it is about, and whether it knows everything.

use tacho_core::record::{RecordType, Value};
use tacho_core::scope::Rows;
use tacho_core::time::Timestamp;
use tacho_store::live::{LiveQuery, LiveRows};
use tacho_store::{Lsn, StoredRow};

use crate::active::{ACTIVE_MAX, STEPS_MAX};
use crate::event::EVENTS_MAX;
use crate::fact::owners;
use crate::recent::lately;
use crate::state::State;

/// Rows that may be merged while the store is read.
const PENDING_ROWS_MAX: usize = 200_000;
const DAY_US: i64 = 86_400 * 1_000_000;

/// A state and how current it is.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) rows: Rows,
    pub(crate) state: State,
    /// Whether it was ever read.
    pub(crate) is_ready: bool,
    phase: Phase,
    /// How many watch it.
    pub(crate) watchers: usize,
    /// Since when nobody does.
    pub(crate) idle_since: Option<Timestamp>,
}

#[derive(Debug)]
enum Phase {
    /// It has to be read.
    Stale,
    /// It is being read; what is merged meanwhile waits.
    Reading {
        number: u64,
        pending: Vec<Batch>,
        count: usize,
        is_lost: bool,
    },
    /// It follows.
    Following,
}

/// A row that becomes another.
type Becoming = (Option<StoredRow>, Option<StoredRow>);

/// What was merged while the store was read.
#[derive(Debug)]
struct Batch {
    lsn: Lsn,
    rows: Vec<Becoming>,
}

/// What has to be read for a state, and for which reading it counts.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// What to read.
    pub query: LiveQuery,
    /// Up to where the store has to be when it is read: what was told before is not told again.
    pub least_lsn: Lsn,
    number: u64,
}

impl View {
    pub(crate) fn of(rows: Rows) -> Self {
        Self {
            rows,
            state: State::default(),
            is_ready: false,
            phase: Phase::Stale,
            watchers: 0,
            idle_since: None,
        }
    }

    /// Whether what is merged has to be told to it.
    pub(crate) fn takes_rows(&self) -> bool {
        !matches!(self.phase, Phase::Stale)
    }

    /// Whether the store is being read for it.
    pub(crate) fn is_reading(&self) -> bool {
        matches!(self.phase, Phase::Reading { .. })
    }

    pub(crate) fn is_everything(&self) -> bool {
        self.rows == Rows::All
    }

    /// Begins to read, if it has to. Batches up to `told` have come before.
    pub(crate) fn begin(&mut self, number: u64, told: Lsn, now: Timestamp) -> Option<Load> {
        if matches!(self.phase, Phase::Following) && self.state.is_worth_reading() {
            self.lose();
        }
        if !matches!(self.phase, Phase::Stale) {
            return None;
        }
        self.phase = Phase::Reading {
            number,
            pending: Vec::new(),
            count: 0,
            is_lost: false,
        };
        let limit = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Some(Load {
            number,
            least_lsn: told,
            query: LiveQuery {
                since: State::since(now),
                steps_since: Timestamp::from_micros(now.as_micros() - DAY_US),
                open_max: limit(ACTIVE_MAX),
                ended_max: limit(EVENTS_MAX),
                steps_max: limit(ACTIVE_MAX * 10).max(limit(STEPS_MAX)),
                lately: self.is_everything().then(|| lately(now)),
            },
        })
    }

    /// Takes what was read, and what was merged meanwhile.
    pub(crate) fn read(&mut self, load: Load, lsn: Lsn, rows: &LiveRows, now: Timestamp) {
        let Some((pending, is_lost)) = self.end(load) else {
            return;
        };
        if lsn < load.least_lsn {
            self.phase = Phase::Stale;
            return;
        }
        self.state = State::read(lsn, &load.query, rows, &self.state);
        self.state.current_since = (!is_lost).then_some(now);
        self.is_ready = true;
        self.phase = if is_lost { Phase::Stale } else { Phase::Following };
        for batch in pending.into_iter().filter(|batch| batch.lsn > lsn) {
            self.state.begin(batch.lsn, now);
            for record_type in [RecordType::Execution, RecordType::Step] {
                for (before, row) in &batch.rows {
                    let [before, row] = [before, row].map(|row| row.as_ref().filter(|row| self.sees(row)));
                    apply(&mut self.state, record_type, before, row, true);
                }
            }
        }
    }

    /// Reading has failed.
    pub(crate) fn fail(&mut self, load: Load) {
        if self.end(load).is_some() {
            self.phase = Phase::Stale;
        }
    }

    fn end(&mut self, load: Load) -> Option<(Vec<Batch>, bool)> {
        match &mut self.phase {
            Phase::Reading {
                number,
                pending,
                is_lost,
                ..
            } if *number == load.number => Some((std::mem::take(pending), *is_lost)),
            _ => None,
        }
    }

    /// From here on it does not know everything until it is read again.
    pub(crate) fn lose(&mut self) {
        self.state.current_since = None;
        match &mut self.phase {
            Phase::Reading {
                pending,
                count,
                is_lost,
                ..
            } => {
                *is_lost = true;
                *count = 0;
                pending.clear();
            }
            phase => *phase = Phase::Stale,
        }
    }

    /// A batch comes.
    pub(crate) fn batch(&mut self, lsn: Lsn, now: Timestamp) {
        match &mut self.phase {
            Phase::Stale => {}
            Phase::Reading { pending, is_lost, .. } => {
                if !*is_lost {
                    pending.push(Batch {
                        lsn,
                        rows: Vec::new(),
                    });
                }
            }
            Phase::Following => self.state.begin(lsn, now),
        }
    }

    /// A row of the batch that came. Called for all executions first, then for all steps. What is merged while the store is
    /// read waits whole: only what is read tells whose it is.
    pub(crate) fn row(
        &mut self,
        record_type: RecordType,
        before: Option<&StoredRow>,
        row: Option<&StoredRow>,
        is_told: bool,
    ) {
        let seen = |row: &&StoredRow| self.sees(row);
        let (seen_before, seen_row) = (before.filter(seen), row.filter(seen));
        match &mut self.phase {
            Phase::Stale => {}
            Phase::Reading {
                pending,
                count,
                is_lost,
                ..
            } => {
                let Some(batch) = pending.last_mut() else { return };
                batch.rows.push((before.cloned(), row.cloned()));
                *count += 1;
                if *count > PENDING_ROWS_MAX {
                    *is_lost = true;
                    *count = 0;
                    pending.clear();
                }
            }
            Phase::Following => apply(&mut self.state, record_type, seen_before, seen_row, is_told),
        }
    }

    /// Whether an execution or a step is seen.
    pub(crate) fn sees(&self, row: &StoredRow) -> bool {
        let Rows::Owned { subjects } = &self.rows else {
            return true;
        };
        match owners(row) {
            (Some(workflow), _) => self.state.has_workflow(workflow),
            (None, Some(user)) => subjects.iter().any(|subject| subject == user),
            (None, None) => false,
        }
    }

    /// A workflow has changed. Whose it is decides what is seen, so a state in which it comes or goes is read again.
    pub(crate) fn workflow(&mut self, row: &StoredRow) {
        let text = |name| row.row.get(name).and_then(Value::as_text);
        let id: &str = &row.row.id;
        let is_seen = match &self.rows {
            Rows::All => true,
            Rows::Owned { subjects } => {
                text("owner_id").is_some_and(|owner| subjects.iter().any(|subject| subject == owner))
            }
        };
        if self.is_reading() || is_seen != self.state.has_workflow(id) && !self.is_everything() {
            self.lose();
        } else if is_seen {
            self.state.name(id, text("name"));
        }
    }
}

fn apply(
    state: &mut State,
    record_type: RecordType,
    before: Option<&StoredRow>,
    row: Option<&StoredRow>,
    is_told: bool,
) {
    let is_of_type = row
        .or(before)
        .is_some_and(|row| row.row.record_type == record_type);
    match record_type {
        RecordType::Execution if is_of_type => state.execution(before, row, is_told),
        RecordType::Step if is_of_type => state.step(before, row),
        _ => {}
    }
}
