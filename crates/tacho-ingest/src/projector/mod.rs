//! The projector: keeps the store up with the journal.
//!
//! Each organization has a *lane*: what was committed for it and is not in the store yet. A few worker threads take lanes
//! in turn, merge a batch and have the store apply it. A lane that grows past its bound, fails, or begins with a store
//! that lags, is *behind*: its records are dropped from memory and read from the journal instead, so that a slow store
//! never holds up the journal or another organization.

mod worker;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tacho_core::OrganizationId;
use tacho_store::{Epochs, Lsn, Store, StoreError, Watcher};

use crate::identity::IndexLimits;
use crate::journal::{Committed, JournalReader};
use crate::merger::{FingerprintOf, Merger};

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
