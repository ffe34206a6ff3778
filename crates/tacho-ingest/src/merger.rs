//! The merger: records in, changed rows out.
//!
//! One per organization, always at one position of the journal. For each record it finds what is known about the same
//! thing (in the batch, else in the store by way of the identity index), joins it (tacho-core), and says which rows are no
//! longer true and which are now. It is deterministic: the rows after a position depend on the records up to it and on
//! nothing else, however they were cut into batches.
//!
//! A row carries the position of the last record that changed it. A repetition changes nothing and leaves no trace.

use std::collections::{HashMap, HashSet};
use std::io;

use tacho_core::OrganizationId;
use tacho_core::record::derive::{ExecutionOwner, execution_of, owner_of};
use tacho_core::record::{Fingerprint, Identity, Record, RecordType, Row};
use tacho_store::{Change, Lsn, Retracted, Store, StoreError, StoredRow, Target};

use crate::identity::{HashesPassThrough, IdentityIndex, Place};

/// Executions whose workflow and user are remembered.
const OWNERS_KEPT_MAX: usize = 100_000;

/// Why a batch could not be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The identity index, which can be made again from the store.
    #[error("the identity index: {0}")]
    Index(#[from] io::Error),
    /// The store is not where this merger left it; the merger has to be loaded anew.
    #[error("the store stands at position {found} instead of {expected}: its file was replaced")]
    Replaced {
        /// Where the merger left it.
        expected: Lsn,
        /// Where it is.
        found: Lsn,
    },
}

/// A batch as merged, to be applied to the store and then told to [`Merger::applied`].
#[derive(Debug, Default)]
pub struct Merged {
    /// What the store has to do.
    pub change: Change,
    /// Records that said nothing new.
    pub duplicates: u64,
    inserted: Vec<(Fingerprint, Place)>,
    removed: Vec<(Fingerprint, Place)>,
    owners: HashMap<Box<str>, Option<ExecutionOwner>>,
    now_attributed: Vec<Box<str>>,
    now_unattributed: Vec<Box<str>>,
}

/// Computes fingerprints. Tests give all things the same one, to show that collisions lose nothing.
pub type FingerprintOf = fn(&Identity<'_>) -> Fingerprint;

/// The merger of one organization.
pub struct Merger {
    organization: OrganizationId,
    index: IdentityIndex,
    fingerprint_of: FingerprintOf,
    /// The store's position, to which the index belongs.
    store_lsn: Lsn,
    /// What executions give to what belongs to them. A cache.
    owners: HashMap<Box<str>, ExecutionOwner>,
    /// Executions that something refers to but that are not known yet.
    unattributed: HashSet<Box<str>>,
}

/// One thing of a batch.
struct Thing {
    fingerprint: Fingerprint,
    /// Another thing of the batch with the same fingerprint.
    next_same: Option<usize>,
    first: (Lsn, Record),
    more: Vec<(Lsn, Record)>,
    previous: Option<(Target, StoredRow)>,
}

/// A thing of a batch that its records have changed.
struct Changed {
    fingerprint: Fingerprint,
    /// The position of the last record that changed it.
    lsn: Lsn,
    row: Row,
    /// What the store has of it.
    previous: Option<(Target, StoredRow)>,
}

impl Merger {
    /// Makes the index whole with what the store has above its runs.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn load(
        organization: OrganizationId,
        store: &dyn Store,
        mut index: IdentityIndex,
        fingerprint_of: FingerprintOf,
    ) -> Result<Self, MergeError> {
        let applied = store.applied_lsn(organization)?;
        if index.covered_lsn() > applied {
            // The index has seen more than the store holds, so the store was replaced.
            index.clear()?;
        }
        if applied > 0 {
            store.scan_identities(
                organization,
                index.covered_lsn(),
                &mut |target, id, attempt, lsn| {
                    let fingerprint = fingerprint_of(&Identity {
                        record_type: target.record_type,
                        id,
                        attempt,
                    });
                    index.insert(fingerprint, Place::new(lsn, target.is_open));
                },
            )?;
        }
        index.settle(applied)?;
        let unattributed = match applied {
            0 => HashSet::new(),
            _ => store
                .unattributed_executions(organization)?
                .into_iter()
                .map(Box::from)
                .collect(),
        };
        Ok(Self {
            organization,
            index,
            fingerprint_of,
            store_lsn: applied,
            owners: HashMap::new(),
            unattributed,
        })
    }

    /// Merges records, which come in the order of their positions and lie above the store's position.
    ///
    /// # Errors
    /// If the store or the index cannot be read; nothing has changed then.
    pub fn merge(
        &self,
        store: &dyn Store,
        records: impl IntoIterator<Item = (Lsn, Record)>,
    ) -> Result<Merged, MergeError> {
        let found = store.applied_lsn(self.organization)?;
        if found != self.store_lsn {
            return Err(MergeError::Replaced {
                expected: self.store_lsn,
                found,
            });
        }
        let mut merged = Merged::default();
        let mut things = self.group(records, &mut merged.change.applied_lsn);
        self.find_previous(store, &mut things)?;

        let mut changed: Vec<Changed> = Vec::with_capacity(things.len());
        for thing in things {
            let Thing {
                fingerprint,
                first,
                more,
                previous,
                ..
            } = thing;
            let mut current = previous
                .as_ref()
                .map(|(_, stored)| (stored.lsn, stored.row.clone()));
            for (lsn, record) in std::iter::once(first).chain(more) {
                match &mut current {
                    None => current = Some((lsn, Row::from(record))),
                    Some((row_lsn, row)) => {
                        if row.join(Row::from(record)) {
                            *row_lsn = lsn;
                        } else {
                            merged.duplicates += 1;
                        }
                    }
                }
            }
            let Some((lsn, row)) = current else { continue };
            if previous.as_ref().is_none_or(|(_, stored)| stored.lsn != lsn) {
                changed.push(Changed {
                    fingerprint,
                    lsn,
                    row,
                    previous,
                });
            }
        }

        let corrected = self.resolve_owners(store, &changed, &mut merged)?;
        for Changed {
            fingerprint,
            lsn,
            row,
            previous,
        } in changed
        {
            let owner = self.owner_for(&row, &mut merged);
            let stored = StoredRow::new(lsn, row, owner.as_ref());
            if let Some((target, previous)) = previous {
                merged.change.retracted.push(previous.retracted());
                merged
                    .removed
                    .push((fingerprint, Place::new(previous.lsn, target.is_open)));
            }
            merged
                .inserted
                .push((fingerprint, Place::new(lsn, stored.target().is_open)));
            merged.change.rows.push(stored);
        }
        self.correct_children(store, corrected, &mut merged)?;
        Ok(merged)
    }

    /// Takes note that the store has applied a merged batch.
    ///
    /// # Errors
    /// If the index cannot be written. The store is right all the same; the merger has to be loaded anew.
    pub fn applied(&mut self, merged: Merged) -> Result<(), MergeError> {
        self.store_lsn = merged.change.applied_lsn;
        for (fingerprint, place) in merged.removed {
            self.index.remove(fingerprint, place);
        }
        for (fingerprint, place) in merged.inserted {
            self.index.insert(fingerprint, place);
        }
        if self.owners.len() + merged.owners.len() > OWNERS_KEPT_MAX {
            self.owners.clear();
        }
        self.owners.extend(
            merged
                .owners
                .into_iter()
                .filter_map(|(id, owner)| Some((id, owner?))),
        );
        self.unattributed.extend(merged.now_unattributed);
        for id in merged.now_attributed {
            self.unattributed.remove(&id);
        }
        Ok(self.index.settle(merged.change.applied_lsn)?)
    }

    /// Brings the records of each thing together, in order.
    fn group(&self, records: impl IntoIterator<Item = (Lsn, Record)>, last_lsn: &mut Lsn) -> Vec<Thing> {
        let mut things: Vec<Thing> = Vec::new();
        // The last thing of each fingerprint, from which the others of it hang.
        let mut by_fingerprint: HashMap<u64, usize, HashesPassThrough> = HashMap::default();
        for (lsn, record) in records {
            *last_lsn = lsn;
            let fingerprint = (self.fingerprint_of)(&record.identity());
            let last = by_fingerprint.get(&fingerprint.0).copied();
            let mut same = last;
            while let Some(at) = same
                && things[at].first.1.identity() != record.identity()
            {
                same = things[at].next_same;
            }
            match same {
                Some(at) => things[at].more.push((lsn, record)),
                None => {
                    by_fingerprint.insert(fingerprint.0, things.len());
                    let first = (lsn, record);
                    things.push(Thing {
                        fingerprint,
                        next_same: last,
                        first,
                        more: Vec::new(),
                        previous: None,
                    });
                }
            }
        }
        things
    }

    /// Finds what the store has of the things.
    fn find_previous(&self, store: &dyn Store, things: &mut [Thing]) -> Result<(), MergeError> {
        let mut wanted: Vec<(Target, Lsn, usize)> = Vec::new();
        let mut places = Vec::new();
        for (at, thing) in things.iter().enumerate() {
            places.clear();
            self.index.look_up(thing.fingerprint, &mut places)?;
            let record_type = thing.first.1.record_type;
            for place in &places {
                if place.is_open() && record_type.spec().lifecycle.is_none() {
                    continue;
                }
                let target = Target {
                    record_type,
                    is_open: place.is_open(),
                };
                wanted.push((target, place.lsn(), at));
            }
        }
        wanted.sort_unstable();
        for wanted in wanted.chunk_by(|(one, ..), (other, ..)| one == other) {
            let target = wanted[0].0;
            let mut lsns: Vec<Lsn> = wanted.iter().map(|(_, lsn, _)| *lsn).collect();
            lsns.dedup();
            for stored in store.rows_at(self.organization, target, &lsns)? {
                let from = wanted.partition_point(|(_, lsn, _)| *lsn < stored.lsn);
                let mut candidates = wanted[from..]
                    .iter()
                    .take_while(|(_, lsn, _)| *lsn == stored.lsn)
                    .map(|(.., at)| *at);
                // The fingerprint only said maybe.
                let same = candidates.find(|at| things[*at].first.1.identity() == stored.row.identity());
                if let Some(at) = same {
                    things[at].previous = Some((target, stored));
                }
            }
        }
        Ok(())
    }

    /// Works out what the batch's executions give to what belongs to them, and finds it for the other executions that the
    /// batch refers to. Returns the executions whose children in the store have to be corrected.
    fn resolve_owners(
        &self,
        store: &dyn Store,
        changed: &[Changed],
        merged: &mut Merged,
    ) -> Result<Vec<Box<str>>, MergeError> {
        let mut of_batch: HashMap<&str, Vec<&Row>> = HashMap::new();
        let mut wanted: HashSet<&str> = HashSet::new();
        let mut may_change: HashSet<&str> = HashSet::new();
        for Changed { row, previous, .. } in changed {
            if row.record_type == RecordType::Execution {
                of_batch.entry(&row.id).or_default().push(row);
                let is_changed = previous
                    .as_ref()
                    .is_some_and(|(_, before)| !owner_of(&before.row).gives_the_same(&owner_of(row)));
                // A later try takes over from an earlier one, whose children then follow it.
                if is_changed || row.attempt > 1 || self.unattributed.contains(&row.id) {
                    may_change.insert(&row.id);
                }
            } else if let Some(execution) = execution_of(row) {
                wanted.insert(execution);
            }
        }
        if wanted.is_empty() && may_change.is_empty() {
            return Ok(Vec::new());
        }
        let mut known: HashMap<&str, Option<ExecutionOwner>> = HashMap::new();
        let mut unknown: Vec<&str> = Vec::new();
        for id in wanted.iter().chain(&may_change).copied() {
            match self.owners.get(id) {
                Some(owner) => {
                    known.insert(id, Some(owner.clone()));
                }
                None => unknown.push(id),
            }
        }
        for (id, owner) in self.owners_in_store(store, &unknown)? {
            known.insert(id, Some(owner));
        }
        let mut corrected = Vec::new();
        for id in wanted.iter().chain(&may_change).copied().collect::<HashSet<_>>() {
            let before = known.get(id).cloned().flatten();
            let mut after = before.clone();
            for row in of_batch.get(id).into_iter().flatten() {
                let owner = owner_of(row);
                if after.as_ref().is_none_or(|known| owner.attempt >= known.attempt) {
                    after = Some(owner);
                }
            }
            let is_same = match (&before, &after) {
                (Some(before), Some(after)) => before.gives_the_same(after),
                (None, None) => true,
                _ => false,
            };
            let has_children = before.is_some() || self.unattributed.contains(id);
            if !is_same && has_children {
                corrected.push(Box::from(id));
            }
            if after.is_some() && self.unattributed.contains(id) {
                merged.now_attributed.push(id.into());
            }
            merged.owners.insert(id.into(), after);
        }
        // Executions of the batch that nobody asked about may be in the cache with what they gave before.
        for (id, rows) in of_batch {
            let Some(cached) = self.owners.get(id) else {
                continue;
            };
            let latest = rows.into_iter().max_by_key(|row| row.attempt).map(owner_of);
            if !merged.owners.contains_key(id)
                && latest
                    .as_ref()
                    .is_some_and(|owner| owner.attempt >= cached.attempt)
            {
                merged.owners.insert(id.into(), latest);
            }
        }
        Ok(corrected)
    }

    /// What executions in the store give, by the latest try of each.
    fn owners_in_store<'a>(
        &self,
        store: &dyn Store,
        ids: &[&'a str],
    ) -> Result<HashMap<&'a str, ExecutionOwner>, MergeError> {
        let mut owners: HashMap<&str, ExecutionOwner> = HashMap::new();
        let by_id: HashMap<&str, &'a str> = ids.iter().map(|id| (*id, *id)).collect();
        let (mut ended, mut open) = (Vec::new(), Vec::new());
        let mut places = Vec::new();
        for id in ids {
            let identity = Identity {
                record_type: RecordType::Execution,
                id,
                attempt: 1,
            };
            self.index
                .look_up((self.fingerprint_of)(&identity), &mut places)?;
        }
        for place in places {
            if place.is_open() {
                open.push(place.lsn())
            } else {
                ended.push(place.lsn())
            }
        }
        for (is_open, mut lsns) in [(false, ended), (true, open)] {
            lsns.sort_unstable();
            lsns.dedup();
            if lsns.is_empty() {
                continue;
            }
            let target = Target {
                record_type: RecordType::Execution,
                is_open,
            };
            for stored in store.rows_at(self.organization, target, &lsns)? {
                let Some(id) = by_id.get(&*stored.row.id) else {
                    continue;
                };
                let owner = owner_of(&stored.row);
                if owners.get(id).is_none_or(|known| owner.attempt > known.attempt) {
                    owners.insert(id, owner);
                }
            }
        }
        Ok(owners)
    }

    /// What the row's execution gives it; notes the execution if it is not known yet.
    fn owner_for(&self, row: &Row, merged: &mut Merged) -> Option<ExecutionOwner> {
        let execution = execution_of(row)?;
        let owner = merged.owners.get(execution).cloned().flatten();
        if owner.is_none() && !self.unattributed.contains(execution) {
            merged.now_unattributed.push(execution.into());
        }
        owner
    }

    /// Corrects rows in the store whose execution now gives them something else. They keep their positions.
    fn correct_children(
        &self,
        store: &dyn Store,
        corrected: Vec<Box<str>>,
        merged: &mut Merged,
    ) -> Result<(), MergeError> {
        if corrected.is_empty() {
            return Ok(());
        }
        let ids: Vec<&str> = corrected.iter().map(AsRef::as_ref).collect();
        let replaced: HashSet<Retracted> = merged.change.retracted.iter().copied().collect();
        for record_type in RecordType::ALL
            .into_iter()
            .filter(|record_type| record_type.spec().inherits())
        {
            let target = Target {
                record_type,
                is_open: false,
            };
            for stored in store.rows_where(self.organization, target, "execution_id", &ids)? {
                if replaced.contains(&stored.retracted()) {
                    continue;
                }
                let owner = execution_of(&stored.row).and_then(|id| merged.owners.get(id).cloned().flatten());
                let fresh = StoredRow::new(stored.lsn, stored.row.clone(), owner.as_ref());
                if fresh != stored {
                    merged.change.retracted.push(stored.retracted());
                    merged.change.rows.push(fresh);
                }
            }
        }
        Ok(())
    }
}
