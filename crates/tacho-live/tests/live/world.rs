//! A store, what merges into it, and a hub that is told.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tacho_core::record::{Record, RecordType, Value};
use tacho_core::{OrganizationId, Scope, Timestamp};
use tacho_ingest::identity::{IdentityIndex, IndexLimits};
use tacho_ingest::merger::{Merged, Merger};
use tacho_live::{Hub, Load, Watch};
use tacho_query::dialect::DuckDb;
use tacho_store::live::LiveRows;
use tacho_store::{EngineConfig, Lsn, QueryEngine, Store, Watcher};
use tacho_store_duckdb::{DuckDbConfig, DuckDbStore};

pub(crate) const ORGANIZATION: OrganizationId = OrganizationId::from_bytes([7; 16]);

/// 2026-11-22T10:00:00Z.
pub(crate) const START_SECONDS: i64 = 1_795_341_600;

/// How a batch reaches the hub.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    /// As usual.
    Told,
    /// The store fails once after it was told.
    Failing,
    /// The lane catches up.
    Untold,
}

pub(crate) struct World {
    pub(crate) store: Arc<dyn Store>,
    merger: Merger,
    engine: QueryEngine,
    runtime: tokio::runtime::Runtime,
    seconds: Arc<AtomicI64>,
    hub: Hub,
    last_lsn: Lsn,
    _folder: tempfile::TempDir,
}

/// What was read of the store for a state, and for which.
pub(crate) struct Reading {
    load: Load,
    lsn: Lsn,
    rows: LiveRows,
}

fn hub(seconds: &Arc<AtomicI64>) -> Hub {
    let seconds = Arc::clone(seconds);
    Hub::new(move || Timestamp::from_millis(seconds.load(Ordering::Relaxed) * 1000 + 250))
}

fn open(folder: &Path) -> Arc<dyn Store> {
    let config = DuckDbConfig {
        directory: folder.join("store"),
        memory_bytes: 256 * 1024 * 1024,
        threads: 1,
        open_files_max: 4,
        cells_after: DuckDbConfig::CELLS_AFTER,
        tidy_min: DuckDbConfig::TIDY_MIN,
        quarter_hours_days: 0,
        compact_cells_min: DuckDbConfig::COMPACT_CELLS_MIN,
        checkpoint_bytes: DuckDbConfig::CHECKPOINT_BYTES,
    };
    Arc::new(DuckDbStore::open(config).unwrap())
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let index = IdentityIndex::open(&folder.path().join("index"), IndexLimits::default()).unwrap();
        let merger = Merger::load(ORGANIZATION, store.as_ref(), index, |identity| {
            identity.fingerprint()
        });
        let seconds = Arc::new(AtomicI64::new(START_SECONDS));
        Self {
            engine: QueryEngine::new(Arc::clone(&store), &DuckDb, EngineConfig::default()),
            merger: merger.unwrap(),
            store,
            runtime: tokio::runtime::Runtime::new().unwrap(),
            hub: hub(&seconds),
            seconds,
            last_lsn: 0,
            _folder: folder,
        }
    }

    pub(crate) fn watch(&self, scope: &Scope) -> Watch {
        self.hub.watch(scope).unwrap()
    }

    /// As if the server had started anew.
    pub(crate) fn restart(&mut self) {
        self.hub = hub(&self.seconds);
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) fn now_second(&self) -> i64 {
        self.seconds.load(Ordering::Relaxed)
    }

    pub(crate) fn send(&mut self, records: Vec<Record>, way: Way) {
        let merged = self.merge(records);
        if way != Way::Untold {
            self.hub.merged(ORGANIZATION, &merged.change, &merged.replaced);
        }
        if way == Way::Failing {
            self.hub.lost(ORGANIZATION);
        }
        self.apply(merged);
        if way != Way::Told {
            self.hub.lost(ORGANIZATION);
        }
    }

    /// Tells what is merged. It is not in the store before it is applied.
    pub(crate) fn tell(&mut self, records: Vec<Record>) -> Merged {
        let merged = self.merge(records);
        self.hub.merged(ORGANIZATION, &merged.change, &merged.replaced);
        merged
    }

    fn merge(&mut self, records: Vec<Record>) -> Merged {
        let first = self.last_lsn + 1;
        self.last_lsn += records.len() as Lsn;
        let numbered: Vec<_> = (first..).zip(records).collect();
        self.merger.merge(self.store.as_ref(), numbered).unwrap()
    }

    pub(crate) fn apply(&mut self, merged: Merged) {
        let now = Timestamp::from_millis(self.now_second() * 1000);
        self.store.apply(ORGANIZATION, &merged.change, now).unwrap();
        self.merger.applied(merged).unwrap();
    }

    /// Reads the store for a state, if it has to be read.
    pub(crate) fn read(&self, watch: &Watch, scope: &Scope) -> Option<Reading> {
        let load = watch.load()?;
        let now = Timestamp::from_millis(self.now_second() * 1000);
        let read = self.engine.live_rows(scope, load.query, now);
        let (lsn, rows) = self.runtime.block_on(read).unwrap();
        Some(Reading { load, lsn, rows })
    }
}

impl Reading {
    pub(crate) fn end(self, watch: &Watch) {
        watch.read(self.load, self.lsn, &self.rows);
    }
}

/// A record with these fields.
pub(crate) fn record(record_type: RecordType, id: &str, updated_s: i64, fields: &[(&str, Value)]) -> Record {
    let spec = record_type.spec();
    let mut fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (spec.position(name), value.clone()))
        .collect();
    fields.sort_by_key(|(position, _)| *position);
    Record {
        record_type,
        id: id.into(),
        attempt: 1,
        updated_at: Timestamp::from_millis(updated_s * 1000),
        is_inferred: false,
        fields,
    }
}

/// An instant as a record has it.
pub(crate) fn at(seconds: i64) -> Value {
    Value::Int(seconds * 1_000_000)
}
