//! The projector: keeps the store up with the journal.
//!
//! Each organization has a *lane*: what was committed for it and is not in the store yet. A few worker threads take lanes
//! in turn, merge a batch and have the store apply it. A lane that grows past its bound, fails, or begins with a store
//! that lags, is *behind*: its records are dropped from memory and read from the journal instead, so that a slow store
//! never holds up the journal or another organization.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use tacho_core::OrganizationId;
use tacho_core::record::Record;
use tacho_core::time::Timestamp;
use tacho_fail::{Point, reach};
use tacho_store::{Epochs, Lsn, Store, StoreError, Watcher};

use crate::identity::{IdentityIndex, IndexLimits};
use crate::journal::reader::Next;
use crate::journal::{Committed, Frame, JournalError, JournalReader};
use crate::merger::{FingerprintOf, MergeError, Merger};

/// How often a batch that the store does not take is halved.
const HALVINGS_MAX: u32 = 10;
/// While another organization's lane is due and no worker is free, a slice is so many times shorter.
const SLICE_PARTS: u32 = 8;
/// After tidying up for a while, so many times as long passes before the next store is tidied up.
const TIDY_SHARE: u32 = 20;

/// How the projector works.
#[derive(Clone)]
pub struct ProjectorConfig {
    /// Folder of the identity indexes.
    pub index_directory: PathBuf,
    /// Limits of each index.
    pub index_limits: IndexLimits,
    /// Records that one transaction of the store takes at most (and the frame that goes past it).
    pub batch_records_max: usize,
    /// Records of one organization that wait in memory; beyond, they are read from the journal.
    pub tail_records_max: usize,
    /// Shortest time between two transactions of one organization, unless a full batch waits.
    pub pace: Duration,
    /// How long one organization may keep a worker while it catches up.
    pub slice: Duration,
    /// Shortest time between two times that one organization's store is tidied up.
    pub tidy_pace: Duration,
    /// Worker threads.
    pub threads: usize,
    /// Computes fingerprints.
    pub fingerprint_of: FingerprintOf,
    /// Is told what is merged, before the store has it.
    pub watcher: Option<Arc<dyn Watcher>>,
}

impl ProjectorConfig {
    /// The usual limits.
    pub fn in_directory(index_directory: PathBuf) -> Self {
        Self {
            index_directory,
            index_limits: IndexLimits::default(),
            batch_records_max: 20_000,
            tail_records_max: 200_000,
            pace: Duration::from_millis(50),
            slice: Duration::from_secs(2),
            tidy_pace: Duration::from_secs(2),
            threads: 2,
            fingerprint_of: |identity| identity.fingerprint(),
            watcher: None,
        }
    }
}

/// What the System page says of an organization's lane.
#[derive(Clone, Debug, Default)]
pub struct LaneStatus {
    /// The last position that is durable.
    pub committed_lsn: Lsn,
    /// The last position that is in the store.
    pub applied_lsn: Lsn,
    /// Records that are durable and not in the store, as far as known: those from before the start are not counted.
    pub lag_records: u64,
    /// For how long the oldest of them has waited, in milliseconds.
    pub lag_ms: u64,
    /// Records that said nothing new, since the start.
    pub duplicates: u64,
    /// Share of the journal that has gone into a store which lacks something, 0 to 1; `None` if it lacks nothing.
    pub rebuild_progress: Option<f64>,
    /// What went wrong last, until it goes right again.
    pub last_error: Option<String>,
}

#[derive(Default)]
struct Tail {
    waiting: VecDeque<Committed>,
    records: usize,
    is_behind: bool,
    committed_lsn: Lsn,
    /// Since when something waits.
    waiting_since: Option<Instant>,
    /// When it is due, if it is scheduled.
    due: Option<Instant>,
    is_running: bool,
    last_applied_at: Option<Instant>,
    /// Whether something was applied since the store was tidied up last.
    is_untidy: bool,
    last_tidied_at: Option<Instant>,
    last_error: Option<String>,
    failures_in_a_row: u32,
}

impl Tail {
    /// Whether all that is durable is in the store.
    fn is_idle(&self) -> bool {
        !self.is_behind && self.waiting.is_empty()
    }

    /// Drops what waits in memory: from here on the lane is read from the journal.
    fn fall_behind(&mut self) {
        self.is_behind = true;
        self.waiting.clear();
        self.records = 0;
    }
}

struct Lane {
    organization: OrganizationId,
    tail: Mutex<Tail>,
    merger: Mutex<Option<Merger>>,
    applied_lsn: AtomicU64,
    lag_records: AtomicU64,
    duplicates: AtomicU64,
    /// Before the store has that position it answers no questions; 0 when it is whole, [`Lsn::MAX`] while it is made again.
    whole_from: AtomicU64,
}

struct Shared {
    config: ProjectorConfig,
    store: Arc<dyn Store>,
    epochs: Arc<Epochs>,
    journal: JournalReader,
    lanes: Mutex<HashMap<OrganizationId, Arc<Lane>>>,
    schedule: Mutex<BTreeSet<(Instant, OrganizationId)>>,
    wake: Condvar,
    applied: (Mutex<()>, Condvar),
    /// When the next store may be tidied up.
    tidy_after: Mutex<Option<Instant>>,
    is_closing: AtomicBool,
}

/// The running projector. Dropping it ends its threads after the transaction that they are in.
pub struct Projector {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

/// A handle that hands committed records over.
#[derive(Clone)]
pub struct Publisher(Arc<Shared>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Projector {
    /// Starts the workers over a store and the journal in that folder.
    ///
    /// # Errors
    /// If threads cannot be started.
    pub fn start(config: ProjectorConfig, store: Arc<dyn Store>, journal: &Path) -> std::io::Result<Self> {
        let threads = config.threads.max(1);
        let shared = Arc::new(Shared {
            config,
            store,
            epochs: Arc::default(),
            journal: JournalReader::new(journal),
            lanes: Mutex::default(),
            schedule: Mutex::default(),
            wake: Condvar::new(),
            applied: Default::default(),
            tidy_after: Mutex::default(),
            is_closing: AtomicBool::new(false),
        });
        let threads = (0..threads)
            .map(|number| {
                let shared = shared.clone();
                thread::Builder::new()
                    .name(format!("projector-{number}"))
                    .spawn(move || shared.work())
            })
            .collect::<std::io::Result<Vec<_>>>()?;
        Ok(Self { shared, threads })
    }

    /// A handle that hands committed records over.
    pub fn publisher(&self) -> Publisher {
        Publisher(self.shared.clone())
    }

    /// What has changed in the stores since the start: every change is noted there before it is applied.
    pub fn epochs(&self) -> Arc<Epochs> {
        self.shared.epochs.clone()
    }

    /// Has the organization's store catch up with records that were committed before the start. Until it has, it answers no
    /// questions: it may have been cut off while it was made from the journal, and lack most.
    pub fn catch_up(&self, organization: OrganizationId, committed_lsn: Lsn) {
        let lane = self.shared.lane(organization);
        self.shared.set_whole_from(&lane, committed_lsn);
        {
            let mut tail = lock(&lane.tail);
            tail.committed_lsn = tail.committed_lsn.max(committed_lsn);
            tail.is_behind = true;
            tail.waiting_since.get_or_insert_with(Instant::now);
        }
        self.shared.schedule(&lane, Instant::now());
    }

    /// Makes the organization's store anew from the journal. Returns at once.
    ///
    /// # Errors
    /// If the present store cannot be set aside.
    pub fn rebuild(&self, organization: OrganizationId) -> Result<(), StoreError> {
        let lane = self.shared.lane(organization);
        let begun = {
            let mut merger = lock(&lane.merger);
            self.shared.begin_rebuild(&lane, &mut merger)
        };
        // If it did not begin, the lane has to become whole again all the same.
        self.shared.schedule(&lane, Instant::now());
        begun
    }

    /// Waits until the organization's store has a position, or all that is durable of the organization if that ends before.
    /// `false` if it has not within the time.
    pub fn wait_until_applied(&self, organization: OrganizationId, lsn: Lsn, timeout: Duration) -> bool {
        let lane = self.shared.lane(organization);
        let deadline = Instant::now() + timeout;
        let mut guard = lock(&self.shared.applied.0);
        loop {
            let wanted = lsn.min(lock(&lane.tail).committed_lsn);
            if lane.applied_lsn.load(Ordering::Acquire) >= wanted
                && lane.whole_from.load(Ordering::Acquire) == 0
            {
                return true;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            guard = self
                .shared
                .applied
                .1
                .wait_timeout(guard, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Records of the organization that are durable and not in the store.
    pub fn lag_records(&self, organization: OrganizationId) -> u64 {
        self.shared.lane(organization).lag_records.load(Ordering::Acquire)
    }

    /// The last position that is durable.
    pub fn committed_lsn(&self, organization: OrganizationId) -> Lsn {
        lock(&self.shared.lane(organization).tail).committed_lsn
    }

    /// How many records of all organizations wait for their stores, and how long the oldest has waited, in milliseconds.
    pub fn lag_of_all(&self) -> (u64, u64) {
        let lanes: Vec<_> = lock(&self.shared.lanes).values().cloned().collect();
        lanes.iter().fold((0, 0), |(records, oldest_ms), lane| {
            let waiting_since = lock(&lane.tail).waiting_since;
            let ms = waiting_since.map_or(0, |since| since.elapsed().as_millis() as u64);
            (
                records + lane.lag_records.load(Ordering::Acquire),
                oldest_ms.max(ms),
            )
        })
    }

    /// What the System page says of an organization.
    pub fn status(&self, organization: OrganizationId) -> LaneStatus {
        let lane = self.shared.lane(organization);
        let applied_lsn = lane.applied_lsn.load(Ordering::Acquire);
        let is_whole = applied_lsn >= lane.whole_from.load(Ordering::Acquire);
        let tail = lock(&lane.tail);
        LaneStatus {
            committed_lsn: tail.committed_lsn,
            applied_lsn,
            lag_records: lane.lag_records.load(Ordering::Acquire),
            lag_ms: tail
                .waiting_since
                .map_or(0, |since| since.elapsed().as_millis() as u64),
            duplicates: lane.duplicates.load(Ordering::Acquire),
            rebuild_progress: (!is_whole).then(|| applied_lsn as f64 / tail.committed_lsn.max(1) as f64),
            last_error: tail.last_error.clone(),
        }
    }
}

impl Drop for Projector {
    fn drop(&mut self) {
        self.shared.is_closing.store(true, Ordering::Release);
        // Taken so that no worker can miss the call between looking and waiting.
        drop(lock(&self.shared.schedule));
        self.shared.wake.notify_all();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a projector thread panicked");
            }
        }
    }
}

impl Publisher {
    /// Hands over records that are durable now, in the order of their positions. Never waits for the store.
    pub fn publish(&self, committed: Committed) {
        let shared = &self.0;
        let lane = shared.lane(committed.organization);
        let count = committed.records.len();
        let due = {
            let mut tail = lock(&lane.tail);
            lane.lag_records.fetch_add(count as u64, Ordering::AcqRel);
            tail.committed_lsn = committed.last_lsn();
            tail.waiting_since.get_or_insert_with(Instant::now);
            if !tail.is_behind {
                if tail.records + count > shared.config.tail_records_max && tail.records > 0 {
                    tail.fall_behind();
                } else {
                    tail.records += count;
                    tail.waiting.push_back(committed);
                }
            }
            if tail.is_running || tail.is_behind && tail.due.is_some() {
                return;
            }
            let paced = tail.last_applied_at.map(|last| last + shared.config.pace);
            match paced {
                Some(paced) if tail.records < shared.config.batch_records_max => paced,
                _ => Instant::now(),
            }
        };
        shared.schedule(&lane, due);
    }
}

impl Shared {
    fn lane(&self, organization: OrganizationId) -> Arc<Lane> {
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
    fn schedule(&self, lane: &Lane, due: Instant) {
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

    fn work(&self) {
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

    fn begin_rebuild(&self, lane: &Lane, merger: &mut Option<Merger>) -> Result<(), StoreError> {
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

    fn set_whole_from(&self, lane: &Lane, lsn: Lsn) {
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
