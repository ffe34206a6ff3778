use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::JoinSet;

use super::watched_disk::WatchedDisk;
use super::*;
use crate::records::{number_of, numbered_record, organization};

fn one(number: u64) -> Append {
    Append::new(
        organization(1),
        Timestamp::from_micros(7),
        vec![numbered_record(number)],
    )
}

fn numbers_in(journal: &Journal) -> Vec<u64> {
    let (found, damages) = read(&journal.reader(), organization(1), journal.durable_lsn());
    assert_eq!(damages, []);
    let mut numbers: Vec<u64> = found.iter().map(|(_, record)| number_of(record)).collect();
    numbers.sort_unstable();
    numbers
}

/// Law: whatever arrives while a sync runs shares the next one.
#[test]
fn waiting_appends_share_a_sync() {
    const COUNT: u64 = 200;
    let directory = tempfile::tempdir().unwrap();
    let disk = WatchedDisk::default();
    let journal = Arc::new(open_on(directory.path(), u64::MAX, Arc::new(disk.clone())));
    append(&journal, organization(1), vec![numbered_record(0)]).unwrap();
    let before = disk.syncs();
    let gate = disk.close_gate();
    block_on(async {
        let mut waiting = JoinSet::new();
        let begun = Arc::new(AtomicU64::new(0));
        for number in 1..=COUNT {
            let (journal, begun) = (journal.clone(), begun.clone());
            waiting.spawn(async move {
                // On one thread, so that whoever has begun is in the queue when another looks.
                begun.fetch_add(1, Ordering::AcqRel);
                journal.append(one(number)).await
            });
        }
        let started = Instant::now();
        while disk.waiting_at_gate() == 0 || begun.load(Ordering::Acquire) < COUNT {
            assert!(started.elapsed() < Duration::from_secs(30), "no sync began");
            tokio::task::yield_now().await;
        }
        assert_eq!(journal.durable_lsn(), 1, "acknowledged before its sync returned");
        drop(gate);
        while let Some(result) = waiting.join_next().await {
            result.unwrap().unwrap();
        }
    });
    let syncs = disk.syncs() - before;
    assert!(syncs <= 2, "{COUNT} appends took {syncs} syncs");
    assert_eq!(numbers_in(&journal), (0..=COUNT).collect::<Vec<_>>());
}

/// Law: a full queue refuses at once, whether it is full of appends or of bytes; what was not refused is there, what was
/// refused is not, and afterwards there is room again.
#[test]
fn a_full_queue_refuses_and_keeps_the_rest() {
    for (queue_appends_max, queue_bytes_max) in [(5, u64::MAX), (4096, 1_000)] {
        let directory = tempfile::tempdir().unwrap();
        let disk = WatchedDisk::default();
        let config = JournalConfig {
            queue_appends_max,
            queue_bytes_max,
            ..config(directory.path(), u64::MAX)
        };
        let journal = Arc::new(Journal::open(config, Arc::new(disk.clone()), |_| {}).unwrap());
        let gate = disk.close_gate();
        let mut acknowledged = Vec::new();
        let mut refused = 0;
        block_on(async {
            let mut waiting = JoinSet::new();
            for number in 0..100 {
                let journal = journal.clone();
                waiting.spawn(async move { (number, journal.append(one(number)).await) });
            }
            while refused < 50 {
                let (_, result) = waiting.join_next().await.unwrap().unwrap();
                assert!(matches!(result, Err(JournalError::Overloaded)), "{result:?}");
                refused += 1;
            }
            drop(gate);
            while let Some(result) = waiting.join_next().await {
                match result.unwrap() {
                    (number, Ok(_)) => acknowledged.push(number),
                    (_, Err(JournalError::Overloaded)) => refused += 1,
                    (_, Err(error)) => panic!("{error}"),
                }
            }
        });
        acknowledged.sort_unstable();
        assert!(!acknowledged.is_empty() && acknowledged.len() < 50);
        assert_eq!(numbers_in(&journal), acknowledged);
        assert_eq!(journal.status().queued_bytes, 0);
        append(&journal, organization(1), vec![numbered_record(1_000)]).unwrap();
    }
}

/// Law: an append larger than the queue's bound goes in when nothing else waits, for else it could never be sent.
#[test]
fn one_append_always_fits() {
    let directory = tempfile::tempdir().unwrap();
    let config = JournalConfig {
        queue_bytes_max: 10,
        ..config(directory.path(), u64::MAX)
    };
    let journal = Journal::open(config, Arc::new(RealDisk), |_| {}).unwrap();
    append(&journal, organization(1), (0..100).map(numbered_record).collect()).unwrap();
    assert_eq!(numbers_in(&journal).len(), 100);
}

/// Law: records are handed on in the order of their positions, after they are durable and before they are acknowledged.
#[test]
fn records_are_handed_on_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let (sender, handed_on) = std::sync::mpsc::channel();
    let config = config(directory.path(), u64::MAX);
    let journal = Journal::open(config, Arc::new(RealDisk), move |committed| {
        sender.send(committed).unwrap()
    })
    .unwrap();
    for number in 0..20 {
        let first = append(
            &journal,
            organization(number as u8 % 2),
            vec![numbered_record(number); 3],
        )
        .unwrap();
        let committed = handed_on
            .try_recv()
            .expect("acknowledged before it was handed on");
        assert_eq!((committed.first_lsn, committed.last_lsn()), (first, first + 2));
        assert_eq!(
            (committed.organization, committed.records.len()),
            (organization(number as u8 % 2), 3)
        );
    }
}
