//! How live connections are.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tacho_core::OrganizationId;
use tacho_ingest::rate::Rate;

use super::Live;
use crate::query_limit::LimitedBy;

/// Frames whose way to the client is remembered.
const RECENT: usize = 1_024;

pub(super) struct Stats {
    connected: AtomicU64,
    frames: AtomicU64,
    skipped: AtomicU64,
    rate: Rate,
    /// Microseconds from making a frame to having it written.
    recent_us: Box<[AtomicU32]>,
    /// Looked up once: frames are many.
    seconds: OnceLock<metrics::Histogram>,
}

impl Default for Stats {
    fn default() -> Self {
        Self {
            connected: AtomicU64::new(0),
            frames: AtomicU64::new(0),
            skipped: AtomicU64::new(0),
            rate: Rate::default(),
            recent_us: (0..RECENT).map(|_| AtomicU32::new(u32::MAX)).collect(),
            seconds: OnceLock::new(),
        }
    }
}

/// Figures of live connections. Counters run since the start.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    /// Connections that were ever made.
    pub(crate) connected: u64,
    /// Those that are open.
    pub(crate) connections: u64,
    /// Of all connections.
    pub(crate) subscriptions: u64,
    /// Different things that are subscribed to.
    pub(crate) topics: u64,
    pub(crate) frames: u64,
    pub(crate) frames_per_second: f64,
    /// Frames that slow clients did not get, since a newer one was there.
    pub(crate) skipped: u64,
    /// Time from making a frame to having it written, of recent ones.
    pub(crate) send_p50_ms: Option<f64>,
    pub(crate) send_p99_ms: Option<f64>,
}

impl Stats {
    pub(super) fn connected(&self) {
        self.connected.fetch_add(1, Ordering::Relaxed);
    }

    /// A frame was written, so long after it was made; none for one that was there before the client.
    pub(super) fn sent(&self, after: Option<Duration>) {
        self.rate.add(1);
        let number = self.frames.fetch_add(1, Ordering::Relaxed);
        let Some(after) = after else { return };
        let micros = u32::try_from(after.as_micros()).unwrap_or(u32::MAX - 1);
        self.recent_us[number as usize % RECENT].store(micros, Ordering::Relaxed);
        let seconds = self
            .seconds
            .get_or_init(|| metrics::histogram!("tacho_live_send_seconds"));
        seconds.record(after.as_secs_f64());
    }

    pub(super) fn skipped(&self, count: u64) {
        if count > 0 {
            self.skipped.fetch_add(count, Ordering::Relaxed);
        }
    }
}

impl Live {
    pub(crate) fn figures(&self) -> Figures {
        let stats = &self.0.stats;
        let mut recent: Vec<u32> = stats
            .recent_us
            .iter()
            .map(|micros| micros.load(Ordering::Relaxed))
            .filter(|micros| *micros != u32::MAX)
            .collect();
        recent.sort_unstable();
        let at = |share: f64| {
            let last = recent.len().checked_sub(1)?;
            Some(f64::from(recent[(last as f64 * share).round() as usize]) / 1000.0)
        };
        let topics = self.0.topics.list();
        Figures {
            connected: stats.connected.load(Ordering::Relaxed),
            connections: *self.0.connections.open().borrow() as u64,
            subscriptions: topics.iter().map(|topic| topic.subscribers() as u64).sum(),
            topics: topics.len() as u64,
            frames: stats.frames.load(Ordering::Relaxed),
            frames_per_second: stats.rate.per_second(),
            skipped: stats.skipped.load(Ordering::Relaxed),
            send_p50_ms: at(0.5),
            send_p99_ms: at(0.99),
        }
    }

    /// Connections of an organization, and of one asker in it.
    pub(crate) fn connections_of(&self, organization: OrganizationId, user: Option<LimitedBy>) -> (u64, u64) {
        self.0.connections.of(organization, user)
    }

    /// What kinds of things an organization subscribes to, and how often. Which workflows is not told: not everybody may know.
    pub(crate) fn channels_of(&self, organization: OrganizationId) -> Vec<(String, u64)> {
        let mut channels = std::collections::BTreeMap::new();
        let topics = self.0.topics.list();
        for topic in topics.iter().filter(|topic| topic.organization == organization) {
            let kind = topic.name.split(':').next().unwrap_or_default();
            *channels.entry(kind.to_owned()).or_insert(0) += topic.subscribers() as u64;
        }
        channels
            .into_iter()
            .filter(|(_, subscribers)| *subscribers > 0)
            .collect()
    }
}
