//! What a worker does with a lane: takes the next that is due, merges a batch, has the store apply it, and makes whole what
//! failed or lags.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tacho_core::OrganizationId;
use tacho_core::record::Record;
use tacho_core::time::Timestamp;
use tacho_fail::{Point, reach};
use tacho_store::{Lsn, StoreError};

use super::{Lane, Shared, Tail, lock};
use crate::identity::IdentityIndex;
use crate::journal::reader::Next;
use crate::journal::{Frame, JournalError};
use crate::merger::{MergeError, Merger};

/// How often a batch that the store does not take is halved.
const HALVINGS_MAX: u32 = 10;
/// While another organization's lane is due and no worker is free, a slice is so many times shorter.
const SLICE_PARTS: u32 = 8;
/// After tidying up for a while, so many times as long passes before the next store is tidied up.
const TIDY_SHARE: u32 = 20;

impl Shared {
    pub(super) fn lane(&self, organization: OrganizationId) -> Arc<Lane> {
        let mut lanes = lock(&self.lanes);
        let lane = lanes.entry(organization).or_insert_with(|| {
            Arc::new(Lane {
                organization,
                tail: Mutex::default(),
                merger: Mutex::new(None),
                applied_lsn: AtomicU64::new(0),
                lag_records: AtomicU64::new(0),
                duplicates: AtomicU64::new(0),
                whole_from: AtomicU64::new(0),
            })
        });
        lane.clone()
    }

    /// Puts a lane on the schedule, or moves it forward.
    pub(super) fn schedule(&self, lane: &Lane, due: Instant) {
        let mut schedule = lock(&self.schedule);
        let mut tail = lock(&lane.tail);
        if tail.is_running {
            return;
        }
        match tail.due {
            Some(before) if before <= due => return,
            Some(before) => {
                schedule.remove(&(before, lane.organization));
            }
            None => {}
        }
        tail.due = Some(due);
        schedule.insert((due, lane.organization));
        self.wake.notify_one();
    }

    pub(super) fn work(&self) {
        while let Some(lane) = self.next_lane() {
            let result = self.process(&lane);
            let again = {
                let mut tail = lock(&lane.tail);
                tail.is_running = false;
                match result {
                    Ok(()) => {
                        tail.last_error = None;
                        tail.failures_in_a_row = 0;
                        let is_urgent = tail.is_behind || tail.records >= self.config.batch_records_max;
                        match tail.is_idle() {
                            true => self.tidy_due(&tail, Instant::now()),
                            false if is_urgent => Some(Instant::now()),
                            false => Some(Instant::now() + self.config.pace),
                        }
                    }
                    Err(error) => {
                        tracing::error!(organization = %lane.organization, %error, "could not bring the store up to the journal; trying again");
                        tail.last_error = Some(error.to_string());
                        tail.failures_in_a_row += 1;
                        let seconds = 1u64 << tail.failures_in_a_row.min(5);
                        Some(Instant::now() + Duration::from_millis(100 * seconds))
                    }
                }
            };
            if let Some(due) = again {
                self.schedule(&lane, due);
            }
        }
    }

    /// Waits for a lane that is due. `None` when closing.
    fn next_lane(&self) -> Option<Arc<Lane>> {
        let mut schedule = lock(&self.schedule);
        loop {
            if self.is_closing.load(Ordering::Acquire) {
                return None;
            }
            let now = Instant::now();
            match schedule.first().copied() {
                Some((due, organization)) if due <= now => {
                    schedule.pop_first();
                    let lane = self.lane(organization);
                    let mut tail = lock(&lane.tail);
                    tail.due = None;
                    tail.is_running = true;
                    drop(tail);
                    return Some(lane);
                }
                Some((due, _)) => {
                    schedule = self
                        .wake
                        .wait_timeout(schedule, due - now)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0;
                }
                None => schedule = self.wake.wait(schedule).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Brings a lane's store as far as it goes in one turn. After an error the lane is behind, so that whatever was taken
    /// from memory is read from the journal again.
    fn process(&self, lane: &Lane) -> Result<(), MergeError> {
        let mut merger = lock(&lane.merger);
        let result = self
            .load(lane, &mut merger)
            .and_then(|()| self.advance(lane, &mut merger));
        if let Err(error) = result {
            lock(&lane.tail).fall_behind();
            self.tell_lost(lane);
            *merger = None;
            match &error {
                MergeError::Store(StoreError::Damaged(reason)) => {
                    tracing::error!(organization = %lane.organization, reason, "the store is damaged and is made again from the journal");
                    self.begin_rebuild(lane, &mut merger)?;
                }
                MergeError::Index(_) => std::fs::remove_dir_all(self.index_path(lane.organization))?,
                MergeError::Replaced { .. } => {
                    self.say_replaced(lane, lane.applied_lsn.load(Ordering::Acquire))
                }
                MergeError::Store(_) => {}
            }
            return Err(error);
        }
        self.tidy(lane);
        Ok(())
    }

    /// When a lane's store is to be tidied up; `None` if it need not be.
    fn tidy_due(&self, tail: &Tail, now: Instant) -> Option<Instant> {
        let of_lane = tail.last_tidied_at.map(|last| last + self.config.tidy_pace);
        let of_all = *lock(&self.tidy_after);
        tail.is_untidy
            .then(|| of_lane.into_iter().chain(of_all).fold(now, Instant::max))
    }

    /// Has a lane's store tidied up if nothing waits and it is due. All stores together get a small share of one worker's
    /// time for it, however many there are.
    fn tidy(&self, lane: &Lane) {
        let started = Instant::now();
        {
            let mut tail = lock(&lane.tail);
            if !tail.is_idle() || self.tidy_due(&tail, started).is_none_or(|due| due > started) {
                return;
            }
            tail.is_untidy = false;
            tail.last_tidied_at = Some(started);
        }
        if let Err(error) = self.store.tidy(lane.organization) {
            tracing::warn!(organization = %lane.organization, %error, "could not tidy up the store; trying again later");
            lock(&lane.tail).is_untidy = true;
        }
        *lock(&self.tidy_after) = Some(Instant::now() + started.elapsed() * TIDY_SHARE);
    }

    fn index_path(&self, organization: OrganizationId) -> PathBuf {
        self.config.index_directory.join(organization.to_string())
    }

    pub(super) fn begin_rebuild(&self, lane: &Lane, merger: &mut Option<Merger>) -> Result<(), StoreError> {
        self.tell_lost(lane);
        *merger = None;
        lock(&lane.tail).fall_behind();
        self.say_rebuilding(lane);
        lane.applied_lsn.store(0, Ordering::Release);
        self.store.set_aside(lane.organization)?;
        let index = self.index_path(lane.organization);
        if index.exists() {
            std::fs::remove_dir_all(&index).map_err(|error| StoreError::Engine(error.to_string()))?;
        }
        Ok(())
    }

    /// Until the lane has caught up, there are no answers.
    fn say_rebuilding(&self, lane: &Lane) {
        self.set_whole_from(lane, Lsn::MAX);
        self.epochs.note_rebuild(lane.organization);
    }

    /// The store's file was replaced by an earlier one, or one that was lost by an empty one: until it has again what it had,
    /// there are no answers.
    fn say_replaced(&self, lane: &Lane, had: Lsn) {
        self.set_whole_from(lane, had.max(lane.whole_from.load(Ordering::Acquire)));
        self.epochs.note_rebuild(lane.organization);
    }

    pub(super) fn set_whole_from(&self, lane: &Lane, lsn: Lsn) {
        self.store.set_whole_from(lane.organization, lsn);
        lane.whole_from.store(lsn, Ordering::Release);
    }

    fn load(&self, lane: &Lane, merger: &mut Option<Merger>) -> Result<(), MergeError> {
        if merger.is_some() {
            return Ok(());
        }
        let index = IdentityIndex::open(&self.index_path(lane.organization), self.config.index_limits)?;
        let loaded = Merger::load(
            lane.organization,
            self.store.as_ref(),
            index,
            self.config.fingerprint_of,
        )?;
        let applied = self.store.applied_lsn(lane.organization)?;
        let before = lane.applied_lsn.swap(applied, Ordering::AcqRel);
        if applied < before {
            self.say_replaced(lane, before);
        }
        let is_behind = {
            let mut tail = lock(&lane.tail);
            // Whoever wrote it last may not have come to it.
            tail.is_untidy = true;
            tail.is_behind
        };
        if applied == 0 && is_behind && lane.whole_from.load(Ordering::Acquire) < Lsn::MAX {
            tracing::warn!(organization = %lane.organization, "the journal has records and the store has none; it is made from the journal");
            self.say_rebuilding(lane);
        }
        *merger = Some(loaded);
        Ok(())
    }

    fn advance(&self, lane: &Lane, merger: &mut Option<Merger>) -> Result<(), MergeError> {
        let Some(merger) = merger.as_mut() else {
            return Ok(());
        };
        let applied = lane.applied_lsn.load(Ordering::Acquire);
        let (batch, batch_max, was_behind, committed_lsn) = {
            let mut tail = lock(&lane.tail);
            let batch_max = self.batch_records_max(&tail);
            let mut batch = Vec::new();
            let mut records = 0;
            while records < batch_max
                && let Some(next) = tail.waiting.pop_front()
            {
                records += next.records.len();
                batch.push(next);
            }
            tail.records -= records;
            if tail.waiting.is_empty() && !tail.is_behind {
                tail.waiting_since = None;
            }
            let was_behind = tail.is_behind;
            let left = tail.committed_lsn.saturating_sub(applied);
            // Near enough to be through before the memory is full: what is committed from here on waits there, behind
            // what this turn reads.
            tail.is_behind = was_behind && left > self.config.tail_records_max as u64;
            (batch, batch_max, was_behind, tail.committed_lsn)
        };
        if was_behind {
            let is_whole = self.read_journal(lane, merger, committed_lsn, batch_max)?;
            let mut tail = lock(&lane.tail);
            if !is_whole {
                tail.fall_behind();
            } else if !tail.is_behind {
                tail.waiting_since = (!tail.waiting.is_empty()).then(Instant::now);
                lane.lag_records.store(tail.records as u64, Ordering::Release);
                drop(tail);
                if lane.whole_from.load(Ordering::Acquire) == Lsn::MAX {
                    tracing::info!(organization = %lane.organization, "the store is rebuilt");
                }
                // Also of a store that will never have the position, because the end of the journal cannot be read.
                self.set_whole_from(lane, 0);
                self.tell_applied();
            }
        } else {
            let records = batch
                .into_iter()
                .flat_map(|committed| numbered(committed.first_lsn, committed.records));
            let records = records.filter(|(lsn, _)| *lsn > applied).collect();
            self.apply(lane, merger, records, Told::Rows)?;
        }
        lock(&lane.tail).last_applied_at = Some(Instant::now());
        Ok(())
    }

    /// Records of the next transaction. The store may be short of memory for many: after each failure it gets half as many,
    /// until it takes them.
    fn batch_records_max(&self, tail: &Tail) -> usize {
        (self.config.batch_records_max >> tail.failures_in_a_row.min(HALVINGS_MAX)).max(1)
    }

    /// Applies what the journal has above the store's position, for one slice of time. Says whether that was all.
    fn read_journal(
        &self,
        lane: &Lane,
        merger: &mut Merger,
        up_to: Lsn,
        batch_max: usize,
    ) -> Result<bool, MergeError> {
        let started = Instant::now();
        let mut batch: Vec<(Lsn, Record)> = Vec::new();
        let after = lane.applied_lsn.load(Ordering::Acquire);
        let mut is_whole = true;
        let damages = self.journal.visit::<ReadError>(lane.organization, after, up_to, |frame: Frame| {
            match frame.records() {
                Ok(records) => batch.extend(numbered(frame.first_lsn, records).filter(|(lsn, _)| *lsn > after)),
                Err(error) => {
                    tracing::error!(organization = %lane.organization, lsn = frame.first_lsn, %error, "a frame of the journal cannot be read and is left out");
                }
            }
            if batch.len() < batch_max {
                return Ok(Next::Continue);
            }
            self.apply(lane, merger, std::mem::take(&mut batch), Told::Lost)?;
            let is_over = self.is_slice_over(started) || self.is_closing.load(Ordering::Acquire);
            is_whole = !is_over;
            Ok(if is_over { Next::Stop } else { Next::Continue })
        });
        let damages = damages.map_err(|error| match error {
            ReadError::Merge(error) => error,
            ReadError::Journal(error) => MergeError::Store(StoreError::Engine(error.to_string())),
        })?;
        for damage in damages {
            tracing::error!(organization = %lane.organization, file = %damage.path.display(), offset = damage.offset, reason = damage.reason, "the journal is damaged; what could be read is in the store");
        }
        if is_whole {
            self.apply(lane, merger, batch, Told::Lost)?;
            // The end of what was asked for may hold no record of this organization that could be read.
            lane.applied_lsn.fetch_max(up_to, Ordering::AcqRel);
        }
        Ok(is_whole)
    }

    /// Whether a worker has spent its time on one lane.
    fn is_slice_over(&self, started: Instant) -> bool {
        let (spent, slice) = (started.elapsed(), self.config.slice);
        if spent >= slice || spent < slice / SLICE_PARTS {
            return spent >= slice;
        }
        // A free worker would have taken it.
        let first = lock(&self.schedule).first().copied();
        first.is_some_and(|(due, _)| due + self.config.pace <= Instant::now())
    }

    fn apply(
        &self,
        lane: &Lane,
        merger: &mut Merger,
        records: Vec<(Lsn, Record)>,
        told: Told,
    ) -> Result<(), MergeError> {
        let count = records.len() as u64;
        if count == 0 {
            return Ok(());
        }
        let started = Instant::now();
        let merged = merger.merge(self.store.as_ref(), records)?;
        let merging = started.elapsed();
        // Before it is applied, since even a store that says it failed may have applied it.
        self.epochs.note(lane.organization, &merged.change);
        if let (Some(watcher), Told::Rows) = (&self.config.watcher, told) {
            watcher.merged(lane.organization, &merged.change, &merged.replaced);
        }
        reach(Point::ProjectionApply).map_err(|error| StoreError::Engine(error.to_string()))?;
        self.store.apply(
            lane.organization,
            &merged.change,
            Timestamp::from(SystemTime::now()),
        )?;
        lane.applied_lsn
            .store(merged.change.applied_lsn, Ordering::Release);
        reach(Point::ProjectionApplied)?;
        lane.duplicates.fetch_add(merged.duplicates, Ordering::AcqRel);
        lock(&lane.tail).is_untidy = true;
        // Those from before the start were never counted.
        let _ = lane
            .lag_records
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |lag| {
                Some(lag.saturating_sub(count))
            });
        let storing = started.elapsed() - merging;
        merger.applied(merged)?;
        if told == Told::Lost {
            self.tell_lost(lane);
        }
        metrics::histogram!("tacho_store_apply_seconds").record(started.elapsed().as_secs_f64());
        tracing::debug!(organization = %lane.organization, records = count, ?merging, ?storing, "applied a batch");
        self.tell_applied();
        Ok(())
    }

    /// After whatever the watcher was not told of row by row.
    fn tell_lost(&self, lane: &Lane) {
        if let Some(watcher) = &self.config.watcher {
            watcher.lost(lane.organization);
        }
    }

    fn tell_applied(&self) {
        drop(lock(&self.applied.0));
        self.applied.1.notify_all();
    }
}

/// What the watcher is told of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// Its rows, before they are applied.
    Rows,
    /// Afterwards, that something has changed: a lane that catches up goes through too much that is long over.
    Lost,
}

enum ReadError {
    Journal(JournalError),
    Merge(MergeError),
}

impl From<JournalError> for ReadError {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl From<MergeError> for ReadError {
    fn from(error: MergeError) -> Self {
        Self::Merge(error)
    }
}

/// Records with their positions.
fn numbered(first_lsn: Lsn, records: Vec<Record>) -> impl Iterator<Item = (Lsn, Record)> {
    (first_lsn..).zip(records)
}
