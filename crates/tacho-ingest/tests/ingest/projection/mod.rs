//! The laws of merger and projector, on real DuckDB files.

mod faulty_store;
mod kept_answers;
mod merging;
mod model;
mod projecting;
mod watching;
mod world;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tacho_core::record::{Record, RecordType};
use tacho_core::{OrganizationId, Timestamp};
use tacho_ingest::identity::{IdentityIndex, IndexLimits};
use tacho_ingest::merger::{FingerprintOf, Merger};
use tacho_store::{Lsn, Store, StoredRow, Target};
use tacho_store_duckdb::{DuckDbConfig, DuckDbStore};

/// The key of a row: what makes it this thing.
pub type Key = (RecordType, Box<str>, u32);
/// All rows of a store.
pub type Rows = BTreeMap<Key, StoredRow>;

pub const REAL_FINGERPRINT: FingerprintOf = |identity| identity.fingerprint();

pub fn duckdb(directory: &Path) -> DuckDbStore {
    DuckDbStore::open(DuckDbConfig {
        directory: directory.join("store"),
        memory_bytes: 1 << 30,
        threads: 1,
        open_files_max: 4,
        cells_after: DuckDbConfig::CELLS_AFTER,
        tidy_min: 1,
        quarter_hours_days: 0,
        compact_cells_min: DuckDbConfig::COMPACT_CELLS_MIN,
        checkpoint_bytes: DuckDbConfig::CHECKPOINT_BYTES,
    })
    .unwrap()
}

/// An organization that no test of this process has had yet: tests share stores, for opening one takes its time.
pub fn fresh_organization() -> OrganizationId {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_le_bytes());
    OrganizationId::from_bytes(bytes)
}

/// Every row of an organization. Panics if a thing has two.
pub fn rows_of(store: &dyn Store, organization: OrganizationId) -> Rows {
    let mut by_target: BTreeMap<Target, Vec<Lsn>> = BTreeMap::new();
    store
        .scan_identities(organization, 0, &mut |target, _, _, lsn| {
            by_target.entry(target).or_default().push(lsn)
        })
        .unwrap();
    let mut rows = Rows::new();
    for (target, lsns) in by_target {
        let found = store.rows_at(organization, target, &lsns).unwrap();
        assert_eq!(
            found.len(),
            lsns.len(),
            "{} has two rows at one position",
            target.table()
        );
        for stored in found {
            assert_eq!(stored.target(), target, "a row in the wrong table");
            let key = (stored.row.record_type, stored.row.id.clone(), stored.row.attempt);
            let before = rows.insert(key, stored);
            assert!(before.is_none(), "a thing is there twice: {before:?}");
        }
    }
    rows
}

/// What differs between two sets of rows, for the eyes.
pub fn differences(left: &Rows, right: &Rows, with_positions: bool) -> String {
    let mut text = String::new();
    let blank = |row: Option<&StoredRow>| {
        row.cloned().map(|row| StoredRow {
            lsn: if with_positions { row.lsn } else { 0 },
            ..row
        })
    };
    for key in left
        .keys()
        .chain(right.keys().filter(|key| !left.contains_key(*key)))
    {
        let (one, other) = (blank(left.get(key)), blank(right.get(key)));
        if one != other {
            text += &format!("{key:?}\n  left:  {one:?}\n  right: {other:?}\n");
        }
    }
    text
}

/// A merger beside its store, as the projector has it.
pub struct Lane<'a> {
    pub store: &'a dyn Store,
    pub organization: OrganizationId,
    merger: Option<Merger>,
    pub duplicates: u64,
    pub directory: tempfile::TempDir,
    limits: IndexLimits,
    fingerprint_of: FingerprintOf,
}

impl<'a> Lane<'a> {
    pub fn new(store: &'a dyn Store, limits: IndexLimits, fingerprint_of: FingerprintOf) -> Self {
        let (organization, directory) = (fresh_organization(), tempfile::tempdir().unwrap());
        let mut lane = Self {
            store,
            organization,
            merger: None,
            duplicates: 0,
            directory,
            limits,
            fingerprint_of,
        };
        lane.restart(|_| {});
        lane
    }

    pub fn apply(&mut self, records: &[(Lsn, Record)]) {
        let merger = self.merger.as_mut().unwrap();
        let merged = merger.merge(self.store, records.iter().cloned()).unwrap();
        self.store
            .apply(self.organization, &merged.change, Timestamp::from_micros(1))
            .unwrap();
        self.duplicates += merged.duplicates;
        merger.applied(merged).unwrap();
    }

    /// As a restart does; `meanwhile` something may happen to the index.
    pub fn restart(&mut self, meanwhile: impl FnOnce(&Path)) {
        self.merger = None;
        meanwhile(self.directory.path());
        let index = IdentityIndex::open(self.directory.path(), self.limits).unwrap();
        self.merger = Some(Merger::load(self.organization, self.store, index, self.fingerprint_of).unwrap());
    }

    pub fn rows(&self) -> Rows {
        rows_of(self.store, self.organization)
    }
}

/// Cuts records into batches after the given counts, again and again.
pub fn batches<'r>(records: &'r [(Lsn, Record)], counts: &[usize]) -> Vec<&'r [(Lsn, Record)]> {
    let mut found = Vec::new();
    let mut rest = records;
    for count in counts.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (head, tail) = rest.split_at((*count).clamp(1, rest.len()));
        found.push(head);
        rest = tail;
    }
    found
}

pub fn numbered(records: impl IntoIterator<Item = Record>) -> Vec<(Lsn, Record)> {
    (1..).zip(records).collect()
}

pub const WAIT: Duration = Duration::from_secs(60);
