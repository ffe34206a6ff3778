use std::collections::BTreeSet;
use std::io::ErrorKind;

use tacho_ingest::journal::recovery::recover;

use super::power_cut::{Unsynced, restore};
use super::watched_disk::{Event, WatchedDisk};
use super::*;
use crate::records::{number_of, numbered_record, organization};

const PER_SUBMISSION: u64 = 3;

fn submit(journal: &Journal, disk: &WatchedDisk, submission: u64) -> Result<Lsn, JournalError> {
    disk.note(Event::Submitted(submission));
    let first = submission * PER_SUBMISSION;
    let records = (first..first + PER_SUBMISSION).map(numbered_record).collect();
    let result = append(journal, organization(submission as u8 % 3), records);
    if result.is_ok() {
        disk.note(Event::Acknowledged(submission));
    }
    result
}

/// The submissions that a journal holds. Panics if one is there in part or twice.
fn submissions_in(directory: &Path, acknowledged_lsn: Lsn) -> BTreeSet<u64> {
    // What opening does, without its syncs.
    let recovered = recover(directory).unwrap();
    assert!(
        recovered.given_lsn >= acknowledged_lsn,
        "positions above {} would be given again",
        recovered.given_lsn
    );
    let mut count_by_submission: BTreeMap<u64, u64> = BTreeMap::new();
    for number in 0..3 {
        for (_, record) in read(
            &JournalReader::new(directory),
            organization(number),
            recovered.last_lsn,
        )
        .0
        {
            *count_by_submission
                .entry(number_of(&record) / PER_SUBMISSION)
                .or_default() += 1;
        }
    }
    assert!(
        count_by_submission.values().all(|count| *count == PER_SUBMISSION),
        "torn or twice: {count_by_submission:?}"
    );
    count_by_submission.into_keys().collect()
}

fn survives_any_power_cut(segment_bytes_max: u64, senders: u64) {
    let directory = tempfile::tempdir().unwrap();
    let disk = WatchedDisk::default();
    let journal = open_on(directory.path(), segment_bytes_max, Arc::new(disk.clone()));
    std::thread::scope(|scope| {
        for sender in 0..senders {
            let (journal, disk) = (&journal, &disk);
            scope.spawn(move || {
                for submission in (0..12).filter(|submission| submission % senders == sender) {
                    submit(journal, disk, submission).unwrap();
                }
            });
        }
    });
    drop(journal);
    let events = disk.events();
    for cut in 0..=events.len() {
        let before = &events[..cut];
        let submitted: BTreeSet<u64> = before
            .iter()
            .filter_map(|event| {
                if let Event::Submitted(it) = event {
                    Some(*it)
                } else {
                    None
                }
            })
            .collect();
        let acknowledged: BTreeSet<u64> = before
            .iter()
            .filter_map(|event| {
                if let Event::Acknowledged(it) = event {
                    Some(*it)
                } else {
                    None
                }
            })
            .collect();
        for unsynced in [
            Unsynced::Lost,
            Unsynced::Torn(40),
            Unsynced::Torn(100),
            Unsynced::Holed,
            Unsynced::Sectors(cut as u64),
        ] {
            let image = folder_in_memory();
            restore(before, directory.path(), image.path(), unsynced);
            let found = submissions_in(image.path(), acknowledged.len() as u64 * PER_SUBMISSION);
            assert!(
                found.is_superset(&acknowledged),
                "{unsynced:?} after {cut} events lost what was acknowledged: {events:?}"
            );
            assert!(
                found.is_subset(&submitted),
                "{unsynced:?} after {cut} events invented a submission"
            );
            if cut % 10 == 0 {
                let journal = open(image.path(), u64::MAX);
                let fresh = append(&journal, organization(0), vec![numbered_record(0)]).unwrap();
                assert!(
                    fresh > acknowledged.len() as u64 * PER_SUBMISSION,
                    "position {fresh} was acknowledged before"
                );
            }
        }
    }
}

/// Law: whenever the power goes, whatever was not synced is lost, torn or holed, every acknowledged submission is there
/// whole and once, none that was never made is, and the next position is fresh. So every acknowledgement came after the
/// sync of its bytes returned.
#[test]
fn what_is_acknowledged_survives_any_power_cut() {
    survives_any_power_cut(u64::MAX, 1);
}

/// The same law with a new segment for every commit, and with commits that several senders share.
#[test]
fn what_is_acknowledged_survives_any_power_cut_while_segments_rotate() {
    survives_any_power_cut(1, 1);
    survives_any_power_cut(400, 3);
}

/// Law: after a failed sync nothing is acknowledged any more, even if later ones would succeed; a restart goes on, and has
/// everything that was acknowledged before.
#[test]
fn a_failed_sync_is_the_end_until_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let disk = WatchedDisk::default();
    let journal = open_on(directory.path(), u64::MAX, Arc::new(disk.clone()));
    submit(&journal, &disk, 0).unwrap();
    disk.fail_syncs(Some(ErrorKind::Other));
    assert!(matches!(submit(&journal, &disk, 1), Err(JournalError::Failed(_))));
    disk.fail_syncs(None);
    assert!(matches!(submit(&journal, &disk, 2), Err(JournalError::Failed(_))));
    assert!(journal.status().failure.is_some());
    assert_eq!(journal.durable_lsn(), PER_SUBMISSION);
    drop(journal);
    let found = submissions_in(directory.path(), PER_SUBMISSION);
    assert!(found.contains(&0) && !found.contains(&2), "{found:?}");
}

/// Law: a sync that fails for want of room is the end, too: what the disk has refused to keep, a second sync would leave out
/// and succeed. That goes for the positions that are reserved as for frames.
#[test]
fn a_sync_that_fails_for_want_of_room_is_the_end_too() {
    for is_reserved in [false, true] {
        let directory = tempfile::tempdir().unwrap();
        let disk = WatchedDisk::default();
        let journal = open_on(directory.path(), u64::MAX, Arc::new(disk.clone()));
        if is_reserved {
            submit(&journal, &disk, 0).unwrap();
        }
        disk.fail_syncs(Some(ErrorKind::StorageFull));
        let refused = submit(&journal, &disk, 1);
        assert!(matches!(refused, Err(JournalError::Failed(_))), "{refused:?}");
        disk.fail_syncs(None);
        assert!(matches!(submit(&journal, &disk, 2), Err(JournalError::Failed(_))));
    }
}

/// Law: a full disk refuses a submission and leaves nothing of it behind; when there is room again, all goes on.
#[test]
fn a_full_disk_refuses_and_recovers() {
    for segment_bytes_max in [1, u64::MAX] {
        let directory = tempfile::tempdir().unwrap();
        let disk = WatchedDisk::default();
        let journal = open_on(directory.path(), segment_bytes_max, Arc::new(disk.clone()));
        for round in 0..3 {
            disk.fail_appends(Some(ErrorKind::StorageFull));
            assert!(
                matches!(submit(&journal, &disk, 100 + round), Err(JournalError::DiskFull)),
                "round {round}"
            );
            disk.fail_appends(None);
            submit(&journal, &disk, round).unwrap();
        }
        assert_eq!(
            journal.durable_lsn(),
            3 * PER_SUBMISSION,
            "a refused submission took positions"
        );
        drop(journal);
        let journal = open(directory.path(), u64::MAX);
        assert_eq!(journal.damages(), []);
        drop(journal);
        assert_eq!(submissions_in(directory.path(), 0), BTreeSet::from([0, 1, 2]));
    }
}

/// Law: without a file handle the first submission is refused and may be sent again; later ones go into the full segment.
#[test]
fn no_file_handle_is_no_failure() {
    let directory = tempfile::tempdir().unwrap();
    let disk = WatchedDisk::default();
    let journal = open_on(directory.path(), 1, Arc::new(disk.clone()));
    disk.run_out_of_handles(true);
    let refused = submit(&journal, &disk, 0);
    assert!(matches!(refused, Err(JournalError::OutOfHandles)), "{refused:?}");
    disk.run_out_of_handles(false);
    submit(&journal, &disk, 1).unwrap();
    disk.run_out_of_handles(true);
    submit(&journal, &disk, 2).unwrap();
    submit(&journal, &disk, 3).unwrap();
    disk.run_out_of_handles(false);
    submit(&journal, &disk, 4).unwrap();
    drop(journal);
    assert_eq!(
        submissions_in(directory.path(), 4 * PER_SUBMISSION),
        BTreeSet::from([1, 2, 3, 4])
    );
}

/// Law: any other failure to write is the end until the next start, and leaves nothing acknowledged behind.
#[test]
fn a_failed_write_is_the_end_until_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let disk = WatchedDisk::default();
    let journal = open_on(directory.path(), u64::MAX, Arc::new(disk.clone()));
    submit(&journal, &disk, 0).unwrap();
    disk.fail_appends(Some(ErrorKind::PermissionDenied));
    assert!(matches!(submit(&journal, &disk, 1), Err(JournalError::Failed(_))));
    disk.fail_appends(None);
    assert!(matches!(submit(&journal, &disk, 2), Err(JournalError::Failed(_))));
    drop(journal);
    assert_eq!(
        submissions_in(directory.path(), PER_SUBMISSION),
        BTreeSet::from([0])
    );
}
