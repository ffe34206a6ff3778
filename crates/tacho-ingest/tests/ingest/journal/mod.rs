//! The laws of the journal.

mod commit;
mod concurrent;
mod crash;
mod damage;
mod power_cut;
mod round_trip;
mod sectors;
mod snapshot;
mod watched_disk;

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tacho_core::record::Record;
use tacho_core::{OrganizationId, Timestamp};
use tacho_ingest::journal::disk::{Disk, RealDisk};
use tacho_ingest::journal::reader::Next;
use tacho_ingest::journal::{Append, Damage, Journal, JournalConfig, JournalError, JournalReader};
use tacho_store::Lsn;

/// What was acknowledged of an organization, by position.
pub type Written = BTreeMap<OrganizationId, BTreeMap<Lsn, Record>>;

/// A folder in memory, where there is such a place: those that are made and opened by the hundred need not be synced to a disk.
pub fn folder_in_memory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = match memory.is_dir() {
        true => tempfile::tempdir_in(memory),
        false => tempfile::tempdir(),
    };
    made.unwrap()
}

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

pub fn config(directory: &Path, segment_bytes_max: u64) -> JournalConfig {
    JournalConfig {
        segment_bytes_max,
        ..JournalConfig::in_directory(directory.into())
    }
}

pub fn open(directory: &Path, segment_bytes_max: u64) -> Journal {
    open_on(directory, segment_bytes_max, Arc::new(RealDisk))
}

pub fn open_on(directory: &Path, segment_bytes_max: u64, disk: Arc<dyn Disk>) -> Journal {
    Journal::open(config(directory, segment_bytes_max), disk, |_| {}).unwrap()
}

pub fn append(
    journal: &Journal,
    organization: OrganizationId,
    records: Vec<Record>,
) -> Result<Lsn, JournalError> {
    block_on(journal.append(Append::new(organization, Timestamp::from_micros(7), records)))
}

/// Appends and takes note of what was acknowledged. Panics if a position was given before.
pub fn append_noted(
    journal: &Journal,
    written: &mut Written,
    organization: OrganizationId,
    records: Vec<Record>,
) {
    let first = append(journal, organization, records.clone()).unwrap();
    for (lsn, record) in (first..).zip(records) {
        let is_taken = written.values().any(|records| records.contains_key(&lsn));
        assert!(!is_taken, "position {lsn} was given twice");
        written.entry(organization).or_default().insert(lsn, record);
    }
}

/// Everything that the journal says of an organization, in the order in which it says it, and what is damaged.
pub fn read(
    reader: &JournalReader,
    organization: OrganizationId,
    up_to: Lsn,
) -> (Vec<(Lsn, Record)>, Vec<Damage>) {
    let mut found = Vec::new();
    let damages = reader
        .visit::<JournalError>(organization, 0, up_to, |frame| {
            assert_eq!(frame.organization, organization);
            found.extend((frame.first_lsn..).zip(frame.records().expect("a frame that was checked")));
            Ok(Next::Continue)
        })
        .unwrap();
    assert!(
        found.is_sorted_by(|(a, _), (b, _)| a < b),
        "positions out of order or repeated"
    );
    (found, damages)
}

/// Waits for a condition. Panics if it does not come true.
pub fn wait_for(what: &str, mut is_true: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_true() {
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "{what} did not happen"
        );
        std::thread::yield_now();
    }
}
