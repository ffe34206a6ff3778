//! The merger: records in, changed rows out.
//!
//! One per organization, always at one position of the journal. For each record it finds what is known about the same
//! thing (in the batch, else in the store by way of the identity index), joins it (tacho-core), and says which rows are no
//! longer true and which are now. It is deterministic: the rows after a position depend on the records up to it and on
//! nothing else, however they were cut into batches.
//!
//! A row carries the position of the last record that changed it. A repetition changes nothing and leaves no trace.
//!
//! What belongs to an execution has its workflow and user, and costs have its status too. A workflow rarely becomes known
//! later, and then all rows of the execution are searched. A status changes with every execution that is reported as it
//! goes on, so the rows that follow it are found by the index.

use std::collections::{HashMap, HashSet};
use std::io;

use tacho_core::OrganizationId;
use tacho_core::record::derive::{ExecutionOwner, execution_of, owner_of};
use tacho_core::record::{Fingerprint, Identity, Record, RecordType, Row};
use tacho_store::{Change, Lsn, Replaced, Retracted, Store, StoreError, StoredRow, Target};

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
    /// The rows that rows of the change take the place of, in the order of those.
    pub replaced: Vec<Replaced>,
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

/// Executions that give something else than before to what belongs to them in the store.
#[derive(Debug, Default)]
struct Affected {
    /// Another workflow or user.
    renamed: Vec<Box<str>>,
    /// The same, but they have become something else: ended, most often.
    restated: Vec<Box<str>>,
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
        if applied > 0 {
            store.scan_followers(organization, index.covered_lsn(), &mut |execution, lsn| {
                index.insert(followers_of(fingerprint_of, execution), Place::new(lsn, false));
            })?;
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

        let affected = self.resolve_owners(store, &changed, &mut merged)?;
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
                let followed = self.followed_by(&previous.row);
                let place = Place::new(previous.lsn, false);
                merged.removed.extend(followed.map(|followed| (followed, place)));
                merged.replaced.push(Replaced {
                    by: merged.change.rows.len(),
                    row: previous,
                });
            }
            merged
                .inserted
                .push((fingerprint, Place::new(lsn, stored.target().is_open)));
            let followed = self.followed_by(&stored.row);
            let place = Place::new(lsn, false);
            merged.inserted.extend(followed.map(|followed| (followed, place)));
            merged.change.rows.push(stored);
        }
        self.correct_children(store, &affected, &mut merged)?;
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
    ) -> Result<Affected, MergeError> {
        let mut of_batch: HashMap<&str, Vec<&Row>> = HashMap::new();
        let mut wanted: HashSet<&str> = HashSet::new();
        let mut may_change: HashSet<&str> = HashSet::new();
        for Changed { row, previous, .. } in changed {
            if row.record_type == RecordType::Execution {
                of_batch.entry(&row.id).or_default().push(row);
                if self.may_affect_children(row, previous.as_ref().map(|(_, before)| &before.row))? {
                    may_change.insert(&row.id);
                }
            } else if let Some(execution) = execution_of(row) {
                wanted.insert(execution);
            }
        }
        let asked: HashSet<&str> = wanted.union(&may_change).copied().collect();
        let mut known: HashMap<&str, ExecutionOwner> = HashMap::new();
        let mut unknown: Vec<&str> = Vec::new();
        for id in &asked {
            match self.owners.get(*id) {
                Some(owner) => {
                    known.insert(*id, owner.clone());
                }
                None => unknown.push(*id),
            }
        }
        known.extend(self.owners_in_store(store, &unknown)?);
        let mut affected = Affected::default();
        for id in asked {
            let before = known.get(id);
            let of_batch = of_batch.get(id).into_iter().flatten();
            let after = of_batch.fold(before.cloned(), |after, row| latest(after, owner_of(row)));
            let is_unattributed = self.unattributed.contains(id);
            match (before, &after) {
                (Some(before), Some(after)) if before.names_the_same(after) => {
                    match before.status == after.status {
                        true => {}
                        false => affected.restated.push(id.into()),
                    }
                }
                (None, None) => {}
                (before, _) if before.is_some() || is_unattributed => affected.renamed.push(id.into()),
                _ => {}
            }
            if after.is_some() && is_unattributed {
                merged.now_attributed.push(id.into());
            }
            merged.owners.insert(id.into(), after);
        }
        // Executions of the batch that nobody asked about may be in the cache with what they gave before.
        for (id, rows) in of_batch {
            if let Some(cached) = self.owners.get(id)
                && !merged.owners.contains_key(id)
            {
                let after = rows.into_iter().fold(cached.clone(), |after, row| {
                    latest(Some(after.clone()), owner_of(row)).unwrap_or(after)
                });
                merged.owners.insert(id.into(), Some(after));
            }
        }
        Ok(affected)
    }

    /// Whether what belongs to an execution may have to be corrected because of what has become of it. How it is changes
    /// with nearly every batch, so it is looked up whether anything follows that.
    fn may_affect_children(&self, row: &Row, before: Option<&Row>) -> Result<bool, MergeError> {
        // A later try takes over from an earlier one, whose children then follow it.
        if row.attempt > 1 || self.unattributed.contains(&row.id) {
            return Ok(true);
        }
        let Some(before) = before.map(owner_of) else {
            return Ok(false);
        };
        let after = owner_of(row);
        if !before.names_the_same(&after) {
            return Ok(true);
        }
        if before.status == after.status {
            return Ok(false);
        }
        let mut places = Vec::new();
        let followers = followers_of(self.fingerprint_of, &row.id);
        self.index.look_up(followers, &mut places)?;
        Ok(!places.is_empty())
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
        affected: &Affected,
        merged: &mut Merged,
    ) -> Result<(), MergeError> {
        let replaced: HashSet<Retracted> = merged.change.retracted.iter().copied().collect();
        let mut correct = |children: Vec<StoredRow>| {
            for stored in children {
                let owner = execution_of(&stored.row).and_then(|id| merged.owners.get(id)?.as_ref());
                let fresh = StoredRow::new(stored.lsn, stored.row.clone(), owner);
                if fresh != stored && !replaced.contains(&stored.retracted()) {
                    merged.change.retracted.push(stored.retracted());
                    merged.replaced.push(Replaced {
                        by: merged.change.rows.len(),
                        row: stored,
                    });
                    merged.change.rows.push(fresh);
                }
            }
        };
        if !affected.renamed.is_empty() {
            let ids: Vec<&str> = affected.renamed.iter().map(AsRef::as_ref).collect();
            let inheriting = RecordType::ALL.into_iter();
            for record_type in inheriting.filter(|record_type| record_type.spec().inherits()) {
                let target = ended(record_type);
                correct(store.rows_where(self.organization, target, "execution_id", &ids)?);
            }
        }
        if !affected.restated.is_empty() {
            let ids: HashSet<&str> = affected.restated.iter().map(AsRef::as_ref).collect();
            let mut places = Vec::new();
            for id in &ids {
                let followers = followers_of(self.fingerprint_of, id);
                self.index.look_up(followers, &mut places)?;
            }
            let mut lsns: Vec<Lsn> = places.into_iter().map(Place::lsn).collect();
            lsns.sort_unstable();
            lsns.dedup();
            let following = RecordType::ALL.into_iter();
            for record_type in following.filter(|record_type| record_type.spec().follows_status()) {
                let mut children = store.rows_at(self.organization, ended(record_type), &lsns)?;
                // The fingerprint only said maybe.
                children.retain(|stored| execution_of(&stored.row).is_some_and(|id| ids.contains(id)));
                correct(children);
            }
        }
        Ok(())
    }

    /// Under what the row is found if its execution changes, if it follows how that is.
    fn followed_by(&self, row: &Row) -> Option<Fingerprint> {
        let follows = row.record_type.spec().follows_status();
        let execution = follows.then(|| execution_of(row)).flatten()?;
        Some(followers_of(self.fingerprint_of, execution))
    }
}

/// Under what the rows are found that follow how an execution is: a fingerprint of its own, next to that of the execution.
fn followers_of(fingerprint_of: FingerprintOf, execution: &str) -> Fingerprint {
    /// Any number will do that stays the same: it is part of the format of the index.
    const FOLLOWERS: u64 = 0x666f_6c6c_6f77_6564;
    let identity = Identity {
        record_type: RecordType::Execution,
        id: execution,
        attempt: 1,
    };
    Fingerprint(fingerprint_of(&identity).0 ^ FOLLOWERS)
}

/// The table of a type's rows that have ended, or that do not live for a while.
fn ended(record_type: RecordType) -> Target {
    Target {
        record_type,
        is_open: false,
    }
}

/// What the later of two tries gives.
fn latest(known: Option<ExecutionOwner>, other: ExecutionOwner) -> Option<ExecutionOwner> {
    Some(
        known
            .filter(|known| known.attempt > other.attempt)
            .unwrap_or(other),
    )
}
