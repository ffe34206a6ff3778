//! The kill test: a process that ingests is killed at random moments, again and again, by a sender that sends again what
//! was not acknowledged.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use rand::{Rng, SeedableRng};
use tacho_core::{OrganizationId, Timestamp};
use tacho_ingest::journal::disk::RealDisk;
use tacho_ingest::journal::{JournalError, JournalReader, reader::Next};
use tacho_ingest::{Ingest, IngestConfig};
use tacho_metastore::Metastore;
use tacho_store::{Lsn, Store};

use crate::projection::duckdb;
use crate::records::{number_of, numbered_record, organization};

const DIRECTORY: &str = "TACHO_KILL_TEST_DIRECTORY";
const BATCH: u64 = 20;
const BATCHES: u64 = 400;
const KILLS: usize = 12;

fn open(directory: &Path) -> (Ingest, Arc<dyn Store>) {
    let mut config = IngestConfig::in_directory(directory);
    config.disk_reserve_bytes = 0;
    config.journal.segment_bytes_max = 20_000;
    config.projector.batch_records_max = 200;
    config.projector.index_limits.entries_in_memory_max = 500;
    let store: Arc<dyn Store> = Arc::new(duckdb(directory));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let metastore = runtime
        .block_on(Metastore::open(directory.join("meta.sqlite")))
        .unwrap();
    (
        Ingest::open(config, Arc::new(RealDisk), store.clone(), metastore).unwrap(),
        store,
    )
}

fn organization_of(batch: u64) -> OrganizationId {
    organization(1 + (batch % 2) as u8)
}

/// The process that is killed: reads numbers of batches, ingests them, and says which are acknowledged.
#[test]
fn child() {
    let Some(directory) = std::env::var_os(DIRECTORY) else {
        return;
    };
    let (ingest, _) = open(Path::new(&directory));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    println!("\nready");
    for line in std::io::stdin().lines() {
        let batch: u64 = line.unwrap().parse().unwrap();
        let records = (batch * BATCH..(batch + 1) * BATCH)
            .map(numbered_record)
            .collect();
        runtime
            .block_on(ingest.accept(organization_of(batch), records, Timestamp::from_micros(1)))
            .unwrap();
        println!("acknowledged {batch}");
    }
}

fn spawn(directory: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child", "--nocapture"])
        .env(DIRECTORY, directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Law: after any number of kills, every record that was acknowledged is in the store once, and no other is.
#[test]
fn what_is_acknowledged_survives_kills() {
    let directory = tempfile::tempdir().unwrap();
    let mut random = rand::rngs::StdRng::seed_from_u64(7);
    let mut waiting: BTreeSet<u64> = (0..BATCHES).collect();
    let mut kills = 0;
    while !waiting.is_empty() {
        let mut child = spawn(directory.path());
        let mut input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        // So many answers are read before the kill; what was sent beyond is under way.
        let answers = random.random_range(0..2 * BATCHES as usize / KILLS);
        let sent: Vec<u64> = waiting.iter().copied().collect();
        let writer = std::thread::spawn(move || {
            for batch in sent {
                if writeln!(input, "{batch}").is_err() {
                    return;
                }
            }
        });
        let mut line = String::new();
        let mut read = 0;
        while kills >= KILLS || read < answers {
            line.clear();
            if output.read_line(&mut line).unwrap() == 0 {
                break;
            }
            if let Some(batch) = line.trim().strip_prefix("acknowledged ") {
                waiting.remove(&batch.parse().unwrap());
                read += 1;
            }
        }
        if kills < KILLS {
            child.kill().unwrap();
            kills += 1;
        }
        child.wait().unwrap();
        // Acknowledgements that were under way count too.
        for line in output.lines().map_while(Result::ok) {
            if let Some(batch) = line
                .trim()
                .strip_prefix("acknowledged ")
                .and_then(|batch| batch.parse().ok())
            {
                waiting.remove(&batch);
            }
        }
        writer.join().unwrap();
    }
    assert!(kills >= 10, "only {kills} kills");

    let (ingest, store) = open(directory.path());
    for number in 0..2 {
        let organization = organization_of(number);
        let reader = JournalReader::new(&directory.path().join("journal"));
        let mut positions = BTreeSet::new();
        let mut numbers = BTreeSet::new();
        let damages = reader.visit::<JournalError>(organization, 0, ingest.durable_lsn(), |frame| {
            for (lsn, record) in (frame.first_lsn..).zip(frame.records().unwrap()) {
                assert!(positions.insert(lsn), "position {lsn} is there twice");
                numbers.insert(number_of(&record));
            }
            Ok(Next::Continue)
        });
        damages.unwrap();
        let expected: BTreeSet<u64> = (0..BATCHES)
            .filter(|batch| organization_of(*batch) == organization)
            .flat_map(|batch| batch * BATCH..(batch + 1) * BATCH)
            .collect();
        assert_eq!(numbers, expected);
        assert!(ingest.wait_until_applied(organization, Lsn::MAX, crate::projection::WAIT));
        let mut stored = Vec::new();
        store
            .scan_identities(organization, 0, &mut |_, id, _, _| {
                stored.push(id[1..].parse::<u64>().unwrap())
            })
            .unwrap();
        stored.sort_unstable();
        assert_eq!(stored, expected.into_iter().collect::<Vec<_>>());
    }
}
