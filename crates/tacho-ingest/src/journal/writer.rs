//! The writing side: one thread that takes what waits, writes it, syncs once, and tells everybody.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc as std_mpsc};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use tacho_core::OrganizationId;
use tacho_core::record::Record;
use tacho_core::record::codec::encode;
use tacho_core::time::Timestamp;
use tacho_fail::{Point, reach};
use tacho_store::Lsn;
use tokio::sync::{mpsc, oneshot};

use super::disk::{Disk, DiskFile};
use super::frame::{FrameKind, HEAD_BYTES, Head};
use super::layout::{active_dir, active_path};
use super::marks::{self, Mark, Marks, marks_path};
use super::recovery::recover;
use super::seal::seal;
use super::segment::active_head;
use super::stats::RecentDurations;
use super::{Damage, JournalError, JournalReader};
use crate::background::yield_to_others;

/// How the journal may grow.
#[derive(Clone, Debug)]
pub struct JournalConfig {
    /// Its folder.
    pub directory: PathBuf,
    /// Bytes after which a segment is full.
    pub segment_bytes_max: u64,
    /// Bytes that one commit takes at most, if more than one append waits.
    pub commit_bytes_max: usize,
    /// Bytes of appends that may wait.
    pub queue_bytes_max: u64,
    /// Appends that may wait.
    pub queue_appends_max: usize,
}

impl JournalConfig {
    /// The usual limits.
    pub fn in_directory(directory: PathBuf) -> Self {
        Self {
            directory,
            segment_bytes_max: 64 * 1024 * 1024,
            commit_bytes_max: 8 * 1024 * 1024,
            queue_bytes_max: 128 * 1024 * 1024,
            queue_appends_max: 4096,
        }
    }
}

/// Records of one organization, ready to be written.
pub struct Append {
    organization: OrganizationId,
    received_at: Timestamp,
    records: Vec<Record>,
    body: Vec<u8>,
    body_crc: u32,
}

impl Append {
    /// Encodes the records. `records` must not be empty.
    pub fn new(organization: OrganizationId, received_at: Timestamp, records: Vec<Record>) -> Self {
        let mut body = Vec::with_capacity(records.len() * 160);
        for record in &records {
            encode(record, &mut body);
        }
        let body_crc = crc32fast::hash(&body);
        Self {
            organization,
            received_at,
            records,
            body,
            body_crc,
        }
    }
}

/// Records that are durable now.
#[derive(Debug)]
pub struct Committed {
    /// Whose.
    pub organization: OrganizationId,
    /// The position of the first; the others follow without a gap.
    pub first_lsn: Lsn,
    /// When they were received.
    pub received_at: Timestamp,
    /// They themselves.
    pub records: Vec<Record>,
}

impl Committed {
    /// The position of the last one.
    pub fn last_lsn(&self) -> Lsn {
        self.first_lsn + self.records.len() as u64 - 1
    }
}

struct Waiting {
    append: Append,
    reply: oneshot::Sender<Result<Lsn, JournalError>>,
}

#[derive(Default)]
struct Shared {
    durable_lsn: AtomicU64,
    queued_bytes: AtomicU64,
    active_bytes: AtomicU64,
    is_closing: AtomicBool,
    failure: Mutex<Option<String>>,
    last_seal_error: Mutex<Option<String>>,
    sync_durations: RecentDurations,
}

/// What the System page says of the journal.
#[derive(Clone, Debug)]
pub struct JournalStatus {
    /// The last durable position.
    pub durable_lsn: Lsn,
    /// Bytes that wait to be written.
    pub queued_bytes: u64,
    /// Commits since the start.
    pub commits: u64,
    /// Half of the recent syncs took less, in milliseconds.
    pub sync_p50_ms: Option<f64>,
    /// All but one in a hundred of the recent syncs took less, in milliseconds.
    pub sync_p99_ms: Option<f64>,
    /// Why it accepts nothing any more, if so.
    pub failure: Option<String>,
    /// Why the last full segment could not be sealed, if so.
    pub last_seal_error: Option<String>,
}

/// The open journal. Dropping it writes what waits and closes it.
pub struct Journal {
    config: JournalConfig,
    queue: Option<mpsc::Sender<Waiting>>,
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    last_by_organization: BTreeMap<OrganizationId, Lsn>,
    damages: Vec<Damage>,
}

impl Journal {
    /// Opens the journal and starts its threads. `on_commit` is called in the order of positions, after the sync and
    /// before the append returns; it must be quick.
    ///
    /// # Errors
    /// If its files cannot be read or written.
    pub fn open(
        config: JournalConfig,
        disk: Arc<dyn Disk>,
        on_commit: impl FnMut(Committed) + Send + 'static,
    ) -> Result<Self, JournalError> {
        let root = config.directory.clone();
        let active = active_dir(&root);
        fs::create_dir_all(&active).map_err(JournalError::io(&active))?;
        fs::create_dir_all(root.join("sealed")).map_err(JournalError::io(&root))?;
        // What is in them is synced below; the journal itself must not go away with what is in it.
        if let Some(parent) = root.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            disk.sync_directory(parent).map_err(JournalError::io(parent))?;
        }
        let recovered = recover(&root)?;
        for damage in &recovered.damages {
            tracing::error!(file = %damage.path.display(), offset = damage.offset, reason = damage.reason, "the journal is damaged");
        }
        let shared = Arc::new(Shared::default());
        shared.durable_lsn.store(recovered.last_lsn, Ordering::Release);
        let (marks_path, given) = (marks_path(&root), recovered.given_lsn);
        marks::rewrite(
            &root,
            Mark {
                lsn: given,
                is_exact: given == recovered.last_lsn,
            },
        )
        .map_err(JournalError::io(&marks_path))?;
        let marks = disk
            .open_end(&marks_path)
            .map_err(JournalError::io(&marks_path))?;

        let (seal_queue, to_seal) = std_mpsc::channel::<PathBuf>();
        for segment in &recovered.segments {
            let _ = seal_queue.send(segment.clone());
        }
        let sealer = {
            let (root, shared, disk) = (root.clone(), shared.clone(), disk.clone());
            spawn("journal-sealer", move || {
                yield_to_others();
                seal_all(disk.as_ref(), &root, &to_seal, &shared)
            })?
        };
        let (queue, waiting) = mpsc::channel(config.queue_appends_max);
        let writer = Writer {
            config: config.clone(),
            disk,
            shared: shared.clone(),
            seal_queue,
            next_lsn: given + 1,
            last_lsn: recovered.last_lsn,
            marks: Marks::new(marks, given),
            segment: None,
            buffer: Vec::new(),
            on_commit: Box::new(on_commit),
        };
        let writer = spawn("journal-writer", move || writer.run(waiting))?;
        Ok(Self {
            config,
            queue: Some(queue),
            shared,
            threads: vec![writer, sealer],
            last_by_organization: recovered.last_by_organization.into_iter().collect(),
            damages: recovered.damages,
        })
    }

    /// Makes the records durable. Returns the position of the first one after the sync; the others follow without a gap.
    ///
    /// # Errors
    /// At once if the queue is full; later if the disk is full or failed. Nothing was accepted then.
    pub async fn append(&self, append: Append) -> Result<Lsn, JournalError> {
        if let Some(failure) = self.failure() {
            return Err(JournalError::Failed(failure));
        }
        let bytes = (append.body.len() + HEAD_BYTES) as u64;
        let queued = self.shared.queued_bytes.fetch_add(bytes, Ordering::AcqRel);
        let (reply, answer) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or(JournalError::Closing)?;
        // One append always fits, however large: else it could never be sent.
        let refused = if queued > 0 && queued + bytes > self.config.queue_bytes_max {
            Some(JournalError::Overloaded)
        } else {
            match queue.try_send(Waiting { append, reply }) {
                Ok(()) => None,
                Err(mpsc::error::TrySendError::Full(_)) => Some(JournalError::Overloaded),
                Err(mpsc::error::TrySendError::Closed(_)) => {
                    Some(JournalError::Failed("its writer is gone".into()))
                }
            }
        };
        if let Some(refused) = refused {
            self.shared.queued_bytes.fetch_sub(bytes, Ordering::AcqRel);
            return Err(refused);
        }
        answer.await.unwrap_or(Err(JournalError::Closing))
    }

    /// The last position that is durable.
    pub fn durable_lsn(&self) -> Lsn {
        self.shared.durable_lsn.load(Ordering::Acquire)
    }

    /// The organizations that had records when the journal was opened, with their last positions.
    pub fn last_by_organization(&self) -> &BTreeMap<OrganizationId, Lsn> {
        &self.last_by_organization
    }

    /// What was damaged when the journal was opened.
    pub fn damages(&self) -> &[Damage] {
        &self.damages
    }

    /// Reads it back.
    pub fn reader(&self) -> JournalReader {
        JournalReader::new(&self.config.directory)
    }

    /// Its folder.
    pub fn directory(&self) -> &Path {
        &self.config.directory
    }

    /// What the System page says.
    pub fn status(&self) -> JournalStatus {
        JournalStatus {
            durable_lsn: self.durable_lsn(),
            queued_bytes: self.shared.queued_bytes.load(Ordering::Acquire),
            commits: self.shared.sync_durations.count(),
            sync_p50_ms: self.shared.sync_durations.quantile_ms(0.5),
            sync_p99_ms: self.shared.sync_durations.quantile_ms(0.99),
            failure: self.failure(),
            last_seal_error: self
                .shared
                .last_seal_error
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
        }
    }

    fn failure(&self) -> Option<String> {
        lock_failure(&self.shared).clone()
    }
}

fn lock_failure(shared: &Shared) -> MutexGuard<'_, Option<String>> {
    shared.failure.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.shared.is_closing.store(true, Ordering::Release);
        self.queue = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the journal panicked");
            }
        }
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, JournalError> {
    thread::Builder::new()
        .name(name.into())
        .spawn(run)
        .map_err(JournalError::io(name))
}

fn seal_all(disk: &dyn Disk, root: &Path, to_seal: &std_mpsc::Receiver<PathBuf>, shared: &Shared) {
    // What could not be sealed is tried again with the next: the disk may have been full.
    let mut waiting = Vec::new();
    while let Ok(segment) = to_seal.recv() {
        waiting.push(segment);
        // What is left over is sealed at the next start: closing does not wait for compression.
        if shared.is_closing.load(Ordering::Acquire) {
            return;
        }
        let mut message = None;
        // In order, and none past one that could not be: readers take what is sealed for older than what is not.
        let sealed = waiting.iter().take_while(|segment| match seal(disk, root, segment) {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(segment = %segment.display(), %error, "could not seal; it stays as it is until the next is full");
                message = Some(error.to_string());
                false
            }
        });
        let sealed = sealed.count();
        waiting.drain(..sealed);
        *shared
            .last_seal_error
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = message;
    }
}

struct Segment {
    path: PathBuf,
    file: Box<dyn DiskFile>,
    /// Bytes that are durable.
    length: u64,
}

struct Writer {
    config: JournalConfig,
    disk: Arc<dyn Disk>,
    shared: Arc<Shared>,
    seal_queue: std_mpsc::Sender<PathBuf>,
    next_lsn: Lsn,
    /// The position of the last record. Not always the one before the next: a crash leaves some out.
    last_lsn: Lsn,
    marks: Marks,
    segment: Option<Segment>,
    buffer: Vec<u8>,
    on_commit: Box<dyn FnMut(Committed) + Send>,
}

impl Writer {
    fn run(mut self, mut waiting: mpsc::Receiver<Waiting>) {
        let mut group = Vec::new();
        while let Some(first) = waiting.blocking_recv() {
            let mut bytes = first.append.body.len();
            group.push(first);
            // Everything that came while the last sync ran goes into this one.
            while bytes < self.config.commit_bytes_max {
                let Ok(next) = waiting.try_recv() else { break };
                bytes += next.append.body.len();
                group.push(next);
            }
            self.commit(&mut group);
        }
        let is_failed = lock_failure(&self.shared).is_some();
        // Without any record since a crash, the stretch that it left out stays left out.
        if !is_failed
            && self.last_lsn + 1 == self.next_lsn
            && let Err(error) = self.marks.close(self.last_lsn)
        {
            tracing::warn!(%error, "could not mark the last position; some are left out at the next start");
        }
    }

    fn commit(&mut self, group: &mut Vec<Waiting>) {
        let group_bytes: u64 = group
            .iter()
            .map(|waiting| (waiting.append.body.len() + HEAD_BYTES) as u64)
            .sum();
        let first_lsn = self.next_lsn;
        let result = self.write(group);
        self.shared.queued_bytes.fetch_sub(group_bytes, Ordering::AcqRel);
        match result {
            Ok(()) => {
                self.last_lsn = self.next_lsn - 1;
                self.shared.durable_lsn.store(self.last_lsn, Ordering::Release);
                let mut lsn = first_lsn;
                for Waiting { append, reply } in group.drain(..) {
                    let first_lsn = lsn;
                    lsn += append.records.len() as u64;
                    let Append {
                        organization,
                        received_at,
                        records,
                        ..
                    } = append;
                    (self.on_commit)(Committed {
                        organization,
                        first_lsn,
                        received_at,
                        records,
                    });
                    // The submitter may have gone away; its records are in all the same.
                    let _ = reply.send(Ok(first_lsn));
                }
            }
            Err(failure) => {
                self.next_lsn = first_lsn;
                for waiting in group.drain(..) {
                    let _ = waiting.reply.send(Err(match &failure {
                        CommitFailure::DiskFull => JournalError::DiskFull,
                        CommitFailure::OutOfHandles => JournalError::OutOfHandles,
                        CommitFailure::Fatal(message) => JournalError::Failed(message.clone()),
                    }));
                }
            }
        }
    }

    /// Writes and syncs a group. After an error nothing of it is in the journal.
    fn write(&mut self, group: &[Waiting]) -> Result<(), CommitFailure> {
        if let Some(message) = lock_failure(&self.shared).clone() {
            return Err(CommitFailure::Fatal(message));
        }
        let count: u64 = group
            .iter()
            .map(|waiting| waiting.append.records.len() as u64)
            .sum();
        match self.marks.reserve(self.next_lsn + count - 1) {
            Ok(()) => {}
            Err(error) if is_disk_full(&error) => return Err(CommitFailure::DiskFull),
            Err(error) => return Err(self.fail(format!("positions could not be reserved: {error}"))),
        }
        self.rotate_if_full()?;
        self.buffer.clear();
        for Waiting { append, .. } in group {
            let head = Head {
                body_length: append.body.len() as u32,
                body_crc: append.body_crc,
                first_lsn: self.next_lsn,
                count: append.records.len() as u32,
                kind: FrameKind::Records as u8,
                received_at: append.received_at,
                organization: append.organization,
            };
            self.next_lsn += append.records.len() as u64;
            self.buffer.extend_from_slice(&head.encode());
            self.buffer.extend_from_slice(&append.body);
        }
        let Some(segment) = &mut self.segment else {
            return Err(CommitFailure::Fatal("there is no segment to write to".into()));
        };
        let written = reach(Point::JournalWrite).and_then(|()| segment.file.append(&self.buffer));
        if let Err(error) = written {
            let is_full = is_disk_full(&error);
            // Half a frame must not stay before the next one.
            return match segment.file.truncate(segment.length) {
                Ok(()) if is_full => Err(CommitFailure::DiskFull),
                _ => Err(self.fail(format!("writing failed: {error}"))),
            };
        }
        let started = Instant::now();
        let synced = reach(Point::JournalSync)
            .and_then(|()| segment.file.sync())
            .and_then(|()| reach(Point::JournalSynced));
        if let Err(error) = synced {
            return Err(self.fail(format!("a sync failed: {error}")));
        }
        let elapsed = started.elapsed();
        self.shared.sync_durations.record(elapsed);
        metrics::histogram!("tacho_journal_sync_seconds").record(elapsed.as_secs_f64());
        segment.length += self.buffer.len() as u64;
        self.shared.active_bytes.store(segment.length, Ordering::Release);
        Ok(())
    }

    fn rotate_if_full(&mut self) -> Result<(), CommitFailure> {
        match &self.segment {
            Some(segment) if segment.length < self.config.segment_bytes_max => return Ok(()),
            _ => {}
        }
        let path = active_path(&self.config.directory, self.next_lsn);
        let head = active_head(self.next_lsn, self.last_lsn);
        let made = self.disk.create(&path).and_then(|mut file| {
            file.append(&head)?;
            file.sync()?;
            reach(Point::JournalRotate)?;
            self.disk.sync_directory(&active_dir(&self.config.directory))?;
            Ok(file)
        });
        match made {
            Ok(file) => {
                let fresh = Segment {
                    path,
                    file,
                    length: head.len() as u64,
                };
                if let Some(full) = self.segment.replace(fresh) {
                    // Only fails when the sealer is gone, in which case the next start seals it.
                    let _ = self.seal_queue.send(full.path);
                }
                Ok(())
            }
            Err(error) if is_disk_full(&error) => {
                // Fails if it was never made, which is as well.
                let _ = self.disk.remove(&path);
                Err(CommitFailure::DiskFull)
            }
            Err(error) if is_out_of_handles(&error) => {
                let _ = self.disk.remove(&path);
                match self.segment {
                    // The full one grows on until there is a handle for the next.
                    Some(_) => Ok(()),
                    None => Err(CommitFailure::OutOfHandles),
                }
            }
            Err(error) => Err(self.fail(format!("a segment could not be made: {error}"))),
        }
    }

    fn fail(&self, message: String) -> CommitFailure {
        tracing::error!(message, "the journal has failed; nothing more is accepted");
        *lock_failure(&self.shared) = Some(message.clone());
        CommitFailure::Fatal(message)
    }
}

enum CommitFailure {
    DiskFull,
    OutOfHandles,
    Fatal(String),
}

/// Whether this process, or the machine, has as many files open as it may.
fn is_out_of_handles(error: &std::io::Error) -> bool {
    let code = error.raw_os_error().map(rustix::io::Errno::from_raw_os_error);
    matches!(code, Some(rustix::io::Errno::MFILE | rustix::io::Errno::NFILE))
}

fn is_disk_full(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
    )
}
