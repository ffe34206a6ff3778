use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use tacho_ingest::journal::layout::list_active;
use tacho_ingest::journal::snapshot::{Snapshot, take};

use super::*;
use crate::records::{number_of, numbered_record, organization};

/// Copies a snapshot's files as a backup does.
fn copy(from: &Path, snapshot: &mut Snapshot, to: &Path) {
    for path in &snapshot.sealed {
        let copy = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(path, copy).unwrap();
    }
    fs::create_dir_all(to.join("active")).unwrap();
    for part in &mut snapshot.active {
        let mut bytes = Vec::new();
        part.file.seek(SeekFrom::Start(0)).unwrap();
        (&mut part.file).take(part.bytes).read_to_end(&mut bytes).unwrap();
        fs::write(to.join(part.path.strip_prefix(from).unwrap()), bytes).unwrap();
    }
}

/// The numbers of an organization's records in a copy, after a server has opened it.
fn numbers(directory: &Path, organization: OrganizationId) -> Vec<u64> {
    let journal = open(directory, 2_000);
    assert_eq!(journal.damages(), []);
    let (found, damages) = read(&journal.reader(), organization, Lsn::MAX);
    assert_eq!(damages, []);
    found.iter().map(|(_, record)| number_of(record)).collect()
}

/// Law: a copy taken while the journal is written, rotated and sealed holds all of what was durable before it began, in
/// order and without a gap, and opens without damage.
#[test]
fn a_copy_beside_the_writer_is_a_whole_prefix() {
    const COUNT: u64 = 1_500;
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path(), 2_000);
    let is_written = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (journal, is_written, root) = (&journal, &is_written, directory.path());
        scope.spawn(move || {
            let mut copies = 0;
            while !is_written.load(Ordering::Acquire) || copies == 0 {
                let durable = journal.durable_lsn();
                let mut snapshot = take(root, Some(durable)).unwrap();
                assert_eq!((snapshot.up_to, snapshot.damages.len()), (durable, 0));
                assert!(snapshot.given >= durable);
                let copied = tempfile::tempdir().unwrap();
                copy(root, &mut snapshot, copied.path());
                for own in 0..2 {
                    let found = numbers(copied.path(), organization(own));
                    let last = found.last().copied().unwrap_or(0);
                    let of_all = |up_to: u64| (1..=up_to).filter(move |number| number % 2 == u64::from(own));
                    assert_eq!(found, of_all(last).collect::<Vec<_>>());
                    assert!(
                        last >= of_all(durable).next_back().unwrap_or(0),
                        "{last} of {durable}"
                    );
                    let known = snapshot.last_by_organization.get(&organization(own));
                    assert_eq!(known.copied().unwrap_or(0), last);
                }
                copies += 1;
            }
        });
        for number in 1..=COUNT {
            let records = vec![numbered_record(number)];
            append(journal, organization(number as u8 % 2), records).unwrap();
        }
        is_written.store(true, Ordering::Release);
    });
}

/// Law: of a journal that nobody writes, what recovery would cut off is left out, and nothing else.
#[test]
fn what_was_torn_is_left_out() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path(), u64::MAX);
    for number in 1..=3 {
        append(&journal, organization(1), vec![numbered_record(number)]).unwrap();
    }
    drop(journal);
    let (_, segment) = list_active(directory.path()).unwrap().pop().unwrap();
    let whole = fs::read(&segment).unwrap();
    for torn in 1..60 {
        fs::write(&segment, &whole[..whole.len() - torn]).unwrap();
        let mut snapshot = take(directory.path(), None).unwrap();
        assert_eq!((snapshot.up_to, snapshot.damages.len()), (2, 0));
        let copied = tempfile::tempdir().unwrap();
        copy(directory.path(), &mut snapshot, copied.path());
        assert_eq!(numbers(copied.path(), organization(1)), [1, 2]);
    }
}

/// Law: damage in front of what is durable is told, and what lies behind it is copied all the same.
#[test]
fn damage_is_copied_and_told() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path(), u64::MAX);
    for number in 1..=3 {
        append(&journal, organization(1), vec![numbered_record(number)]).unwrap();
    }
    let (_, segment) = list_active(directory.path()).unwrap().pop().unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    // In the body of the first frame.
    bytes[32 + 56 + 1] ^= 1;
    fs::write(&segment, &bytes).unwrap();
    let snapshot = take(directory.path(), Some(3)).unwrap();
    assert_eq!(snapshot.damages.len(), 1);
    assert_eq!(snapshot.active[0].bytes, bytes.len() as u64);
    assert_eq!(snapshot.last_by_organization[&organization(1)], 3);
}
