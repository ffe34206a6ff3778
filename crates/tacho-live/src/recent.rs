//! How each workflow fared last: what of it started, and how what ended did.
//!
//! Kept for the state of everything only, at most 32 each in 16 bytes each, so that twelve thousand workflows take less than
//! twenty megabytes.

use std::collections::HashMap;
use std::sync::Arc;

use tacho_analysis::detection::Outcome;
use tacho_core::time::Timestamp;
use tacho_store::Lsn;
use tacho_store::live::{Lately, LiveOutcome, LiveRows, LiveStart};

use crate::fact::{CANCELLED, Execution, QUEUED, SUCCESS};

/// Starts of a workflow that are kept, and outcomes.
pub const RECENT_MAX: usize = 32;
const DAY_US: i64 = 86_400 * 1_000_000;

/// What is read to begin with. What was due more than a day ago is not judged any more, so starts of two days will do.
pub(crate) fn lately(now: Timestamp) -> Lately {
    Lately {
        outcomes_since: now.plus_micros(-30 * DAY_US),
        starts_since: now.plus_micros(-2 * DAY_US),
        each_max: 32,
    }
}

const _: () = assert!(RECENT_MAX == 32, "as many as are read");

/// A moment, and the position of the record that told of it with a mark in its lowest bit.
type Key = (Timestamp, u64);

fn key(at: Timestamp, lsn: Lsn, mark: bool) -> Key {
    (at, lsn << 1 | u64::from(mark))
}

/// The last of something: all that there are later than a moment, the oldest first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Last {
    keys: Vec<Key>,
    /// Nothing is known of what is not after this.
    after: Key,
}

impl Last {
    fn since(since: Timestamp) -> Self {
        Self {
            keys: Vec::new(),
            after: (since, 0),
        }
    }

    fn add(&mut self, key: Key) {
        if key <= self.after {
            return;
        }
        let Err(place) = self.keys.binary_search(&key) else {
            return;
        };
        if self.keys.len() < RECENT_MAX {
            self.keys.insert(place, key);
        } else if place == 0 {
            self.after = key;
        } else {
            self.after = self.keys.remove(0);
            self.keys.insert(place - 1, key);
        }
    }

    fn take(&mut self, key: Key) {
        if let Ok(place) = self.keys.binary_search(&key) {
            self.keys.remove(place);
        }
    }

    /// Nothing older than the oldest is known.
    fn ends_here(&mut self) {
        if let Some((at, lsn)) = self.keys.first() {
            self.after = (*at, (lsn & !1) - 1);
        }
    }

    fn change(&mut self, key: Key, sign: i64) {
        match sign {
            1 => self.add(key),
            _ => self.take(key),
        }
    }
}

/// How a workflow fared last.
#[derive(Clone, Debug, PartialEq)]
pub struct Recent {
    starts: Last,
    outcomes: Last,
    /// Whether an execution of it was ever told before it had ended.
    pub(crate) tells_starts: bool,
}

impl Recent {
    /// When executions last started that the schedule may have started: those whose sender says so, or does not say what
    /// did. The oldest first, all that there are [later than](Recent::starts_after) a moment.
    pub fn starts(&self) -> impl DoubleEndedIterator<Item = Timestamp> + ExactSizeIterator {
        self.starts.keys.iter().map(|(at, _)| *at)
    }

    /// How executions ended last that were not called off. The oldest first, all that there are
    /// [later than](Recent::outcomes_after) a moment.
    pub fn outcomes(&self) -> impl DoubleEndedIterator<Item = Outcome> + ExactSizeIterator {
        self.outcomes.keys.iter().map(|(at, lsn)| Outcome {
            at: *at,
            is_failure: lsn & 1 == 1,
        })
    }

    /// After which moment and position of the journal starts are known.
    pub fn starts_after(&self) -> (Timestamp, Lsn) {
        (self.starts.after.0, self.starts.after.1 >> 1)
    }

    /// After which moment and position of the journal outcomes are known.
    pub fn outcomes_after(&self) -> (Timestamp, Lsn) {
        (self.outcomes.after.0, self.outcomes.after.1 >> 1)
    }
}

/// All workflows.
#[derive(Clone, Debug)]
pub(crate) struct Recents {
    by_workflow: HashMap<Arc<str>, Recent>,
    lately: Lately,
}

impl Recents {
    /// From what was read.
    pub(crate) fn read(lately: Lately, rows: &LiveRows, shared: impl Fn(&str) -> Arc<str>) -> Self {
        let mut recents = Self {
            by_workflow: HashMap::new(),
            lately,
        };
        for LiveStart { workflow_id, at, lsn } in &rows.lately_started {
            let recent = recents.of(shared(workflow_id));
            recent.starts.add(key(*at, *lsn, false));
        }
        for LiveOutcome {
            workflow_id,
            at,
            lsn,
            status,
        } in &rows.lately_ended
        {
            let recent = recents.of(shared(workflow_id));
            recent.outcomes.add(key(*at, *lsn, *status != SUCCESS));
        }
        for recent in recents.by_workflow.values_mut() {
            if recent.starts.keys.len() == RECENT_MAX {
                recent.starts.ends_here();
            }
            // What was before the last success was not read.
            let outcomes = &mut recent.outcomes;
            if outcomes.keys.len() == RECENT_MAX || outcomes.keys.iter().any(|(_, lsn)| lsn & 1 == 0) {
                outcomes.ends_here();
            }
        }
        recents
    }

    fn of(&mut self, workflow: Arc<str>) -> &mut Recent {
        let lately = self.lately;
        self.by_workflow.entry(workflow).or_insert_with(|| Recent {
            starts: Last::since(lately.starts_since),
            outcomes: Last::since(lately.outcomes_since),
            tells_starts: false,
        })
    }

    /// Takes an execution of a workflow in (`sign` 1) or out (-1). `may_be_scheduled`: nobody says that something else
    /// started it.
    pub(crate) fn count(
        &mut self,
        workflow: Arc<str>,
        execution: &Execution<'_>,
        may_be_scheduled: bool,
        sign: i64,
    ) {
        let recent = self.of(workflow);
        recent.tells_starts |= execution.is_open();
        if execution.status != QUEUED && may_be_scheduled {
            recent
                .starts
                .change(key(execution.event_time, execution.lsn, false), sign);
        }
        if !execution.is_open() && execution.status != CANCELLED {
            let failed = execution.status != SUCCESS;
            recent
                .outcomes
                .change(key(execution.finished_at(), execution.lsn, failed), sign);
        }
    }

    /// A workflow has an execution that has not ended.
    pub(crate) fn sees_open(&mut self, workflow: Arc<str>) {
        self.of(workflow).tells_starts = true;
    }

    /// Takes over of which workflows it is known that they tell of executions before they have ended.
    pub(crate) fn tell_starts_as(&mut self, earlier: &Recents) {
        for (workflow, recent) in &mut self.by_workflow {
            recent.tells_starts |= earlier.get(workflow).is_some_and(|earlier| earlier.tells_starts);
        }
    }

    pub(crate) fn get(&self, workflow: &str) -> Option<&Recent> {
        self.by_workflow.get(workflow)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Recent)> {
        self.by_workflow.iter()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// Only the marked ones of a row that begins with one that is not, as it is read after a last success.
    #[test]
    fn nothing_is_known_of_what_was_not_read() {
        let mut last = Last::since(Timestamp::MIN);
        let at = Timestamp::from_micros(7);
        for lsn in [5, 9] {
            last.add(key(at, lsn, true));
        }
        last.ends_here();
        last.add(key(at, 4, true));
        last.add(key(at, 6, true));
        assert_eq!(last.keys, [5, 6, 9].map(|lsn| key(at, lsn, true)));
        assert_eq!(last.after, (at, 9));
    }

    proptest! {
        /// Whatever comes and goes, all that there are after the moment are known, and no more than may be.
        #[test]
        fn all_after_a_moment_are_known(changes in prop::collection::vec((0..200_i64, 1..4_u64, prop::bool::weighted(0.8)), 0..300)) {
            let mut last = Last::since(Timestamp::from_micros(20));
            let mut all = BTreeSet::new();
            for (at, lsn, comes) in changes {
                let key = key(Timestamp::from_micros(at), lsn, false);
                if comes == all.contains(&key) {
                    continue;
                }
                match comes {
                    true => all.insert(key),
                    false => all.remove(&key),
                };
                last.change(key, if comes { 1 } else { -1 });
                let after: Vec<Key> = all.iter().filter(|key| **key > last.after).copied().collect();
                prop_assert_eq!(&last.keys, &after);
                prop_assert!(last.keys.len() <= RECENT_MAX);
            }
        }
    }

    #[test]
    fn it_is_small() {
        let keys = RECENT_MAX * size_of::<Key>();
        assert!(12_000 * 2 * (keys + size_of::<Recent>()) < 20 << 20);
    }
}
