//! `getCacheStats` (FR-007): the cache of answers.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::date::Date;
use super::rates::to_tenths;
use super::{Context, Issue, Procedure};
use crate::problem::Result;

/// `getCacheStats`.
pub(crate) struct CacheStats;

/// How the cache of answers is.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CacheStatsResult {
    /// Whether answers are kept and found again.
    is_available: bool,
    /// Where they are kept.
    backend: CacheBackend,
    /// How often a connection that was lost has been tried again.
    reconnect_attempts: u64,
    /// How it was found just now.
    health_check: HealthCheck,
    /// What is wrong with it.
    #[schema(required)]
    error: Option<String>,
    /// Requests answered from it.
    hits: u64,
    /// Requests that were not.
    misses: u64,
    /// Hits in percent of both, to one decimal; null without any.
    #[schema(required)]
    hit_rate: Option<f64>,
    /// What it holds.
    #[schema(required)]
    entries: Option<u64>,
    /// About how much memory that takes.
    #[schema(required)]
    memory_bytes: Option<u64>,
    /// For how long answers are kept at most.
    ttl_seconds: u64,
}

/// Where answers are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CacheBackend {
    /// In the process.
    Memory,
    /// Nowhere.
    None,
}

/// How the cache was found.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HealthCheck {
    /// Whether it answers.
    status: CacheHealth,
    /// How long that took, in milliseconds.
    #[schema(required)]
    latency_ms: Option<f64>,
    /// When.
    checked_at: Date,
}

/// Whether the cache answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CacheHealth {
    Healthy,
    Unhealthy,
}

impl Procedure for CacheStats {
    const NAME: &'static str = "getCacheStats";
    const DATES: &'static [&'static str] = &["healthCheck.checkedAt"];
    type Input = ();
    type Output = CacheStatsResult;

    fn read(_: Option<&Value>) -> Result<(), Vec<Issue>> {
        Ok(())
    }

    async fn answer(context: &Context<'_>, (): ()) -> Result<Self::Output> {
        let engine = &context.state.engine;
        let began = std::time::Instant::now();
        let stats = engine.cache_stats();
        let elapsed = began.elapsed();
        let is_available = stats.is_some();
        let stats_or_none = stats.unwrap_or_default();
        let asked = stats_or_none.hits + stats_or_none.misses;
        Ok(CacheStatsResult {
            is_available,
            backend: match is_available {
                true => CacheBackend::Memory,
                false => CacheBackend::None,
            },
            reconnect_attempts: 0,
            health_check: HealthCheck {
                status: match is_available {
                    true => CacheHealth::Healthy,
                    false => CacheHealth::Unhealthy,
                },
                latency_ms: is_available.then(|| elapsed.as_secs_f64() * 1000.0),
                checked_at: Date(context.now),
            },
            error: (!is_available).then(|| "No answers are kept: [query] cache_bytes_max is 0.".to_owned()),
            hits: stats_or_none.hits,
            misses: stats_or_none.misses,
            hit_rate: (asked > 0).then(|| to_tenths(stats_or_none.hits as f64 / asked as f64 * 100.0)),
            entries: is_available.then_some(stats_or_none.entries),
            memory_bytes: is_available.then_some(stats_or_none.bytes),
            ttl_seconds: stats_or_none.life.as_secs(),
        })
    }
}
