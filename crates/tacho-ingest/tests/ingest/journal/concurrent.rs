use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::records::{number_of, numbered_record, organization};

/// Law: whoever reads while it is written, rotated and sealed finds all of what was durable when it began, in order and
/// without a gap, and nothing that looks like damage.
#[test]
fn a_reader_beside_the_writer_sees_a_whole_prefix() {
    const COUNT: u64 = 1_500;
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path(), 2_000);
    let is_written = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (journal, is_written) = (&journal, &is_written);
        for _ in 0..2 {
            scope.spawn(move || {
                let mut passes = 0;
                while !is_written.load(Ordering::Acquire) || passes == 0 {
                    let durable = journal.durable_lsn();
                    let (found, damages) = read(&journal.reader(), organization(1), durable);
                    assert_eq!(damages, []);
                    // Every other record is the other organization's.
                    let numbers: Vec<u64> = found.iter().map(|(_, record)| number_of(record)).collect();
                    assert_eq!(
                        numbers,
                        (1..=durable).filter(|number| number % 2 == 1).collect::<Vec<_>>()
                    );
                    passes += 1;
                }
            });
        }
        for number in 1..=COUNT {
            append(
                journal,
                organization(number as u8 % 2),
                vec![numbered_record(number)],
            )
            .unwrap();
        }
        is_written.store(true, Ordering::Release);
    });
    assert_eq!(journal.durable_lsn(), COUNT);
}

/// Law: what a writer has begun to write behind the last durable position is no damage.
#[test]
fn a_half_written_frame_behind_the_durable_end_is_no_damage() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path(), u64::MAX);
    append(&journal, organization(1), vec![numbered_record(1)]).unwrap();
    let (_, segment) = tacho_ingest::journal::layout::list_active(directory.path())
        .unwrap()
        .pop()
        .unwrap();
    let whole = std::fs::read(&segment).unwrap();
    for cut in 1..60 {
        let mut bytes = whole.clone();
        bytes.extend_from_slice(&whole[whole.len() - 90..][..cut]);
        std::fs::write(&segment, bytes).unwrap();
        let (found, damages) = read(&journal.reader(), organization(1), journal.durable_lsn());
        assert_eq!((found.len(), damages), (1, vec![]));
    }
    std::fs::write(&segment, whole).unwrap();
}
