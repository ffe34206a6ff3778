//! Keeps a live state up with the store.

use std::sync::Arc;
use std::time::Duration;

use tacho_core::{Scope, Timestamp};
use tacho_live::Watch;
use tacho_store::QueryEngine;
use tokio::time::Instant;

/// How often the store is read anew at the most, while a state can't follow what is merged.
const READ_EVERY: Duration = Duration::from_secs(2);

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
        match self.engine.live_rows(&self.scope, load.query, now).await {
            Ok((lsn, rows)) => self.watch.read(load, lsn, &rows),
            Err(error) => {
                tracing::debug!(organization = %self.scope.organization(), %error, "live state could not be read; trying again");
                self.watch.could_not_read(load);
            }
        }
    }
}
