//! Detection: what goes wrong while it runs, found every few seconds, kept, and told to live pages.
//!
//! Each organization that has ever sent anything has a task of its own ([`guard`]), so that one that cannot be judged now
//! stops no other. What is wrong is judged by `tacho-live` and `tacho-analysis`; here it gets the state and the history to judge by
//! ([`learn`]), and what comes of it is written down ([`book`]). Executions that never say that they have ended are closed
//! ([`close`]).

mod board;
mod book;
mod close;
mod error;
mod guard;
mod learn;
mod supervise;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tacho_core::{OrganizationId, Timestamp};
use tacho_ingest::Ingest;
use tacho_live::Hub;
use tacho_metastore::Metastore;
use tacho_store::QueryEngine;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use self::board::Board;
pub use self::board::OpenDetections;
pub use self::error::DetectionError;

/// What may be set.
#[derive(Clone, Copy, Debug)]
pub struct DetectionConfig {
    /// Whether anything is looked for.
    pub is_enabled: bool,
    /// How long after one look the next follows.
    pub interval: Duration,
    /// How long nothing is heard of an execution without a timeout before it is closed.
    pub patience: Duration,
}

/// What it works with.
#[derive(Clone)]
pub struct DetectionParts {
    /// Where detections are kept.
    pub metastore: Metastore,
    /// The way in, on which executions are closed.
    pub ingest: Ingest,
    /// Knows what was usual.
    pub engine: QueryEngine,
    /// Knows what runs now.
    pub hub: Hub,
}

/// Detection. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Detections(Arc<Inner>);

struct Inner {
    board: Arc<Board>,
    stopping: watch::Sender<bool>,
    supervisor: Mutex<Option<JoinHandle<()>>>,
}

/// What every guard works with.
struct Shared {
    config: DetectionConfig,
    parts: DetectionParts,
    board: Arc<Board>,
    now: Box<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Shared {
    fn patience_us(&self) -> i64 {
        i64::try_from(self.config.patience.as_micros()).unwrap_or(i64::MAX)
    }
}

impl Detections {
    /// Begins to look, if that is set. If it is not, what is open is over: nobody would see it end.
    ///
    /// # Errors
    /// If the metastore does not answer.
    pub async fn start(
        config: DetectionConfig,
        parts: DetectionParts,
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Result<Self, DetectionError> {
        let board = Arc::<Board>::default();
        let stopping = watch::Sender::new(false);
        let supervisor = if config.is_enabled {
            let shared = Shared {
                config,
                parts,
                board: board.clone(),
                now: Box::new(now),
            };
            let stop = stopping.subscribe();
            Some(tokio::spawn(supervise::supervise(Arc::new(shared), stop)))
        } else {
            parts.metastore.end_all_detections(now()).await?;
            None
        };
        Ok(Self(Arc::new(Inner {
            board,
            stopping,
            supervisor: Mutex::new(supervisor),
        })))
    }

    /// Looks no more. Waits until what was found is written down.
    pub async fn stop(&self) {
        self.0.stopping.send_replace(true);
        let supervisor = self.0.supervisor.lock();
        let supervisor = supervisor.unwrap_or_else(PoisonError::into_inner).take();
        if let Some(supervisor) = supervisor {
            let _ = supervisor.await;
        }
    }

    /// What is wrong now in an organization, the last that was found first, and whenever that changes. Empty until it was
    /// looked at.
    pub fn open(&self, organization: OrganizationId) -> watch::Receiver<OpenDetections> {
        self.0.board.subscribe(organization)
    }
}
