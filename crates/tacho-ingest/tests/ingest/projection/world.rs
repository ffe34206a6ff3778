//! A data directory with an ingest over it, whose store fails when it is told to.

use std::path::PathBuf;
use std::sync::Arc;

use tacho_ingest::journal::disk::RealDisk;
use tacho_ingest::{Ingest, IngestConfig};
use tacho_metastore::Metastore;
use tacho_query::dialect::DuckDb;
use tacho_store::{EngineConfig, QueryEngine, Statement, StoreError};

use super::faulty_store::FaultyStore;
use super::*;

/// A data directory with an ingest that can be stopped and started.
pub struct World {
    pub directory: tempfile::TempDir,
    pub runtime: tokio::runtime::Runtime,
    config: Box<dyn Fn(&mut IngestConfig)>,
    running: Option<(Ingest, Arc<FaultyStore>)>,
    /// What was acknowledged, by organization.
    pub sent: BTreeMap<OrganizationId, Vec<(Lsn, Record)>>,
}

impl World {
    pub fn new(config: impl Fn(&mut IngestConfig) + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let mut world = Self {
            directory: tempfile::tempdir().unwrap(),
            runtime,
            config: Box::new(config),
            running: None,
            sent: BTreeMap::new(),
        };
        world.start();
        world
    }

    pub fn start(&mut self) {
        self.start_with(|_| {});
    }

    /// Starts with a store that was told something before anything is asked of it.
    pub fn start_with(&mut self, tell: impl FnOnce(&FaultyStore)) {
        let mut config = IngestConfig::in_directory(self.directory.path());
        config.disk_reserve_bytes = 0;
        config.projector.batch_records_max = 40;
        config.projector.pace = Duration::ZERO;
        (self.config)(&mut config);
        let store = Arc::new(FaultyStore::new(Arc::new(duckdb(self.directory.path()))));
        tell(&store);
        let metastore = self
            .runtime
            .block_on(Metastore::open(self.directory.path().join("meta.sqlite")))
            .unwrap();
        let ingest = Ingest::open(config, Arc::new(RealDisk), store.clone(), metastore).unwrap();
        self.running = Some((ingest, store));
    }

    pub fn stop(&mut self) {
        self.running = None;
    }

    pub fn ingest(&self) -> &Ingest {
        &self.running.as_ref().unwrap().0
    }

    pub fn store(&self) -> &FaultyStore {
        &self.running.as_ref().unwrap().1
    }

    /// An engine over the store that has kept no answers yet.
    pub fn engine(&self) -> QueryEngine {
        let (ingest, store) = self.running.as_ref().unwrap();
        let following = ingest.clone();
        QueryEngine::new(store.clone(), &DuckDb, EngineConfig::default()).following(
            move |organization| following.committed_lsn(organization),
            ingest.epochs(),
        )
    }

    pub fn send(&mut self, organization: OrganizationId, records: Vec<Record>) {
        for chunk in records.chunks(7) {
            let accepted = self
                .ingest()
                .accept(organization, chunk.to_vec(), Timestamp::from_micros(1));
            let last = self.runtime.block_on(accepted).unwrap();
            let first = last + 1 - chunk.len() as u64;
            self.sent
                .entry(organization)
                .or_default()
                .extend((first..).zip(chunk.iter().cloned()));
        }
    }

    /// Waits until the store is up with the journal, and holds it to the model, position by position.
    pub fn check(&self, organization: OrganizationId) {
        let sent = &self.sent[&organization];
        let last = sent.last().unwrap().0;
        let is_applied = self.ingest().wait_until_applied(organization, last, WAIT);
        assert!(is_applied, "{:?}", self.ingest().status(organization).lane);
        let differences = differences(
            &rows_of(self.store(), organization),
            &model::project(sent).0,
            true,
        );
        assert!(differences.is_empty(), "{differences}");
        assert_eq!(
            self.count(organization).unwrap(),
            model::project(sent).0.len() as i64
        );
        let status = self.ingest().status(organization).lane;
        assert_eq!(
            (status.lag_records, status.rebuild_progress),
            (0, None),
            "{status:?}"
        );
    }

    /// Rows of all tables, as a query counts them.
    pub fn count(&self, organization: OrganizationId) -> Result<i64, StoreError> {
        let counts: Vec<String> = Target::all()
            .map(|target| format!("(SELECT count(*) FROM \"{}\")", target.table()))
            .collect();
        let statement = Statement {
            sql: format!("SELECT {}", counts.join(" + ")),
            params: Vec::new(),
        };
        let snapshot = self.store().read(organization, &[statement], WAIT)?;
        match snapshot.results[0].rows[0][0] {
            tacho_store::Scalar::Int(count) => Ok(count),
            ref other => panic!("a count is {other:?}"),
        }
    }

    pub fn store_file(&self, organization: OrganizationId) -> PathBuf {
        self.directory
            .path()
            .join("store")
            .join(format!("{organization}.duckdb"))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // A failing test may have left something waiting, and closing waits for it.
        if let Some((_, store)) = &self.running {
            store.release_all();
        }
    }
}
