//! Exports: files of rows that somebody asked for and fetches later.
//!
//! The metastore remembers them, so that those that wait outlive the process; those that run begin anew after it. Each asker
//! has one running at a time, all askers together a few. A file is written under another name until it is whole.

mod answer;
mod error;
mod files;
mod output;
mod queue;
mod task;
mod write;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tacho_core::{OrganizationId, Timestamp};
use tacho_metastore::{Export, ExportId, ExportMaker, ExportState, Metastore};
use tacho_store::{QueryEngine, Stop};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

pub use self::answer::write_answer;
pub use self::error::ExportsError;
use self::files::Files;
pub use self::task::{Compression, ExportFormat, ExportOf, ExportTask};

/// What may be set.
#[derive(Clone, Debug)]
pub struct ExportsConfig {
    /// The folder of the files.
    pub directory: PathBuf,
    /// How long a file is kept.
    pub keep: Duration,
    /// Exports that are written at a time.
    pub running_max: usize,
    /// Bytes of all files together, those that are being written included.
    pub bytes_max: u64,
    /// Free bytes of the disk below which no export is written on.
    pub disk_reserve_bytes: u64,
}

/// Exports. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Exports(Arc<Inner>);

struct Inner {
    config: ExportsConfig,
    files: Files,
    metastore: Metastore,
    engine: QueryEngine,
    now: Box<dyn Fn() -> Timestamp + Send + Sync>,
    running: Mutex<HashMap<ExportId, Arc<Running>>>,
    /// Something has changed: one came, ended or was cancelled.
    changed: Notify,
    is_stopping: AtomicBool,
    dispatcher: Mutex<Option<JoinHandle<()>>>,
}

/// Rows are not counted yet.
const NOT_COUNTED: u64 = u64::MAX;

/// One that is being written.
struct Running {
    organization: OrganizationId,
    maker: ExportMaker,
    stop: Stop,
    rows_expected: AtomicU64,
    rows_written: AtomicU64,
    bytes: AtomicU64,
}

impl Running {
    fn of(export: &Export) -> Self {
        Self {
            organization: export.organization_id,
            maker: export.maker,
            stop: Stop::default(),
            rows_expected: AtomicU64::new(NOT_COUNTED),
            rows_written: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    fn is_of_same_asker(&self, export: &Export) -> bool {
        self.organization == export.organization_id && self.maker == export.maker
    }
}

/// An export as of now.
#[derive(Clone, Debug)]
pub struct ExportStatus {
    /// What is remembered of it, with how far it is.
    pub export: Export,
    /// What is to be written.
    pub task: ExportTask,
    /// If it waits: its place among those of its asker that wait, from 1.
    pub position: Option<u32>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Exports {
    /// Begins to work on what waits. Those that ran when the last process ended wait again, files that are nobody's are
    /// removed.
    ///
    /// # Errors
    /// If the folder or the metastore do not answer.
    pub async fn start(
        config: ExportsConfig,
        metastore: Metastore,
        engine: QueryEngine,
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Result<Self, ExportsError> {
        metastore.requeue_exports().await?;
        let files = Files::open(config.directory.clone())?;
        let exports = Self(Arc::new(Inner {
            config,
            files,
            metastore,
            engine,
            now: Box::new(now),
            running: Mutex::default(),
            changed: Notify::new(),
            is_stopping: AtomicBool::new(false),
            dispatcher: Mutex::default(),
        }));
        exports.0.remove_orphans().await?;
        let inner = exports.0.clone();
        *lock(&exports.0.dispatcher) = Some(tokio::spawn(queue::dispatch(inner)));
        Ok(exports)
    }

    /// Stops those that run, which begin anew with the next process, and starts no more. Waits until they have stopped.
    pub async fn stop(&self) {
        self.0.is_stopping.store(true, Ordering::Release);
        for running in lock(&self.0.running).values() {
            running.stop.stop();
        }
        self.0.changed.notify_one();
        let dispatcher = lock(&self.0.dispatcher).take();
        if let Some(dispatcher) = dispatcher {
            let _ = dispatcher.await;
        }
    }

    /// Takes an export that was [checked](ExportTask::check) into the queue.
    ///
    /// # Errors
    /// If its asker has too many waiting already.
    pub async fn submit(
        &self,
        organization: OrganizationId,
        maker: ExportMaker,
        task: &ExportTask,
    ) -> Result<ExportStatus, ExportsError> {
        let metastore = &self.0.metastore;
        let text = task.to_text()?;
        let export = metastore
            .create_export(organization, maker, &text, (self.0.now)())
            .await?;
        self.0.changed.notify_one();
        self.get(organization, Some(maker), export.id).await
    }

    /// The newest exports of an asker, or of the whole organization, newest first.
    ///
    /// # Errors
    /// If the metastore does not answer.
    pub async fn list(
        &self,
        organization: OrganizationId,
        maker: Option<ExportMaker>,
    ) -> Result<Vec<ExportStatus>, ExportsError> {
        let exports = self.0.metastore.exports(organization, maker).await?;
        let mut waiting: HashMap<ExportMaker, u32> = HashMap::new();
        // Newest come first, and the oldest are next.
        let mut list = Vec::with_capacity(exports.len());
        for export in exports.into_iter().rev() {
            let export = self.0.as_of_now(export);
            let position = (export.state == ExportState::Queued).then(|| {
                let position = waiting.entry(export.maker).or_default();
                *position += 1;
                *position
            });
            list.push(ExportStatus {
                task: ExportTask::from_text(&export.task)?,
                export,
                position,
            });
        }
        list.reverse();
        Ok(list)
    }

    /// One export, of that asker if one is named.
    ///
    /// # Errors
    /// If there is none.
    pub async fn get(
        &self,
        organization: OrganizationId,
        maker: Option<ExportMaker>,
        id: ExportId,
    ) -> Result<ExportStatus, ExportsError> {
        let export = self.0.find(organization, maker, id).await?;
        let export = self.0.as_of_now(export);
        let position = match export.state {
            ExportState::Queued => {
                let waiting = self.0.metastore.exports_in(ExportState::Queued).await?;
                let is_before = |other: &&Export| {
                    (other.organization_id, other.maker) == (organization, export.maker) && other.id < id
                };
                Some(waiting.iter().filter(is_before).count() as u32 + 1)
            }
            _ => None,
        };
        Ok(ExportStatus {
            task: ExportTask::from_text(&export.task)?,
            export,
            position,
        })
    }

    /// Cancels one that waits or runs; forgets one that has ended, and removes its file.
    ///
    /// # Errors
    /// If there is none.
    pub async fn remove(
        &self,
        organization: OrganizationId,
        maker: Option<ExportMaker>,
        id: ExportId,
    ) -> Result<(), ExportsError> {
        let export = self.0.find(organization, maker, id).await?;
        if export.state.is_under_way() && self.0.metastore.cancel_export(id, (self.0.now)()).await? {
            if let Some(running) = lock(&self.0.running).get(&id) {
                running.stop.stop();
            }
            self.0.changed.notify_one();
            return Ok(());
        }
        // It may have ended just now.
        if self.0.metastore.delete_export(id).await? {
            self.0.files.remove(organization, id).await?;
        }
        Ok(())
    }

    /// The file of one that is done, of that asker.
    ///
    /// # Errors
    /// If there is none, or it is not done, or not kept any more.
    pub async fn file(
        &self,
        organization: OrganizationId,
        maker: ExportMaker,
        id: ExportId,
    ) -> Result<(PathBuf, ExportStatus), ExportsError> {
        let status = self.get(organization, Some(maker), id).await?;
        match status.export.state {
            ExportState::Done => {
                let extension = status.task.extension();
                Ok((self.0.files.path(organization, id, &extension), status))
            }
            state => Err(ExportsError::NoFile(state)),
        }
    }
}

impl Inner {
    async fn find(
        &self,
        organization: OrganizationId,
        maker: Option<ExportMaker>,
        id: ExportId,
    ) -> Result<Export, ExportsError> {
        match self.metastore.export(organization, id).await {
            Ok(export) if maker.is_none_or(|maker| maker == export.maker) => Ok(export),
            Ok(_) | Err(tacho_metastore::Error::NotFound(_)) => Err(ExportsError::NotFound),
            Err(error) => Err(error.into()),
        }
    }

    /// With how far it is, and expired if its time is over.
    fn as_of_now(&self, mut export: Export) -> Export {
        if let Some(running) = lock(&self.running).get(&export.id)
            && export.state == ExportState::Running
        {
            let expected = running.rows_expected.load(Ordering::Acquire);
            export.rows_expected = (expected != NOT_COUNTED).then_some(expected);
            export.rows_written = running.rows_written.load(Ordering::Acquire);
            export.bytes = running.bytes.load(Ordering::Acquire);
        }
        let is_over = export.expires_at.is_some_and(|at| at <= (self.now)());
        if export.state == ExportState::Done && is_over {
            export.state = ExportState::Expired;
        }
        export
    }

    /// Removes files that belong to no export that is done or runs.
    async fn remove_orphans(&self) -> Result<(), ExportsError> {
        // In this order: whatever has a file and runs or is done by now, is found by one of the two.
        let found = self.files.list().await?;
        let running: Vec<ExportId> = lock(&self.running).keys().copied().collect();
        let done = self.metastore.exports_in(ExportState::Done).await?;
        for file in found {
            let is_wanted = file
                .export
                .is_some_and(|id| running.contains(&id) || done.iter().any(|export| export.id == id));
            if !is_wanted {
                self.files.remove_file(&file).await?;
            }
        }
        Ok(())
    }
}
