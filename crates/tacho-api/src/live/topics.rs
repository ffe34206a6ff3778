//! What is watched now. A topic lives as long as somebody watches it, and its feed with it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::channel::Channel;
use super::feed;
use super::topic::Topic;
use crate::AppState;
use crate::auth::Asker;
use crate::problem::Problem;

/// Topics of all together; each has a task.
const TOPICS_MAX: usize = 5_000;

#[derive(Default)]
pub(super) struct Topics {
    by_key: Mutex<HashMap<String, Arc<Topic>>>,
    made: AtomicU64,
}

impl Topics {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Topic>>> {
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn list(&self) -> Vec<Arc<Topic>> {
        self.lock().values().cloned().collect()
    }

    /// Forgets a topic that nobody watches any more. Asked by its feed, which then ends.
    pub(super) fn forget(&self, key: &str) -> bool {
        let mut topics = self.lock();
        let is_idle = topics.get(key).is_none_or(|topic| topic.subscribers() == 0);
        if is_idle {
            topics.remove(key);
        }
        is_idle
    }
}

/// Watches a channel as somebody sees it, together with all who see the same.
pub(crate) fn join(
    state: &AppState,
    asker: &Asker,
    channel: &Channel,
) -> Result<(Arc<Topic>, watch::Receiver<()>), Problem> {
    let topics = &state.live.0.topics;
    let scope = asker.scope();
    let zone = asker.zone().iana_name().unwrap_or_default();
    let key = format!(
        "{} {:?} {zone} {}",
        scope.organization(),
        scope.rows(),
        channel.identity()
    );
    let mut by_key = topics.lock();
    if let Some(topic) = by_key.get(&key) {
        return Ok((Arc::clone(topic), topic.subscribe()));
    }
    let busy = || {
        Problem::new(
            axum::http::StatusCode::SERVICE_UNAVAILABLE,
            "too_many_topics",
            "Too many different things are watched live. Try again later, or ask now and then instead.",
        )
    };
    if by_key.len() >= TOPICS_MAX {
        return Err(busy());
    }
    let watched = state.live.0.hub.watch(scope).map_err(|_| busy())?;
    // Made later, it is greater; after a restart too, as long as fewer are made than microseconds pass.
    let made = topics.made.fetch_add(1, Ordering::Relaxed);
    let epoch = state.started_at.as_micros().unsigned_abs() + made;
    let topic = feed::start(state, asker, channel, watched, key.clone(), epoch);
    let changes = topic.subscribe();
    by_key.insert(key, Arc::clone(&topic));
    Ok((topic, changes))
}
