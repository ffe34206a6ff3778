//! How the server is, in figures. Counters run since the process started; sizes are bytes.

use std::collections::BTreeMap;

use serde::Serialize;
use tacho_core::Timestamp;
use tacho_store::{CacheStats, SharedCacheStatus};
use utoipa::ToSchema;

use crate::live::Figures;

/// How the server is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct System {
    #[schema(value_type = String, example = "0.1.0")]
    pub(crate) version: &'static str,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) started_at: Timestamp,
    pub(crate) journal: JournalState,
    pub(crate) store: StoreState,
    pub(crate) ingest: IngestState,
    pub(crate) disk: DiskState,
    pub(crate) dead_letters: DeadLetterCount,
    pub(crate) conflicts: Conflicts,
    /// Answers that are kept for those who ask the same, of all organizations; null if none are.
    #[schema(required)]
    pub(crate) query_cache: Option<QueryCache>,
    pub(crate) live: LiveState,
}

/// Live connections, of all organizations.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LiveState {
    /// Those that are open.
    pub(crate) connections: u64,
    /// Those that were ever made.
    pub(crate) connections_total: u64,
    /// Subscriptions of all of them.
    pub(crate) subscriptions: u64,
    /// Different things that are watched.
    pub(crate) topics: u64,
    /// Frames sent.
    pub(crate) frames_total: u64,
    /// Over the last ten seconds.
    pub(crate) frames_per_second: f64,
    /// Frames that slow clients did not get, since there was a newer one.
    pub(crate) frames_skipped_total: u64,
    /// Median time from making a frame to having it written, of recent ones, in milliseconds; null before the first.
    #[schema(required)]
    pub(crate) send_p50_ms: Option<f64>,
    /// The same, 99th percentile.
    #[schema(required)]
    pub(crate) send_p99_ms: Option<f64>,
}

impl From<Figures> for LiveState {
    fn from(figures: Figures) -> Self {
        Self {
            connections: figures.connections,
            connections_total: figures.connected,
            subscriptions: figures.subscriptions,
            topics: figures.topics,
            frames_total: figures.frames,
            frames_per_second: figures.frames_per_second,
            frames_skipped_total: figures.skipped,
            send_p50_ms: figures.send_p50_ms,
            send_p99_ms: figures.send_p99_ms,
        }
    }
}

/// Answers that are kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct QueryCache {
    /// Batches of questions that were answered from it, or together with another that was under way.
    pub(crate) hits: u64,
    /// Batches that had to be read.
    pub(crate) misses: u64,
    /// Batches whose answers are kept.
    pub(crate) entries: u64,
    /// About how many bytes they take.
    pub(crate) bytes: u64,
    /// The Redis in which they are kept too; null if none is set.
    #[schema(required)]
    pub(crate) redis: Option<RedisState>,
}

/// The Redis in which answers are kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RedisState {
    /// Whether it is connected. If not, answers are kept in memory alone: slower after a while, never wrong.
    pub(crate) is_connected: bool,
    /// How often a connection that was lost, or could not be made, has been tried again.
    pub(crate) reconnect_attempts: u64,
    /// What is wrong with it.
    #[schema(required)]
    pub(crate) error: Option<String>,
    /// Batches of questions that were answered from it.
    pub(crate) hits: u64,
}

impl QueryCache {
    pub(crate) fn new(stats: CacheStats, redis: Option<SharedCacheStatus>) -> Self {
        Self {
            redis: redis.map(|redis| RedisState {
                is_connected: redis.is_connected,
                reconnect_attempts: redis.reconnect_attempts,
                error: redis.error,
                hits: stats.shared_hits,
            }),
            hits: stats.hits,
            misses: stats.misses,
            entries: stats.entries,
            bytes: stats.bytes,
        }
    }
}

/// The journal, of all organizations.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct JournalState {
    /// The position of the last record.
    pub(crate) last_lsn: u64,
    pub(crate) bytes: u64,
    pub(crate) segments_active: u64,
    pub(crate) segments_sealed: u64,
    /// When the oldest record in it was accepted; null while that is not known.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub(crate) oldest_at: Option<Timestamp>,
    /// Median of recent syncs, in milliseconds; null before the first.
    #[schema(required)]
    pub(crate) fsync_p50_ms: Option<f64>,
    /// 99th percentile of recent syncs, in milliseconds; null before the first.
    #[schema(required)]
    pub(crate) fsync_p99_ms: Option<f64>,
    /// Commits since the process started.
    pub(crate) commits: u64,
    /// Damaged places found when it was opened.
    pub(crate) damages: u64,
}

/// How a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StoreCondition {
    Open,
    Rebuilding,
    Degraded,
}

impl From<tacho_store::StoreState> for StoreCondition {
    fn from(state: tacho_store::StoreState) -> Self {
        match state {
            tacho_store::StoreState::Open => StoreCondition::Open,
            tacho_store::StoreState::Rebuilding => StoreCondition::Rebuilding,
            tacho_store::StoreState::Degraded => StoreCondition::Degraded,
        }
    }
}

/// The store of the asker's organization.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct StoreState {
    pub(crate) state: StoreCondition,
    /// The position up to which it has all records.
    pub(crate) applied_lsn: u64,
    /// The position up to which records are counted in rollups; later ones are read row by row.
    pub(crate) rollup_lsn: u64,
    /// Records of the organization that are in the journal and not in it.
    pub(crate) lag_records: u64,
    /// How long the oldest of them has waited, in milliseconds.
    pub(crate) lag_ms: f64,
    pub(crate) bytes: u64,
    /// Rows per type of record.
    pub(crate) rows: BTreeMap<String, u64>,
    /// How much of it has been made again, 0 to 1; null if it is not being rebuilt.
    #[schema(required)]
    pub(crate) rebuild_progress: Option<f64>,
    /// What went wrong last.
    #[schema(required)]
    pub(crate) last_error: Option<String>,
}

/// Ingest of the asker's organization.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct IngestState {
    pub(crate) accepted_total: u64,
    pub(crate) rejected_total: u64,
    /// Records that said nothing new.
    pub(crate) duplicates_total: u64,
    /// Over the last ten seconds.
    pub(crate) accepted_per_second: f64,
    /// Records that are durable and wait for the store.
    pub(crate) queue_records: u64,
    /// How many may wait before requests are answered 503.
    pub(crate) queue_limit: u64,
    /// Why nothing is accepted; null while something is.
    #[schema(required)]
    pub(crate) stopped_reason: Option<String>,
}

/// The disk under the data.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct DiskState {
    pub(crate) free_bytes: u64,
    pub(crate) total_bytes: u64,
    /// Below this many free bytes nothing is accepted.
    pub(crate) stop_below_bytes: u64,
}

/// Dead letters of the asker's organization.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct DeadLetterCount {
    /// Waiting to be mended.
    pub(crate) open: u64,
    /// Thrown away while open, because there were too many.
    pub(crate) dropped: u64,
}

/// Things about which senders contradict each other.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct Conflicts {
    pub(crate) total: u64,
    /// The newest of them.
    pub(crate) recent: Vec<Conflict>,
}

/// A thing about which senders contradict each other; the greater value counts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Conflict {
    /// Its type.
    #[serde(rename = "type")]
    #[schema(example = "execution")]
    pub(crate) record_type: String,
    pub(crate) id: String,
    pub(crate) attempt: u32,
    /// The fields that differ.
    pub(crate) fields: Vec<String>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub(crate) event_time: Option<Timestamp>,
}
