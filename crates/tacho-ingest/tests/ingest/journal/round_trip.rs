use std::collections::BTreeMap;

use proptest::prelude::*;
use tacho_ingest::journal::layout::list_active;

use super::*;
use crate::records::{any_record, organization};

#[derive(Clone, Debug)]
enum Action {
    Append(u8, Vec<Record>),
    Reopen,
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let append = (1u8..4, prop::collection::vec(any_record(), 1..6));
    let action = prop_oneof![
        6 => append.prop_map(|(organization, records)| Action::Append(organization, records)),
        1 => Just(Action::Reopen),
    ];
    prop::collection::vec(action, 1..25)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Law: what was acknowledged is read back per organization, the same records in the same order at the positions that
    /// were told, each once, through rotations, sealing and reopening; and no position is given twice.
    #[test]
    fn what_is_acknowledged_is_read_back(actions in actions(), segment_bytes_max in 1u64..3_000) {
        let directory = tempfile::tempdir().unwrap();
        let mut journal = open(directory.path(), segment_bytes_max);
        let mut written = Written::new();
        for action in actions {
            match action {
                Action::Append(number, records) => append_noted(&journal, &mut written, organization(number), records),
                Action::Reopen => {
                    drop(journal);
                    journal = open(directory.path(), segment_bytes_max);
                    prop_assert_eq!(journal.damages(), &[]);
                    // A journal that was closed leaves no position out.
                    let count: usize = written.values().map(BTreeMap::len).sum();
                    prop_assert_eq!(journal.durable_lsn(), count as u64);
                    let last = written.iter().map(|(organization, records)| (*organization, *records.keys().last().unwrap()));
                    prop_assert_eq!(journal.last_by_organization(), &last.collect::<BTreeMap<_, _>>());
                }
            }
        }
        for _ in 0..2 {
            for number in 1..4 {
                let (found, damages) = read(&journal.reader(), organization(number), journal.durable_lsn());
                let expected = written.get(&organization(number)).cloned().unwrap_or_default();
                prop_assert_eq!(&found, &expected.into_iter().collect::<Vec<_>>());
                prop_assert_eq!(damages, vec![]);
            }
            // Once more when all is sealed: every segment that a start finds is.
            drop(journal);
            journal = open(directory.path(), segment_bytes_max);
            wait_for("sealing", || list_active(directory.path()).unwrap().is_empty());
        }
    }
}

/// Law: reading from a position on gives what lies above it, and nothing beyond the position asked for.
#[test]
fn a_stretch_is_read_alone() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path(), 300);
    for number in 1..=40 {
        append(
            &journal,
            organization(number as u8 % 2),
            vec![crate::records::numbered_record(number)],
        )
        .unwrap();
    }
    for after in 0..40 {
        for up_to in after..40 {
            let mut found = Vec::new();
            let damages = journal
                .reader()
                .visit::<JournalError>(organization(1), after, up_to, |frame| {
                    found.push(frame.first_lsn);
                    Ok(Next::Continue)
                });
            assert_eq!(damages.unwrap(), []);
            assert_eq!(
                found,
                (after + 1..=up_to).filter(|lsn| lsn % 2 == 1).collect::<Vec<_>>()
            );
        }
    }
}
