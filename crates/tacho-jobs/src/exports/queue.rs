//! Whose turn it is: the oldest export of an asker of whom none is being written, as long as not too many are.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tacho_metastore::{Export, ExportOutcome, ExportState};

use super::write::{STORE_UNAVAILABLE, Unwritten, Written, expiry};
use super::{ExportsError, Inner, Running, lock};

/// How often files are looked for that were kept long enough, and what failed is tried again.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// How long an export waits for a store that is not whole. One that is made again can take longer.
const STORE_WAIT: Duration = Duration::from_secs(60);
const STORE_POLL: Duration = Duration::from_millis(250);
/// How often it is tried to remember how an export ended.
const REMEMBER_TRIES_MAX: u32 = 10;

/// Starts what may start whenever something changes, until it is told to stop and nothing runs.
pub(super) async fn dispatch(inner: Arc<Inner>) {
    loop {
        let is_stopping = inner.is_stopping.load(Ordering::Acquire);
        if is_stopping && lock(&inner.running).is_empty() {
            return;
        }
        if !is_stopping && let Err(error) = inner.look().await {
            tracing::error!(%error, "could not look after exports");
        }
        // Changes that came since the last look are not lost: the notice is kept until somebody waits for it.
        let _ = tokio::time::timeout(LOOK_EVERY, inner.changed.notified()).await;
    }
}

impl Inner {
    async fn look(self: &Arc<Self>) -> Result<(), ExportsError> {
        if self.metastore.expire_exports((self.now)()).await? {
            self.remove_orphans().await?;
        }
        for export in self.metastore.exports_in(ExportState::Queued).await? {
            if let Some(running) = self.take_turn(&export) {
                self.start(export, running).await;
            }
        }
        Ok(())
    }

    fn take_turn(&self, export: &Export) -> Option<Arc<Running>> {
        let mut all = lock(&self.running);
        let is_busy = all.len() >= self.config.running_max.max(1);
        if is_busy || all.values().any(|running| running.is_of_same_asker(export)) {
            return None;
        }
        let running = Arc::new(Running::of(export));
        all.insert(export.id, running.clone());
        Some(running)
    }

    async fn start(self: &Arc<Self>, export: Export, running: Arc<Running>) {
        match self.metastore.start_export(export.id, (self.now)()).await {
            Ok(true) => {
                let inner = self.clone();
                tokio::spawn(async move { inner.run(export, running).await });
            }
            // It was cancelled, or cannot be started now.
            not_started => {
                lock(&self.running).remove(&export.id);
                if let Err(error) = not_started {
                    tracing::error!(%error, export = %export.id, "could not start an export");
                }
            }
        }
    }

    async fn run(self: Arc<Self>, export: Export, running: Arc<Running>) {
        let started = std::time::Instant::now();
        let outcome = self.write_when_there_is_a_store(&export, &running).await;
        let is_stopping = self.is_stopping.load(Ordering::Acquire);
        tracing::info!(
            export = %export.id, organization = %export.organization_id,
            state = match &outcome { Ok(_) => "done", Err(Unwritten::Stopped) => "stopped", Err(_) => "failed" },
            rows = running.rows_written.load(Ordering::Acquire),
            bytes = running.bytes.load(Ordering::Acquire),
            elapsed_ms = started.elapsed().as_secs_f64() * 1000.0,
            "export"
        );
        let outcome = match outcome {
            Ok(Written {
                rows,
                bytes,
                as_of_lsn,
            }) => Some(ExportOutcome::Done {
                rows,
                bytes,
                as_of_lsn,
                expires_at: expiry((self.now)(), self.config.keep),
            }),
            Err(Unwritten::Failed(code, message)) => Some(ExportOutcome::Failed { code, message }),
            // It begins anew with the next process.
            Err(Unwritten::Stopped) if is_stopping => None,
            // Nobody remembers it as running if its asker cancelled it; else the store was set aside.
            Err(Unwritten::Stopped) => Some(ExportOutcome::Failed {
                code: STORE_UNAVAILABLE,
                message: "The store is being made anew. Try again later.".to_owned(),
            }),
        };
        if let Some(outcome) = outcome {
            self.remember(&export, &outcome).await;
        }
        lock(&self.running).remove(&export.id);
        self.changed.notify_one();
    }

    /// Waits for a store that lacks something yet, as one does after a start.
    async fn write_when_there_is_a_store(
        self: &Arc<Self>,
        export: &Export,
        running: &Arc<Running>,
    ) -> Result<Written, Unwritten> {
        let started = std::time::Instant::now();
        loop {
            let outcome = self.write(export, running).await;
            match outcome {
                Err(Unwritten::Failed(STORE_UNAVAILABLE, _)) if running.stop.is_stopped() => {
                    return Err(Unwritten::Stopped);
                }
                Err(Unwritten::Failed(STORE_UNAVAILABLE, _)) if started.elapsed() < STORE_WAIT => {
                    tokio::time::sleep(STORE_POLL).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn remember(&self, export: &Export, outcome: &ExportOutcome) {
        for _ in 0..REMEMBER_TRIES_MAX {
            match self
                .metastore
                .finish_export(export.id, outcome, (self.now)())
                .await
            {
                Ok(true) => return,
                Ok(false) => {
                    if let Err(error) = self.files.remove(export.organization_id, export.id).await {
                        tracing::warn!(%error, export = %export.id, "could not remove the file of an export");
                    }
                    return;
                }
                Err(error) => {
                    tracing::error!(%error, export = %export.id, "could not remember how an export ended");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }
}
