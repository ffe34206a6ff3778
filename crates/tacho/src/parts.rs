//! Puts the parts together: which adapter stands behind which trait, and with what limits.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use tacho_cache_redis::RedisCache;
use tacho_core::Timestamp;
use tacho_ingest::journal::disk::RealDisk;
use tacho_ingest::{Ingest, IngestConfig};
use tacho_jobs::detection::{DetectionConfig, DetectionParts, Detections};
use tacho_jobs::exports::{Exports, ExportsConfig};
use tacho_metastore::{Metastore, Organization};
use tacho_query::dialect::DuckDb;
use tacho_store::{EngineConfig, QueryEngine, SharedCache, Store, Watcher};
use tacho_store_duckdb::{DuckDbConfig, DuckDbStore};

use crate::data_dir::DataDir;
use crate::settings::Settings;
use crate::zones::Zones;

/// The machine's time.
pub(crate) fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

/// Opens people and configuration.
pub(crate) async fn open_metastore(settings: &Settings) -> anyhow::Result<(DataDir, Metastore)> {
    let data = DataDir(settings.data_dir.clone());
    data.create()
        .with_context(|| format!("could not make the data directory {}", data.0.display()))?;
    if data.unfinished_restore().exists() {
        anyhow::bail!(
            "a restore into {} has not ended; if it was cut off, run it again",
            data.0.display()
        );
    }
    let path = data.metastore();
    let metastore = Metastore::open(&path)
        .await
        .with_context(|| format!("could not open {}", path.display()))?;
    Ok((data, metastore))
}

/// Opens a store in a folder.
pub(crate) async fn open_store(
    settings: &Settings,
    directory: std::path::PathBuf,
    metastore: &Metastore,
) -> anyhow::Result<Arc<dyn Store>> {
    let zones = Zones::follow(metastore).await?;
    let config = DuckDbConfig {
        directory,
        memory_bytes: settings.store.memory_bytes,
        threads: settings.store.threads,
        open_files_max: settings.store.open_files_max,
        cells_after: DuckDbConfig::CELLS_AFTER,
        tidy_min: DuckDbConfig::TIDY_MIN,
        quarter_hours_days: settings.store.quarter_hours_days,
        compact_cells_min: DuckDbConfig::COMPACT_CELLS_MIN,
        checkpoint_bytes: settings.store.checkpoint_bytes,
    };
    let store = DuckDbStore::open(config).context("could not open the store")?;
    Ok(Arc::new(
        store.in_zones(move |organization| zones.of(organization)),
    ))
}

/// Opens journal and store for this process alone.
pub(crate) async fn open_ingest(
    settings: &Settings,
    data: &DataDir,
    metastore: &Metastore,
) -> anyhow::Result<(Ingest, Arc<dyn Store>)> {
    open_watched_ingest(settings, data, metastore, None).await
}

/// The same, with somebody who is told what is merged.
pub(crate) async fn open_watched_ingest(
    settings: &Settings,
    data: &DataDir,
    metastore: &Metastore,
    watcher: Option<Arc<dyn Watcher>>,
) -> anyhow::Result<(Ingest, Arc<dyn Store>)> {
    let store = open_store(settings, data.store(), metastore).await?;
    let mut config = IngestConfig::in_directory(&data.0);
    config.journal.segment_bytes_max = settings.journal.segment_bytes;
    config.journal.queue_bytes_max = settings.journal.queue_bytes_max;
    config.projector.watcher = watcher;
    config.projector.threads = settings.ingest.projector_threads;
    config.disk_reserve_bytes = settings.ingest.disk_reserve_bytes;
    config.lag_records_max = settings.ingest.lag_records_max;
    let ingest = Ingest::open(config, Arc::new(RealDisk), store.clone(), metastore.clone())?;
    Ok((ingest, store))
}

/// The query engine over a store.
pub(crate) fn query_engine(settings: &Settings, store: Arc<dyn Store>) -> QueryEngine {
    let config = EngineConfig {
        readers: settings.query.concurrency_max,
        timeout: Duration::from_secs(settings.query.timeout_seconds),
        uses_rollups: settings.query.uses_rollups,
        exact_rows_max: settings.query.exact_rows_max,
        cache_bytes_max: settings.query.cache_bytes_max,
        answer_cells_max: settings.query.answer_cells_max,
        cache_life: Duration::from_secs(settings.cache.ttl_seconds),
        ..EngineConfig::default()
    };
    QueryEngine::new(store, &DuckDb, config)
}

/// The Redis in which answers are kept too, if one is set.
pub(crate) fn shared_cache(settings: &Settings) -> anyhow::Result<Option<Arc<dyn SharedCache>>> {
    let Some(url) = &settings.cache.redis_url else {
        return Ok(None);
    };
    let cache = RedisCache::connect(url.expose()).context("[cache] redis_url cannot be used")?;
    Ok(Some(Arc::new(cache)))
}

/// Begins to work on exports.
pub(crate) async fn start_exports(
    settings: &Settings,
    data: &DataDir,
    metastore: &Metastore,
    engine: &QueryEngine,
) -> anyhow::Result<Exports> {
    let config = ExportsConfig {
        directory: data.exports(),
        keep: Duration::from_secs(settings.exports.keep_hours.saturating_mul(3600)),
        running_max: settings.exports.running_max,
        bytes_max: settings.exports.bytes_max,
        // They stop before ingest has to.
        disk_reserve_bytes: settings.ingest.disk_reserve_bytes.saturating_mul(2),
    };
    Exports::start(config, metastore.clone(), engine.clone(), now)
        .await
        .context("could not begin with exports")
}

/// Begins to look for what goes wrong.
pub(crate) async fn start_detection(
    settings: &Settings,
    parts: DetectionParts,
) -> anyhow::Result<Detections> {
    let config = DetectionConfig {
        is_enabled: settings.detection.is_enabled,
        interval: Duration::from_secs(settings.detection.interval_seconds),
        patience: Duration::from_secs(settings.detection.patience_hours.saturating_mul(3600)),
    };
    Detections::start(config, parts, now)
        .await
        .context("could not begin with detection")
}

/// The organization of that name.
pub(crate) async fn organization(metastore: &Metastore, name: &str) -> anyhow::Result<Organization> {
    match metastore.organization_by_name(name).await {
        Ok(organization) => Ok(organization),
        Err(tacho_metastore::Error::NotFound(_)) => {
            let names: Vec<String> = metastore
                .organizations()
                .await?
                .into_iter()
                .map(|known| format!("\"{}\"", known.name))
                .collect();
            match names.is_empty() {
                true => {
                    anyhow::bail!("there is no organization yet; make one with `tacho org create \"{name}\"`")
                }
                false => anyhow::bail!(
                    "there is no organization \"{name}\"; there are {}",
                    names.join(", ")
                ),
            }
        }
        Err(error) => Err(error.into()),
    }
}
