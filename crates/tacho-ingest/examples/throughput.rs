//! How fast records become durable, and how fast durable ones come into the store, each by itself:
//! `cargo run --release -p tacho-ingest --example throughput [RECORDS] [DIRECTORY]`.
//!
//! Journal: 8 senders, submissions of 100 and of 5,000 records, encoded by the sender as ingest does, one disk. Store:
//! batches of 20,000 generated executions, once as finished records and once as lives, then all of the finished ones again
//! as duplicates. Times are split over what the merger, the store and the index take. The disk's own speed is in all of them.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tacho_core::record::{Record, RecordType};
use tacho_core::{OrganizationId, Timestamp};
use tacho_demo::{Config, Generator, TypeSet};
use tacho_ingest::identity::{IdentityIndex, IndexLimits};
use tacho_ingest::journal::disk::RealDisk;
use tacho_ingest::journal::{Append, Journal, JournalConfig};
use tacho_ingest::merger::Merger;
use tacho_store::{Lsn, Store};
use tacho_store_duckdb::{DuckDbConfig, DuckDbStore};

const SENDERS: usize = 8;
const BATCH: usize = 20_000;

fn generate(count: usize, types: TypeSet, lives: bool) -> Vec<Record> {
    let start = Timestamp::from_millis(1_763_800_000_000);
    let end = Timestamp::from_millis(1_763_800_000_000 + 90 * 86_400_000);
    let mut config = Config::new(1, start, end, 200, count as u64);
    config.types = types;
    config.lives = lives;
    Generator::new(config).take(count).collect()
}

fn rate(count: usize, elapsed: Duration) -> f64 {
    count as f64 / elapsed.as_secs_f64()
}

fn journal(directory: &Path, records: &[Record], per_submission: usize) {
    let journal = Journal::open(
        JournalConfig::in_directory(directory.join(format!("journal-{per_submission}"))),
        Arc::new(RealDisk),
        |_| {},
    )
    .unwrap();
    let organization = OrganizationId::from_bytes([1; 16]);
    let submissions: Vec<&[Record]> = records.chunks(per_submission).collect();
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..SENDERS {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                while let Some(records) = submissions.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let append = Append::new(organization, Timestamp::from_micros(1), records.to_vec());
                    runtime.block_on(journal.append(append)).unwrap();
                }
            });
        }
    });
    let elapsed = started.elapsed();
    let status = journal.status();
    println!(
        "journal, {per_submission:>5} a submission {:>12.0} records/s   {} commits, sync p50 {:.2} ms, p99 {:.2} ms",
        rate(records.len(), elapsed),
        status.commits,
        status.sync_p50_ms.unwrap_or(0.0),
        status.sync_p99_ms.unwrap_or(0.0),
    );
}

struct Lane<'a> {
    store: &'a dyn Store,
    organization: OrganizationId,
    merger: Merger,
    last_lsn: Lsn,
}

impl Lane<'_> {
    fn project(&mut self, name: &str, records: &[Record]) {
        let (mut merging, mut applying, mut indexing) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
        let (mut duplicates, mut worst) = (0, Duration::ZERO);
        for batch in records.chunks(BATCH) {
            let batch: Vec<(Lsn, Record)> = (self.last_lsn + 1..).zip(batch.iter().cloned()).collect();
            self.last_lsn += batch.len() as u64;
            let at = Instant::now();
            let merged = self.merger.merge(self.store, batch).unwrap();
            let merged_at = Instant::now();
            self.store
                .apply(self.organization, &merged.change, Timestamp::from_micros(1))
                .unwrap();
            let applied_at = Instant::now();
            duplicates += merged.duplicates;
            self.merger.applied(merged).unwrap();
            merging += merged_at - at;
            applying += applied_at - merged_at;
            indexing += applied_at.elapsed();
            worst = worst.max(at.elapsed());
        }
        let all = merging + applying + indexing;
        println!(
            "{name:<28}{:>12.0} records/s   merger {:>4.1} s, store {:>4.1} s, index {:>4.1} s; slowest batch {} ms; {duplicates} duplicates",
            rate(records.len(), all),
            merging.as_secs_f64(),
            applying.as_secs_f64(),
            indexing.as_secs_f64(),
            worst.as_millis(),
        );
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let count = arguments.next().map_or(1_000_000, |count| count.parse().unwrap());
    let parent = arguments.next().map_or_else(std::env::temp_dir, Into::into);
    let directory = tempfile::tempdir_in(parent).unwrap();
    let executions = TypeSet::of(&[RecordType::Execution]);
    let finished = generate(count, executions, false);
    println!("{} records", finished.len());
    for per_submission in [100, 5_000] {
        journal(directory.path(), &finished, per_submission);
    }
    let config = DuckDbConfig {
        directory: directory.path().join("store"),
        memory_bytes: 4 << 30,
        threads: 2,
        open_files_max: 4,
        cells_after: DuckDbConfig::CELLS_AFTER,
        tidy_min: DuckDbConfig::TIDY_MIN,
        quarter_hours_days: 0,
        compact_cells_min: DuckDbConfig::COMPACT_CELLS_MIN,
        checkpoint_bytes: DuckDbConfig::CHECKPOINT_BYTES,
    };
    let store = DuckDbStore::open(config).unwrap();
    let lane = |number: u8| {
        let organization = OrganizationId::from_bytes([number; 16]);
        let index = directory.path().join("identity").join(number.to_string());
        let index = IdentityIndex::open(&index, IndexLimits::default()).unwrap();
        let merger = Merger::load(organization, &store, index, |identity| identity.fingerprint()).unwrap();
        Lane {
            store: &store,
            organization,
            merger,
            last_lsn: 0,
        }
    };
    let mut lane_of_finished = lane(1);
    lane_of_finished.project("store, finished executions", &finished);
    lane_of_finished.project("store, duplicates of them", &finished);
    drop(lane_of_finished);
    lane(2).project("store, executions as lives", &generate(count, executions, true));
    lane(3).project("store, all types", &generate(count, TypeSet::ALL, false));
}
