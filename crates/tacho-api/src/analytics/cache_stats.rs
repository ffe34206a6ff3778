//! `getCacheStats` (FR-007): the cache of answers.

use std::time::Instant;

use serde::Serialize;
use serde_json::Value;
use tacho_core::Timestamp;
use tacho_store::SharedCacheStatus;
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
    /// In Redis, and in the process in front of it.
    Redis,
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
        let began = Instant::now();
        let Some(stats) = engine.cache_stats() else {
            return Ok(nothing_kept(context.now));
        };
        let (backend, check, status) = match engine.shared_cache() {
            Some(shared) => (CacheBackend::Redis, shared.check().await, shared.status()),
            None => (
                CacheBackend::Memory,
                Ok(began.elapsed()),
                SharedCacheStatus::default(),
            ),
        };
        let asked = stats.hits + stats.misses;
        Ok(CacheStatsResult {
            is_available: check.is_ok(),
            backend,
            reconnect_attempts: status.reconnect_attempts,
            health_check: HealthCheck {
                status: match check {
                    Ok(_) => CacheHealth::Healthy,
                    Err(_) => CacheHealth::Unhealthy,
                },
                latency_ms: check.as_ref().ok().map(|latency| latency.as_secs_f64() * 1000.0),
                checked_at: Date(context.now),
            },
            error: check.err(),
            hits: stats.hits,
            misses: stats.misses,
            hit_rate: (asked > 0).then(|| to_tenths(stats.hits as f64 / asked as f64 * 100.0)),
            entries: Some(stats.entries),
            memory_bytes: Some(stats.bytes),
            ttl_seconds: stats.life.as_secs(),
        })
    }
}

fn nothing_kept(now: Timestamp) -> CacheStatsResult {
    CacheStatsResult {
        is_available: false,
        backend: CacheBackend::None,
        reconnect_attempts: 0,
        health_check: HealthCheck {
            status: CacheHealth::Unhealthy,
            latency_ms: None,
            checked_at: Date(now),
        },
        error: Some("No answers are kept: [query] cache_bytes_max or [cache] ttl_seconds is 0.".to_owned()),
        hits: 0,
        misses: 0,
        hit_rate: None,
        entries: None,
        memory_bytes: None,
        ttl_seconds: 0,
    }
}
