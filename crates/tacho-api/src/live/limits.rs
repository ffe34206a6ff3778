//! How much one user may have open.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use tacho_core::OrganizationId;
use tokio::sync::watch;

use crate::auth::Asker;
use crate::problem::Problem;
use crate::query_limit::LimitedBy;

/// What live connections may take up. 0 is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveRules {
    /// Connections of all together. Default 20,000.
    pub connections_max: usize,
    /// Connections of one user, or of one key that acts as nobody. Default 100.
    pub user_connections_max: usize,
    /// Subscriptions of one connection. Default 50.
    pub subscriptions_max: usize,
    /// Bytes of a message that a client sends. Default 64 KiB.
    pub message_bytes_max: usize,
    /// Messages that a client may send in ten seconds. Default 200.
    pub messages_max: u32,
    /// How often a connection is asked whether it lives; after two without an answer it is closed. Default 30 s.
    pub heartbeat: Duration,
    /// How often it is looked whether the credential still holds, and what it allows. Default 5 s.
    pub recheck: Duration,
    /// How long a client may take to say who it is. Default 5 s.
    pub auth_timeout: Duration,
    /// After which time a client that subscribes to nothing gets metrics. Default 1 s.
    pub default_after: Duration,
}

impl Default for LiveRules {
    fn default() -> Self {
        Self {
            connections_max: 20_000,
            user_connections_max: 100,
            subscriptions_max: 50,
            message_bytes_max: 64 * 1024,
            messages_max: 200,
            heartbeat: Duration::from_secs(30),
            recheck: Duration::from_secs(5),
            auth_timeout: Duration::from_secs(5),
            default_after: Duration::from_secs(1),
        }
    }
}

/// The connections that are open.
#[derive(Debug)]
pub(super) struct Connections {
    by_user: Mutex<HashMap<(OrganizationId, Option<LimitedBy>), usize>>,
    open: watch::Sender<usize>,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            by_user: Mutex::default(),
            open: watch::Sender::new(0),
        }
    }
}

/// A connection; it counts until it is dropped.
#[derive(Debug)]
pub(crate) struct Connected {
    connections: Arc<Connections>,
    who: (OrganizationId, Option<LimitedBy>),
}

impl super::Live {
    /// Counts a connection of the asker.
    pub(crate) fn connect(&self, asker: &Asker) -> Result<Connected, Problem> {
        let rules = self.rules();
        let connections = &self.0.connections;
        let who = (asker.organization.id, asker.limited_by());
        let mut by_user = connections.by_user.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |count: usize, max: usize| max > 0 && count >= max;
        let count = by_user.entry(who).or_insert(0);
        if is_full(*count, rules.user_connections_max)
            || is_full(*connections.open.borrow(), rules.connections_max)
        {
            metrics::counter!("tacho_live_refused_total").increment(1);
            return Err(Problem {
                retry_after: Some(Duration::from_secs(10)),
                ..Problem::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "too_many_connections",
                    "There are too many live connections. Close some, or try again later.",
                )
            });
        }
        *count += 1;
        connections.open.send_modify(|open| *open += 1);
        self.0.stats.connected();
        Ok(Connected {
            connections: Arc::clone(connections),
            who,
        })
    }
}

impl Connections {
    /// How many there are, and every change of it.
    pub(super) fn open(&self) -> watch::Receiver<usize> {
        self.open.subscribe()
    }

    /// Those of an organization, and of one asker in it.
    pub(super) fn of(&self, organization: OrganizationId, user: Option<LimitedBy>) -> (u64, u64) {
        let by_user = self.by_user.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut all, mut own) = (0, 0);
        for ((of, who), count) in by_user.iter().filter(|((of, _), _)| *of == organization) {
            all += *count as u64;
            if (*of, *who) == (organization, user) {
                own += *count as u64;
            }
        }
        (all, own)
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        let mut by_user = self
            .connections
            .by_user
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_user.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                by_user.remove(&self.who);
            }
        }
        self.connections.open.send_modify(|open| *open -= 1);
    }
}
