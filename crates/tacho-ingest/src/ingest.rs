//! The way in as one handle: decode, make durable, project; refuse clearly.

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tacho_core::record::{Record, RecordType};
use tacho_core::{OrganizationId, Timestamp};
use tacho_metastore::{Metastore, NewDeadLetter};
use tacho_store::{Epochs, Lsn, Store, StoreError, TooManyWait, Turns};

use crate::decode::{DecodeOptions, Format, Limits, MalformedBody, Rejection, decode};
use crate::disk_guard::{DiskGuard, DiskStatus};
use crate::journal::disk::Disk;
use crate::journal::layout::{list_active, list_sealed};
use crate::journal::reader::Next;
use crate::journal::{Append, Journal, JournalConfig, JournalError, JournalStatus};
use crate::projector::{LaneStatus, Projector, ProjectorConfig};
use crate::rate::Rate;

/// Bodies larger than this are decoded off the async threads.
const INLINE_BYTES_MAX: usize = 64 * 1024;
/// Small bodies that are being decoded, for each processor.
const SMALL_DECODES: usize = 2;
/// Large submissions that wait to be written, for each processor: more than one commit of the journal takes.
const LARGE_APPENDS: usize = 8;
/// Submissions that may wait for each of these.
const WAITING_MAX: usize = 4096;

/// How ingest works.
#[derive(Clone)]
pub struct IngestConfig {
    /// The data directory. The journal and the identity indexes lie in folders of it.
    pub data_dir: PathBuf,
    /// The journal's limits.
    pub journal: JournalConfig,
    /// The projector's limits.
    pub projector: ProjectorConfig,
    /// Limits of a submission.
    pub limits: Limits,
    /// Free disk space below which nothing is accepted.
    pub disk_reserve_bytes: u64,
    /// Records of one organization that may be durable and not in the store before more are refused.
    pub lag_records_max: u64,
}

impl IngestConfig {
    /// The usual limits, in a data directory.
    pub fn in_directory(data_dir: &Path) -> Self {
        Self {
            data_dir: data_dir.to_owned(),
            journal: JournalConfig::in_directory(data_dir.join("journal")),
            projector: ProjectorConfig::in_directory(data_dir.join("identity")),
            limits: Limits::default(),
            disk_reserve_bytes: 512 * 1024 * 1024,
            lag_records_max: 20_000_000,
        }
    }
}

/// Why ingest could not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process uses the data directory.
    #[error("another Tacho is using {0}; stop it, or give this one a data directory of its own")]
    InUse(PathBuf),
    /// The journal.
    #[error("the journal does not open: {0}")]
    Journal(#[from] JournalError),
    /// A file or thread.
    #[error("{0}: {1}")]
    Io(PathBuf, std::io::Error),
}

/// What somebody sends.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The bytes, decompressed.
    pub body: Bytes,
    /// What they are.
    pub format: Format,
    /// Gives ids to records without one.
    pub idempotency_key: Option<String>,
    /// Whether unknown fields are refused.
    pub strict: bool,
    /// The type of records that do not say theirs.
    pub default_type: Option<RecordType>,
    /// Where it came from, kept with what is refused.
    pub source: &'static str,
    /// Whether what is refused is kept as dead letters.
    pub keeps_rejected: bool,
}

/// What became of a submission.
#[derive(Clone, Debug)]
pub struct Ack {
    /// Records that are durable now.
    pub accepted: u32,
    /// Those that are not, with the reason.
    pub rejected: Vec<Rejection>,
    /// The position of the last accepted record, or of the journal if none was.
    pub lsn: Lsn,
}

/// Why nothing of a submission was accepted.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The body as a whole cannot be read.
    #[error(transparent)]
    Malformed(#[from] MalformedBody),
    /// Too much waits already.
    #[error("{reason}; send it again later")]
    Overloaded {
        /// What is full.
        reason: &'static str,
        /// When to try again.
        retry_after: Duration,
    },
    /// The disk is full, or nearly.
    #[error("the server's disk is nearly full; nothing is accepted until there is room")]
    DiskFull,
    /// The journal has failed.
    #[error("the journal accepts nothing any more: {0}")]
    JournalFailed(String),
}

/// What the System page says of the way in.
#[derive(Clone, Debug)]
pub struct IngestStatus {
    /// The journal.
    pub journal: JournalStatus,
    /// Bytes of the organization's sealed segments, and of all active ones.
    pub journal_bytes: u64,
    /// Segments not sealed yet, of all organizations.
    pub segments_active: u64,
    /// Sealed segments of the organization.
    pub segments_sealed: u64,
    /// When the organization's oldest record that is kept was received.
    pub oldest_at: Option<Timestamp>,
    /// Damaged places found when the journal was opened.
    pub journal_damages: u64,
    /// The way to the store.
    pub lane: LaneStatus,
    /// Records accepted since the start.
    pub accepted: u64,
    /// Records refused since the start.
    pub rejected: u64,
    /// Records accepted a second, over the last ten.
    pub accepted_per_second: f64,
    /// Records that may wait before more are refused.
    pub lag_records_max: u64,
    /// The disk.
    pub disk: DiskStatus,
    /// Why nothing is accepted, if so.
    pub stopped_reason: Option<String>,
}

/// Figures of all organizations together. Counters run since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IngestTotals {
    /// Records accepted.
    pub accepted: u64,
    /// Records refused.
    pub rejected: u64,
    /// Bytes of bodies in which they came, decompressed.
    pub bytes: u64,
    /// The last durable position of the journal.
    pub durable_lsn: Lsn,
    /// Bytes that wait to be written to the journal.
    pub queued_bytes: u64,
    /// Records that are durable and not in a store.
    pub lag_records: u64,
    /// For how long the oldest of them has waited, in milliseconds.
    pub lag_ms: u64,
}

#[derive(Default)]
struct Counters {
    accepted: AtomicU64,
    rejected: AtomicU64,
    bytes: AtomicU64,
    rate: Rate,
    /// Found once: what is kept of the journal begins anew only when retention cuts it.
    oldest_at: OnceLock<Timestamp>,
}

struct Inner {
    // In this order they are dropped: the journal first, so that nothing is committed to a projector that is gone.
    journal: Journal,
    projector: Projector,
    metastore: Metastore,
    disk: DiskGuard,
    counters: Mutex<HashMap<OrganizationId, Arc<Counters>>>,
    limits: Limits,
    lag_records_max: u64,
    /// Organizations take turns at being decoded, so that one that floods the server waits for itself.
    small_decodes: Turns,
    /// As many large bodies are decoded at a time as there are processors. With a thread each, many senders would leave the
    /// projector next to no processor time, and the store would fall behind for as long as they send.
    large_decodes: Turns,
    /// So that large ones of one organization do not fill the journal's queue, which is first come, first served.
    large_appends: Turns,
    _lock: File,
}

/// The way in. Cheap to clone; the last clone dropped closes the journal.
#[derive(Clone)]
pub struct Ingest(Arc<Inner>);

impl Ingest {
    /// Locks the data directory, opens the journal and brings the stores up to it.
    ///
    /// # Errors
    /// If the directory is in use or cannot be written.
    pub fn open(
        config: IngestConfig,
        disk: Arc<dyn Disk>,
        store: Arc<dyn Store>,
        metastore: Metastore,
    ) -> Result<Self, OpenError> {
        let lock = lock_directory(&config.data_dir)?;
        let journal_dir = config.journal.directory.clone();
        let projector = Projector::start(config.projector, store, &journal_dir)
            .map_err(|error| OpenError::Io(config.data_dir.clone(), error))?;
        let publisher = projector.publisher();
        let journal = Journal::open(config.journal, disk, move |committed| {
            publisher.publish(committed)
        })?;
        for (organization, last) in journal.last_by_organization() {
            projector.catch_up(*organization, *last);
        }
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        Ok(Self(Arc::new(Inner {
            journal,
            projector,
            metastore,
            disk: DiskGuard::new(config.data_dir, config.disk_reserve_bytes),
            counters: Mutex::default(),
            limits: config.limits,
            lag_records_max: config.lag_records_max,
            small_decodes: Turns::new(SMALL_DECODES * processors, WAITING_MAX),
            large_decodes: Turns::new(processors, WAITING_MAX),
            large_appends: Turns::new(LARGE_APPENDS * processors, WAITING_MAX),
            _lock: lock,
        })))
    }

    /// Takes a submission: returns when every accepted record is on the disk.
    ///
    /// # Errors
    /// If nothing was accepted. A bad record among good ones is no error; it is told in the [`Ack`].
    pub async fn submit(
        &self,
        organization: OrganizationId,
        submission: Submission,
        received_at: Timestamp,
    ) -> Result<Ack, SubmitError> {
        let inner = &self.0;
        self.check_room(organization)?;
        let limits = inner.limits;
        let (source, keeps_rejected) = (submission.source, submission.keeps_rejected);
        let bytes = submission.body.len();
        let is_small = bytes <= INLINE_BYTES_MAX;
        let read = move || {
            let options = DecodeOptions {
                received_at,
                strict: submission.strict,
                idempotency_key: submission.idempotency_key.as_deref(),
                default_type: submission.default_type,
                limits,
            };
            let decoded = decode(submission.format, &submission.body, &options)?;
            let objects = count_objects(&decoded.records);
            let records: Vec<Record> = decoded.records.into_iter().map(|(_, record)| record).collect();
            let count = records.len() as u64;
            let append = (count > 0).then(|| Append::new(organization, received_at, records));
            Ok::<_, MalformedBody>((objects, count, append, decoded.rejected))
        };
        let (decoded, append_turn) = if is_small {
            let _turn = inner.small_decodes.take(organization).await.map_err(crowded)?;
            // What has arrived meanwhile gets into line first. Without, whoever comes to run finds its place free and decodes
            // at once, and the line would be the runtime's, in which all stand in the order in which they came.
            tokio::task::yield_now().await;
            (read()?, None)
        } else {
            let decode_turn = inner.large_decodes.take(organization).await.map_err(crowded)?;
            let decoding = tokio::task::spawn_blocking(move || {
                // Held here, since decoding goes on when the sender goes away.
                let _turn = decode_turn;
                read()
            });
            let decoded = match decoding.await {
                Ok(decoded) => decoded?,
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            };
            let append_turn = inner.large_appends.take(organization).await.map_err(crowded)?;
            (decoded, Some(append_turn))
        };
        let (objects, count, append, rejected) = decoded;
        let lsn = match append {
            Some(append) => inner.journal.append(append).await.map_err(refusal)? + count - 1,
            None => inner.journal.durable_lsn(),
        };
        drop(append_turn);
        let counters = self.counters(organization);
        counters.accepted.fetch_add(count, Ordering::Relaxed);
        counters.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        counters
            .rejected
            .fetch_add(rejected.len() as u64, Ordering::Relaxed);
        counters.rate.add(count);
        if keeps_rejected && !rejected.is_empty() {
            self.keep(organization, &rejected, source, received_at).await;
        }
        Ok(Ack {
            accepted: objects,
            rejected,
            lsn,
        })
    }

    /// Takes records that were decoded elsewhere. Returns the position of the last one when all are on the disk.
    ///
    /// # Errors
    /// If they were not accepted.
    pub async fn accept(
        &self,
        organization: OrganizationId,
        records: Vec<Record>,
        received_at: Timestamp,
    ) -> Result<Lsn, SubmitError> {
        self.check_room(organization)?;
        let count = records.len() as u64;
        if count == 0 {
            return Ok(self.0.journal.durable_lsn());
        }
        let first = self
            .0
            .journal
            .append(Append::new(organization, received_at, records))
            .await
            .map_err(refusal)?;
        let counters = self.counters(organization);
        counters.accepted.fetch_add(count, Ordering::Relaxed);
        counters.rate.add(count);
        Ok(first + count - 1)
    }

    /// Makes the organization's store anew from the journal, while ingest goes on. Returns at once.
    ///
    /// # Errors
    /// If the present store cannot be set aside.
    pub fn rebuild_store(&self, organization: OrganizationId) -> Result<(), StoreError> {
        self.0.projector.rebuild(organization)
    }

    /// Waits, blocking, until the organization's store has a position. `false` if it has not within the time.
    pub fn wait_until_applied(&self, organization: OrganizationId, lsn: Lsn, timeout: Duration) -> bool {
        self.0.projector.wait_until_applied(organization, lsn, timeout)
    }

    /// The last position that is durable.
    pub fn durable_lsn(&self) -> Lsn {
        self.0.journal.durable_lsn()
    }

    /// The organization's last position that is durable.
    pub fn committed_lsn(&self, organization: OrganizationId) -> Lsn {
        self.0.projector.committed_lsn(organization)
    }

    /// What has changed in the stores since the start, for [`QueryEngine::following`](tacho_store::QueryEngine::following).
    pub fn epochs(&self) -> Arc<Epochs> {
        self.0.projector.epochs()
    }

    /// The organizations that had records when the journal was opened.
    pub fn organizations_at_open(&self) -> Vec<OrganizationId> {
        self.0.journal.last_by_organization().keys().copied().collect()
    }

    /// Why nothing is accepted from anybody, if so.
    pub fn stopped_reason(&self) -> Option<String> {
        let journal = self.0.journal.status();
        let disk = self
            .0
            .disk
            .is_full()
            .then(|| "the disk is nearly full".to_owned());
        journal.failure.or(disk)
    }

    /// Figures of all organizations together; looks at no file.
    pub fn totals(&self) -> IngestTotals {
        let journal = self.0.journal.status();
        let (lag_records, lag_ms) = self.0.projector.lag_of_all();
        let mut totals = IngestTotals {
            durable_lsn: journal.durable_lsn,
            queued_bytes: journal.queued_bytes,
            lag_records,
            lag_ms,
            ..IngestTotals::default()
        };
        let counters = self.0.counters.lock().unwrap_or_else(PoisonError::into_inner);
        for counters in counters.values() {
            totals.accepted += counters.accepted.load(Ordering::Relaxed);
            totals.rejected += counters.rejected.load(Ordering::Relaxed);
            totals.bytes += counters.bytes.load(Ordering::Relaxed);
        }
        totals
    }

    /// What the System page says.
    pub fn status(&self, organization: OrganizationId) -> IngestStatus {
        let inner = &self.0;
        let size = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
        let active = list_active(inner.journal.directory()).unwrap_or_default();
        let sealed = list_sealed(inner.journal.directory(), organization).unwrap_or_default();
        let counters = self.counters(organization);
        IngestStatus {
            journal: inner.journal.status(),
            journal_bytes: active
                .iter()
                .map(|(_, path)| size(path))
                .chain(sealed.iter().map(|segment| size(&segment.path)))
                .sum(),
            segments_active: active.len() as u64,
            segments_sealed: sealed.len() as u64,
            oldest_at: self.oldest_at(organization, &counters),
            journal_damages: inner.journal.damages().len() as u64,
            lane: inner.projector.status(organization),
            accepted: counters.accepted.load(Ordering::Relaxed),
            rejected: counters.rejected.load(Ordering::Relaxed),
            accepted_per_second: counters.rate.per_second(),
            lag_records_max: inner.lag_records_max,
            disk: inner.disk.status(),
            stopped_reason: self.stopped_reason(),
        }
    }

    fn oldest_at(&self, organization: OrganizationId, counters: &Counters) -> Option<Timestamp> {
        if let Some(oldest) = counters.oldest_at.get() {
            return Some(*oldest);
        }
        let mut oldest = None;
        let visited = self.0.journal.reader().visit::<JournalError>(
            organization,
            0,
            self.committed_lsn(organization),
            |frame| {
                oldest = Some(frame.received_at);
                Ok(Next::Stop)
            },
        );
        if let Err(error) = visited {
            tracing::warn!(%organization, %error, "could not read where the journal begins");
        }
        oldest.map(|oldest| *counters.oldest_at.get_or_init(|| oldest))
    }

    fn check_room(&self, organization: OrganizationId) -> Result<(), SubmitError> {
        if self.0.disk.is_full() {
            return Err(SubmitError::DiskFull);
        }
        if self.0.projector.lag_records(organization) > self.0.lag_records_max {
            return Err(SubmitError::Overloaded {
                reason: "too many records wait for the store",
                retry_after: Duration::from_secs(5),
            });
        }
        Ok(())
    }

    fn counters(&self, organization: OrganizationId) -> Arc<Counters> {
        let mut counters = self.0.counters.lock().unwrap_or_else(PoisonError::into_inner);
        counters.entry(organization).or_default().clone()
    }

    async fn keep(&self, organization: OrganizationId, rejected: &[Rejection], source: &str, now: Timestamp) {
        let letters: Vec<NewDeadLetter> = rejected
            .iter()
            .map(|rejection| dead_letter(rejection, source))
            .collect();
        if let Err(error) = self
            .0
            .metastore
            .insert_dead_letters(organization, &letters, now)
            .await
        {
            // The sender is told of each rejection all the same.
            tracing::error!(%organization, %error, count = letters.len(), "could not keep refused records");
        }
    }
}

/// A refused record as it is kept. `source` says where it came from.
pub fn dead_letter(rejection: &Rejection, source: &str) -> NewDeadLetter {
    NewDeadLetter {
        code: rejection.code.as_str().to_owned(),
        message: rejection.message.clone(),
        pointer: rejection.pointer.clone(),
        record_type: rejection
            .record_type
            .map(|record_type| record_type.as_str().to_owned()),
        source: source.to_owned(),
        payload: rejection.payload.clone(),
        payload_truncated: rejection.payload_truncated,
    }
}

/// How many wire objects the records came from: one object may give several.
fn count_objects(records: &[(u32, Record)]) -> u32 {
    let mut count = 0;
    let mut last = None;
    for (index, _) in records {
        if last != Some(*index) {
            count += 1;
            last = Some(*index);
        }
    }
    count
}

fn crowded(TooManyWait: TooManyWait) -> SubmitError {
    SubmitError::Overloaded {
        reason: "more arrives than the server takes in",
        retry_after: Duration::from_secs(1),
    }
}

fn refusal(error: JournalError) -> SubmitError {
    match error {
        JournalError::Overloaded => SubmitError::Overloaded {
            reason: "more arrives than the disk takes",
            retry_after: Duration::from_secs(1),
        },
        JournalError::Closing => SubmitError::Overloaded {
            reason: "the server is stopping",
            retry_after: Duration::from_secs(5),
        },
        JournalError::OutOfHandles => SubmitError::Overloaded {
            reason: "the server has as many files and connections open as it may",
            retry_after: Duration::from_secs(1),
        },
        JournalError::DiskFull => SubmitError::DiskFull,
        JournalError::Failed(message) => SubmitError::JournalFailed(message),
        JournalError::Io { .. } => SubmitError::JournalFailed(error.to_string()),
    }
}

/// Takes the data directory for this process.
fn lock_directory(data_dir: &Path) -> Result<File, OpenError> {
    let io = |error| OpenError::Io(data_dir.to_owned(), error);
    fs::create_dir_all(data_dir).map_err(io)?;
    let file = File::create(data_dir.join("lock")).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(data_dir.to_owned())),
        Err(TryLockError::Error(error)) => Err(io(error)),
    }
}
