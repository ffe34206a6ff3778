use proptest::prelude::*;
use tacho_core::record::{Record, Row, Value};

use super::*;
use crate::StoredRow;

fn organization() -> OrganizationId {
    OrganizationId::from_bytes([7; 16])
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn range(start: &str, end: &str) -> TimeRange {
    TimeRange {
        start: instant(start),
        end: instant(end),
    }
}

/// A cost of that moment.
fn cost(at: &str) -> StoredRow {
    row(RecordType::Cost, instant(at))
}

fn row(record_type: RecordType, at: Timestamp) -> StoredRow {
    let time = record_type.spec().field("timestamp");
    let fields = time.map(|(position, _)| (position, Value::Int(at.as_micros())));
    let record = Record {
        record_type,
        id: "a".into(),
        attempt: 1,
        updated_at: at,
        is_inferred: false,
        fields: fields.into_iter().collect(),
    };
    StoredRow::new(1, Row::from(record), None)
}

fn change(applied_lsn: Lsn, leaving: &[StoredRow], coming: &[StoredRow]) -> Change {
    Change {
        applied_lsn,
        retracted: leaving.iter().map(StoredRow::retracted).collect(),
        rows: coming.to_vec(),
    }
}

/// Where rows of that type have last changed in a range.
fn last(epochs: &Epochs, record_type: RecordType, range: TimeRange) -> Lsn {
    epochs.of(organization(), [(record_type, range)]).lsn
}

const MARCH: [&str; 2] = ["2025-03-01T00:00:00Z", "2025-04-01T00:00:00Z"];
const APRIL: [&str; 2] = ["2025-04-01T00:00:00Z", "2025-05-01T00:00:00Z"];

#[test]
fn a_change_counts_in_its_month_for_its_type_and_organization() {
    let epochs = Epochs::default();
    epochs.note(
        organization(),
        &change(5, &[], &[cost("2025-03-31T23:59:59.999999Z")]),
    );
    let of = |months: [&str; 2]| last(&epochs, RecordType::Cost, range(months[0], months[1]));
    assert_eq!((of(MARCH), of(APRIL)), (5, 0));
    // A range that touches a month reads of it.
    assert_eq!(of(["2025-03-31T23:00:00Z", "2025-06-01T00:00:00Z"]), 5);
    assert_eq!(of(["2024-06-01T00:00:00Z", "2025-03-01T00:00:00.000001Z"]), 5);
    assert_eq!(of(["2024-06-01T00:00:00Z", "2025-03-01T00:00:00Z"]), 0);
    assert_eq!(last(&epochs, RecordType::Step, range(MARCH[0], MARCH[1])), 0);
    let stranger = OrganizationId::from_bytes([8; 16]);
    let march = (RecordType::Cost, range(MARCH[0], MARCH[1]));
    assert_eq!(epochs.of(stranger, [march]).lsn, 0);
}

#[test]
fn what_moves_counts_where_it_was_and_where_it_is() {
    let epochs = Epochs::default();
    let (before, after) = (cost("2025-03-10T00:00:00Z"), cost("2025-05-10T00:00:00Z"));
    epochs.note(organization(), &change(9, &[before], &[after]));
    let of = |start, end| last(&epochs, RecordType::Cost, range(start, end));
    assert_eq!(of(MARCH[0], MARCH[1]), 9);
    assert_eq!(of(APRIL[0], APRIL[1]), 0);
    assert_eq!(of("2025-05-31T00:00:00Z", "2025-06-01T00:00:00Z"), 9);
    // What is erased leaves and does not come.
    epochs.note(organization(), &change(12, &[cost("2025-04-10T00:00:00Z")], &[]));
    assert_eq!((of(MARCH[0], MARCH[1]), of(APRIL[0], APRIL[1])), (9, 12));
    // The latest of all that is asked about counts.
    let both = [MARCH, APRIL].map(|month| (RecordType::Cost, range(month[0], month[1])));
    assert_eq!(epochs.of(organization(), both).lsn, 12);
}

#[test]
fn workflows_count_for_every_question() {
    let epochs = Epochs::default();
    let workflow = row(RecordType::Workflow, instant("2026-11-22T00:00:00Z"));
    epochs.note(organization(), &change(3, &[], &[workflow]));
    assert_eq!(last(&epochs, RecordType::Cost, range(MARCH[0], MARCH[1])), 3);
    assert_eq!(epochs.of(organization(), []).lsn, 3);
}

/// A workflow of that name, as the record at a position says.
fn workflow(lsn: Lsn, id: &str, name: &str) -> StoredRow {
    let at = Timestamp::from_micros(lsn as i64);
    let name = (RecordType::Workflow.spec().position("name"), Value::from(name));
    let record = Record {
        record_type: RecordType::Workflow,
        id: id.into(),
        attempt: 1,
        updated_at: at,
        is_inferred: false,
        fields: vec![name],
    };
    StoredRow::new(lsn, Row::from(record), None)
}

#[test]
fn a_workflow_that_is_said_again_has_not_changed() {
    let epochs = Epochs::default();
    let mut lsn = 0;
    let mut note = |leaving: &[&StoredRow], coming: &[&StoredRow]| {
        lsn += 10;
        let owned = |rows: &[&StoredRow]| -> Vec<StoredRow> { rows.iter().copied().cloned().collect() };
        epochs.note(organization(), &change(lsn, &owned(leaving), &owned(coming)));
        epochs.of(organization(), []).lsn == lsn
    };
    let [a, again, renamed, b] = [(1, "a", "A"), (11, "a", "A"), (21, "a", "Z"), (22, "b", "B")]
        .map(|(lsn, id, name)| workflow(lsn, id, name));
    assert!(note(&[], &[&a]));
    assert!(!note(&[&a], &[&again]));
    assert!(note(&[&again], &[&renamed, &b]));
    // One is erased while another is said again; and comes again.
    assert!(note(&[&renamed, &b], &[&workflow(31, "a", "Z")]));
    assert!(note(&[], &[&b]));
    // What it said before the start is not known.
    let [old, new, newer] = [5, 41, 51].map(|lsn| workflow(lsn, "c", "C"));
    assert!(note(&[&old], &[&new]));
    assert!(!note(&[&new], &[&newer]));
}

#[test]
fn a_store_made_anew_is_another() {
    let epochs = Epochs::default();
    epochs.note(organization(), &change(3, &[], &[cost(MARCH[0])]));
    let before = epochs.of(organization(), []);
    epochs.note_rebuild(organization());
    assert_ne!(epochs.of(organization(), []), before);
    assert_eq!(last(&epochs, RecordType::Cost, range(MARCH[0], MARCH[1])), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Law: no change is ever missed, however many months there are, and no more of them are held than are allowed. What
    /// is known one by one is exact.
    #[test]
    fn many_months_are_held_together_and_none_is_missed(
        changes in prop::collection::vec(prop::collection::vec((0..10usize, 0..2_760i64), 1..400), 1..20),
    ) {
        const MONTH_US: i64 = 2_629_746_000_000;
        let epochs = Epochs::default();
        let at = |month: i64| Timestamp::from_micros(month * MONTH_US + MONTH_US / 2);
        let mut changed = BTreeMap::new();
        for (rows, lsn) in changes.iter().zip(1..) {
            let rows: Vec<StoredRow> = rows
                .iter()
                .map(|(record_type, month)| {
                    let (record_type, at) = (RecordType::ALL[*record_type], at(*month));
                    changed.insert((record_type, month_of(record_type, at)), (lsn, at));
                    row(record_type, at)
                })
                .collect();
            epochs.note(organization(), &change(lsn, &[], &rows));
        }
        let organizations = epochs.lock();
        let known = &organizations[&organization()];
        prop_assert!(known.months.len() <= MONTHS_MAX);
        for ((record_type, month), (lsn, at)) in changed {
            let found = known.last(record_type, month, month);
            prop_assert!(found >= lsn, "{record_type:?} of {at}: {found} for {lsn}");
            prop_assert!(found == lsn || found == known.others, "{record_type:?} of {at}");
        }
    }
}
