//! Keeps a live state up with the store.

use std::sync::Arc;
use std::time::Duration;

use tacho_core::{Scope, Timestamp};
use tacho_live::Watch;
use tacho_store::{EngineError, Lsn, QueryEngine};
use tokio::time::{Instant, sleep};

/// How often the store is read anew at the most, while a state can't follow what is merged.
const READ_EVERY: Duration = Duration::from_secs(2);

/// For how long it is waited that the store applies what was merged, and how often it is asked.
const APPLY_MAX: Duration = Duration::from_secs(10);
const APPLY_PAUSE: Duration = Duration::from_millis(20);

/// Reads what the store holds whenever a state has to begin with it.
#[derive(Clone)]
pub struct Follower {
    engine: QueryEngine,
    scope: Scope,
    watch: Arc<Watch>,
    read_at: Option<Instant>,
}

impl Follower {
    /// For a state that shows what the scope allows.
    pub fn new(engine: QueryEngine, scope: Scope, watch: Arc<Watch>) -> Self {
        Self {
            engine,
            scope,
            watch,
            read_at: None,
        }
    }

    /// The state's watch.
    pub fn watch(&self) -> &Arc<Watch> {
        &self.watch
    }

    /// The rows that the state shows.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Reads what the store holds, if the state has to begin with it. Must not be dropped before it is ready: others who watch
    /// the state wait for what it reads.
    pub async fn read(&mut self, now: Timestamp) {
        if self.read_at.is_some_and(|read_at| read_at.elapsed() < READ_EVERY) {
            return;
        }
        let Some(load) = self.watch.load() else { return };
        self.read_at = Some(Instant::now());
        let read = match self.reach(load.least_lsn).await {
            Ok(()) => self.engine.live_rows(&self.scope, load.query, now).await,
            Err(error) => Err(error),
        };
        match read {
            Ok((lsn, rows)) => self.watch.read(load, lsn, &rows),
            Err(error) => {
                tracing::debug!(organization = %self.scope.organization(), %error, "live state could not be read; trying again");
                self.watch.could_not_read(load);
            }
        }
    }

    /// Waits until the store has what was told before the state began to take what is merged.
    async fn reach(&self, lsn: Lsn) -> Result<(), EngineError> {
        let begun = Instant::now();
        while self.engine.applied_lsn(self.scope.organization()).await? < lsn && begun.elapsed() < APPLY_MAX {
            sleep(APPLY_PAUSE).await;
        }
        Ok(())
    }
}
