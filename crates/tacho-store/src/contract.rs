//! What every store must hold to, as functions that each take a way to open the store under test. An adapter calls all of
//! them from its tests. Opening again finds what was written before; whatever was opened is dropped first.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tacho_core::OrganizationId;
use tacho_core::record::derive::ExecutionOwner;
use tacho_core::record::{FieldKind, Record, RecordType, Row, Value};
use tacho_core::time::Timestamp;

use crate::{Change, Lsn, Scalar, Statement, Stop, Store, StoreError, StoreState, StoredRow, Target};

/// Opens the store under test.
pub type Open<'a> = &'a dyn Fn() -> Arc<dyn Store>;

const TIMEOUT: Duration = Duration::from_secs(30);

fn organization(number: u8) -> OrganizationId {
    OrganizationId::from_bytes([number; 16])
}

fn now(micros: i64) -> Timestamp {
    Timestamp::from_micros(1_763_800_000_000_000 + micros)
}

fn record(record_type: RecordType, id: &str, fields: &[(&str, Value)]) -> Record {
    let spec = record_type.spec();
    let mut fields: Vec<(u8, Value)> = fields
        .iter()
        .map(|(name, value)| (spec.position(name), value.clone()))
        .collect();
    fields.sort_by_key(|(position, _)| *position);
    Record {
        record_type,
        id: id.into(),
        attempt: 1,
        updated_at: now(0),
        is_inferred: false,
        fields,
    }
}

fn metric(lsn: Lsn, id: &str, value: f64) -> StoredRow {
    let record = record(
        RecordType::Metric,
        id,
        &[("name", "queue".into()), ("value", Value::Float(value))],
    );
    StoredRow::new(lsn, Row::from(record), None)
}

fn step(lsn: Lsn, id: &str, execution: &str, owner: Option<&ExecutionOwner>) -> StoredRow {
    StoredRow::new(
        lsn,
        Row::from(record(
            RecordType::Step,
            id,
            &[("execution_id", execution.into())],
        )),
        owner,
    )
}

fn execution(lsn: Lsn, id: &str, status: u8) -> StoredRow {
    let record = record(
        RecordType::Execution,
        id,
        &[("status", Value::Keyword(status)), ("workflow_id", "w".into())],
    );
    StoredRow::new(lsn, Row::from(record), None)
}

fn insert(rows: Vec<StoredRow>) -> Change {
    let applied_lsn = rows.iter().map(|row| row.lsn).max().unwrap_or(0);
    Change {
        applied_lsn,
        retracted: Vec::new(),
        rows,
    }
}

fn ended(record_type: RecordType) -> Target {
    Target {
        record_type,
        is_open: false,
    }
}

fn text(sql: &str) -> Statement {
    Statement {
        sql: sql.to_owned(),
        params: Vec::new(),
    }
}

fn sorted(mut rows: Vec<StoredRow>) -> Vec<StoredRow> {
    rows.sort_by_key(|row| row.lsn);
    rows
}

/// Law: the applied position begins at 0, moves with each batch, and what lies at or below it changes nothing, so that a
/// batch may be sent again.
pub fn a_batch_is_applied_once(open: Open<'_>) {
    let (store, organization) = (open(), organization(1));
    assert_eq!(store.applied_lsn(organization).unwrap(), 0);
    let first = insert(vec![metric(1, "a", 1.0), metric(2, "b", 2.0)]);
    store.apply(organization, &first, now(1)).unwrap();
    assert_eq!(store.applied_lsn(organization).unwrap(), 2);
    let before = store.digest(organization, true).unwrap();
    store.apply(organization, &first, now(2)).unwrap();
    let mut other = insert(vec![metric(2, "c", 3.0)]);
    other.retracted.push(metric(1, "a", 1.0).retracted());
    store.apply(organization, &other, now(3)).unwrap();
    assert_eq!(store.digest(organization, true).unwrap(), before);
    let snapshot = store.read(organization, &[], TIMEOUT).unwrap();
    assert_eq!((snapshot.as_of_lsn, snapshot.as_of), (2, Some(now(1))));
    // A batch may change nothing but the position.
    store
        .apply(
            organization,
            &Change {
                applied_lsn: 9,
                ..Change::default()
            },
            now(4),
        )
        .unwrap();
    assert_eq!(store.applied_lsn(organization).unwrap(), 9);
    assert_eq!(store.digest(organization, true).unwrap().tables, before.tables);
}

/// Law: a batch that cannot be applied whole changes nothing at all, and the next one goes in.
pub fn a_batch_is_applied_whole_or_not_at_all(open: Open<'_>) {
    let (store, organization) = (open(), organization(2));
    store
        .apply(
            organization,
            &insert(vec![metric(1, "a", 1.0), step(2, "s", "e", None)]),
            now(1),
        )
        .unwrap();
    let before = store.digest(organization, true).unwrap();
    let mut malformed = step(4, "t", "e", None);
    malformed.derived.clear();
    let change = Change {
        applied_lsn: 4,
        retracted: vec![
            metric(1, "a", 1.0).retracted(),
            step(2, "s", "e", None).retracted(),
        ],
        rows: vec![metric(3, "b", 2.0), malformed],
    };
    assert!(store.apply(organization, &change, now(2)).is_err());
    assert_eq!(store.digest(organization, true).unwrap(), before);
    store
        .apply(organization, &insert(vec![metric(3, "b", 2.0)]), now(3))
        .unwrap();
    assert_eq!(store.applied_lsn(organization).unwrap(), 3);
}

/// Law: a retracted row is gone and what replaces it is there, also when it moves between the tables of a type.
pub fn a_retracted_row_gives_way_to_its_successor(open: Open<'_>) {
    let (store, organization) = (open(), organization(3));
    let open_target = Target {
        record_type: RecordType::Execution,
        is_open: true,
    };
    store
        .apply(
            organization,
            &insert(vec![execution(1, "e", 1), metric(2, "m", 1.0)]),
            now(1),
        )
        .unwrap();
    assert_eq!(
        store.rows_at(organization, open_target, &[1]).unwrap(),
        vec![execution(1, "e", 1)]
    );
    let change = Change {
        applied_lsn: 4,
        retracted: vec![
            execution(1, "e", 1).retracted(),
            metric(2, "m", 1.0).retracted(),
            metric(77, "none", 1.0).retracted(),
        ],
        // A row may be corrected and keep its position.
        rows: vec![execution(4, "e", 2), metric(2, "m", 5.0)],
    };
    store.apply(organization, &change, now(2)).unwrap();
    assert_eq!(store.rows_at(organization, open_target, &[1, 4]).unwrap(), vec![]);
    assert_eq!(
        store
            .rows_at(organization, ended(RecordType::Execution), &[1, 4])
            .unwrap(),
        vec![execution(4, "e", 2)]
    );
    assert_eq!(
        store
            .rows_at(organization, ended(RecordType::Metric), &[2])
            .unwrap(),
        vec![metric(2, "m", 5.0)]
    );
}

/// Law: rows are found by position, however many are asked for; positions without a row are left out.
pub fn rows_are_found_by_position(open: Open<'_>) {
    let (store, organization) = (open(), organization(4));
    let rows: Vec<StoredRow> = (1..=2_500)
        .map(|lsn| metric(lsn * 2, &format!("m{lsn}"), lsn as f64))
        .collect();
    store.apply(organization, &insert(rows.clone()), now(1)).unwrap();
    let target = ended(RecordType::Metric);
    let every: Vec<Lsn> = (1..=5_100).rev().collect();
    assert_eq!(sorted(store.rows_at(organization, target, &every).unwrap()), rows);
    assert_eq!(store.rows_at(organization, target, &[4, 5]).unwrap(), rows[1..2]);
    assert_eq!(store.rows_at(organization, target, &[]).unwrap(), vec![]);
    assert_eq!(
        store
            .rows_at(organization, ended(RecordType::Cost), &[4])
            .unwrap(),
        vec![]
    );
}

/// Law: rows are found by the text of a column, whatever is in the text.
pub fn rows_are_found_by_text(open: Open<'_>) {
    let (store, organization) = (open(), organization(5));
    let names = ["e1", "e'2", "", "\"e\\3;--", "ключ 鍵 🗝"];
    let rows: Vec<StoredRow> = names
        .iter()
        .enumerate()
        .map(|(at, name)| step(at as Lsn + 1, &format!("s{at}"), name, None))
        .collect();
    store.apply(organization, &insert(rows.clone()), now(1)).unwrap();
    let target = ended(RecordType::Step);
    for (name, row) in names.iter().zip(&rows) {
        assert_eq!(
            store
                .rows_where(organization, target, "execution_id", &[name])
                .unwrap(),
            vec![row.clone()]
        );
    }
    let many: Vec<String> = (0..2_500).map(|at| format!("none {at}")).collect();
    let texts: Vec<&str> = many.iter().map(String::as_str).chain(names).collect();
    assert_eq!(
        sorted(
            store
                .rows_where(organization, target, "execution_id", &texts)
                .unwrap()
        ),
        rows
    );
    assert_eq!(
        store
            .rows_where(organization, target, "execution_id", &[])
            .unwrap(),
        vec![]
    );
}

/// Law: a scan names every row above a position, in whichever table, and none below.
pub fn a_scan_names_every_identity_above_a_position(open: Open<'_>) {
    let (store, organization) = (open(), organization(6));
    let mut second_try = metric(4, "m", 1.0);
    second_try.row.attempt = 2;
    let rows = vec![
        metric(1, "m", 1.0),
        execution(2, "open", 0),
        execution(3, "ended", 3),
        second_try,
    ];
    store.apply(organization, &insert(rows.clone()), now(1)).unwrap();
    for above in 0..5 {
        let mut found = BTreeSet::new();
        store
            .scan_identities(organization, above, &mut |target, id, attempt, lsn| {
                assert!(found.insert((lsn, target, id.to_owned(), attempt)));
            })
            .unwrap();
        let expected: BTreeSet<_> = rows
            .iter()
            .filter(|row| row.lsn > above)
            .map(|row| (row.lsn, row.target(), row.row.id.to_string(), row.row.attempt))
            .collect();
        assert_eq!(found, expected);
    }
}

/// Law: a scan names execution and position of every cost above a position that has an execution, and nothing else.
pub fn a_scan_names_what_follows_executions(open: Open<'_>) {
    let (store, organization) = (open(), organization(42));
    let cost = |lsn: Lsn, execution: Option<&str>| {
        let spec = RecordType::Cost.spec();
        let mut fields = vec![(spec.position("timestamp"), Value::Int(7))];
        fields.extend(execution.map(|id| (spec.position("execution_id"), id.into())));
        let record = Record {
            record_type: RecordType::Cost,
            id: format!("c{lsn}").into(),
            attempt: 1,
            updated_at: now(1),
            is_inferred: false,
            fields,
        };
        StoredRow::new(lsn, Row::from(record), None)
    };
    let rows = vec![
        cost(1, Some("e")),
        cost(2, None),
        cost(3, Some("f")),
        step(4, "s", "e", None),
        cost(5, Some("e")),
    ];
    store.apply(organization, &insert(rows), now(1)).unwrap();
    let all = [("e", 1), ("f", 3), ("e", 5)];
    for above in 0..6 {
        let mut found = Vec::new();
        let mut visit = |id: &str, lsn| found.push((id.to_owned(), lsn));
        store.scan_followers(organization, above, &mut visit).unwrap();
        found.sort_by_key(|(_, lsn)| *lsn);
        let expected = all.iter().filter(|(_, lsn)| *lsn > above);
        let expected: Vec<(String, Lsn)> = expected.map(|(id, lsn)| ((*id).to_owned(), *lsn)).collect();
        assert_eq!(found, expected);
    }
}

/// Law: executions that something refers to without having inherited anything are named; those that are known need not be.
pub fn unattributed_executions_are_named(open: Open<'_>) {
    let (store, organization) = (open(), organization(7));
    let owner = ExecutionOwner {
        attempt: 1,
        workflow_id: Some("w".into()),
        user_id: Some("u".into()),
        status: Some(2),
    };
    let rows = vec![
        step(1, "a", "lost", None),
        step(2, "b", "found", Some(&owner)),
        metric(3, "m", 1.0),
    ];
    store.apply(organization, &insert(rows), now(1)).unwrap();
    let named = store.unattributed_executions(organization).unwrap();
    assert!(named.contains(&"lost".to_owned()), "{named:?}");
    assert!(!named.contains(&"found".to_owned()), "{named:?}");
}

/// Law: digests do not depend on the order in which rows came, and differ when any value, or with positions any position,
/// differs.
pub fn digests_tell_stores_apart(open: Open<'_>) {
    let store = open();
    let rows = [
        metric(1, "a", 1.0),
        metric(2, "b", 2.0),
        execution(3, "e", 1),
        execution(4, "f", 2),
    ];
    let [one, two, three, four] = [10, 11, 12, 13].map(organization);
    store.apply(one, &insert(rows.to_vec()), now(1)).unwrap();
    for (at, row) in [1usize, 0, 3, 2].into_iter().enumerate() {
        let change = Change {
            applied_lsn: 10 + at as Lsn,
            retracted: Vec::new(),
            rows: vec![rows[row].clone()],
        };
        store.apply(two, &change, now(2)).unwrap();
    }
    let tables = |organization, with_positions| store.digest(organization, with_positions).unwrap().tables;
    assert_eq!(tables(one, true), tables(two, true));
    let mut moved = rows.to_vec();
    moved[0].lsn = 5;
    store.apply(three, &insert(moved), now(1)).unwrap();
    assert_eq!(tables(one, false), tables(three, false));
    assert_ne!(tables(one, true), tables(three, true));
    let mut changed = rows.to_vec();
    changed[1] = metric(2, "b", 2.5);
    store.apply(four, &insert(changed), now(1)).unwrap();
    assert_ne!(tables(one, false), tables(four, false));
    assert_eq!(
        tables(one, false).values().map(|table| table.rows).sum::<u64>(),
        4
    );
}

/// Law: all statements of one read are of one moment, and so is the position that it names, while a writer goes on.
pub fn a_read_sees_one_moment(open: Open<'_>) {
    const BATCHES: u64 = 120;
    let (store, organization) = (open(), organization(14));
    store
        .apply(
            organization,
            &insert(vec![metric(1, "m1", 1.0), step(2, "s1", "e", None)]),
            now(1),
        )
        .unwrap();
    let is_written = AtomicBool::new(false);
    thread::scope(|scope| {
        let (store, is_written) = (&store, &is_written);
        let reader = scope.spawn(move || {
            let counts = [
                text("SELECT count(*) FROM metric"),
                text("SELECT count(*) FROM step"),
            ];
            let mut seen = BTreeSet::new();
            while !is_written.load(Ordering::Acquire) {
                let snapshot = store.read(organization, &counts, TIMEOUT).unwrap();
                let expected = Scalar::Int(snapshot.as_of_lsn as i64 / 2);
                for result in &snapshot.results {
                    assert_eq!(
                        result.rows,
                        vec![vec![expected.clone()]],
                        "as of {}",
                        snapshot.as_of_lsn
                    );
                }
                seen.insert(snapshot.as_of_lsn);
            }
            seen.len()
        });
        for batch in 2..=BATCHES {
            let rows = vec![
                metric(2 * batch - 1, &format!("m{batch}"), 1.0),
                step(2 * batch, &format!("s{batch}"), "e", None),
            ];
            store
                .apply(organization, &insert(rows), now(batch as i64))
                .unwrap();
        }
        is_written.store(true, Ordering::Release);
        let moments = reader
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        assert!(moments > 1, "the reader never met the writer at work");
    });
}

/// Law: a question that takes too long is stopped and says so, and others are answered beside and after it. `heavy` takes
/// minutes.
pub fn a_slow_question_is_stopped(open: Open<'_>, heavy: &str) {
    let (store, organization) = (open(), organization(15));
    store
        .apply(organization, &insert(vec![metric(1, "m", 1.0)]), now(1))
        .unwrap();
    let count = [text("SELECT count(*) FROM metric")];
    thread::scope(|scope| {
        let slow = scope.spawn(|| {
            let started = Instant::now();
            let result = store.read(organization, &[text(heavy)], Duration::from_millis(300));
            (result.map(drop), started.elapsed())
        });
        store.read(organization, &count, TIMEOUT).unwrap();
        store
            .apply(organization, &insert(vec![metric(2, "n", 1.0)]), now(2))
            .unwrap();
        let (result, elapsed) = slow
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        assert!(matches!(result, Err(StoreError::TimedOut(_))), "{result:?}");
        assert!(
            elapsed >= Duration::from_millis(300) && elapsed < Duration::from_secs(20),
            "{elapsed:?}"
        );
    });
    assert_eq!(
        store.read(organization, &count, TIMEOUT).unwrap().results[0].rows,
        vec![vec![Scalar::Int(2)]]
    );
}

/// Law: a store that is set aside is kept under another name, and an empty one begins in its place.
pub fn a_store_is_set_aside_and_begun_anew(open: Open<'_>) {
    let (store, organization) = (open(), organization(16));
    assert_eq!(store.set_aside(organization).unwrap(), None);
    store
        .apply(organization, &insert(vec![metric(1, "m", 1.0)]), now(1))
        .unwrap();
    let kept = store.set_aside(organization).unwrap().expect("there was a file");
    assert!(kept.exists());
    assert_eq!(store.applied_lsn(organization).unwrap(), 0);
    store
        .apply(organization, &insert(vec![metric(5, "n", 1.0)]), now(2))
        .unwrap();
    assert_eq!(
        store
            .rows_at(organization, ended(RecordType::Metric), &[1, 5])
            .unwrap(),
        vec![metric(5, "n", 1.0)]
    );
}

/// Law: a store that is not whole answers no questions, but takes rows; it answers when it has the position from which on it
/// is whole, or is said to be whole without it.
pub fn a_store_that_is_not_whole_answers_nothing(open: Open<'_>) {
    let (store, organization) = (open(), organization(17));
    let add = |lsn| store.apply(organization, &insert(vec![metric(lsn, "m", 1.0)]), now(1));
    let check = |whole_at: Option<Lsn>| {
        let (refused, state) = match whole_at {
            Some(_) => (false, StoreState::Open),
            None => (true, StoreState::Rebuilding),
        };
        let is_refused = |error| matches!(error, StoreError::Unavailable(_));
        let read = store.read(organization, &[], TIMEOUT);
        assert_eq!(read.as_ref().ok().map(|snapshot| snapshot.as_of_lsn), whole_at);
        assert_eq!(read.is_err_and(is_refused), refused);
        let holdings = store.holdings(organization);
        assert_eq!(holdings.is_err_and(is_refused), refused);
        let mut is_begun = false;
        let long = store.read_long(organization, &Stop::default(), &mut |_| {
            is_begun = true;
            Ok(ControlFlow::Continue(()))
        });
        assert_eq!(long.is_err_and(is_refused), refused);
        assert_eq!(is_begun, !refused);
        assert_eq!(store.status(organization).unwrap().state, state);
    };
    store.set_whole_from(organization, 2);
    check(None);
    add(1).unwrap();
    check(None);
    add(2).unwrap();
    check(Some(2));
    store.set_whole_from(organization, Lsn::MAX);
    check(None);
    add(3).unwrap();
    check(None);
    store.set_whole_from(organization, 0);
    check(Some(3));
}

/// Law: no organization sees or moves anything of another, with more of them than files are open at a time.
pub fn organizations_are_apart(open: Open<'_>) {
    let store = open();
    let organizations: Vec<OrganizationId> = (20..32).map(organization).collect();
    for round in 1..=3u64 {
        for (at, organization) in organizations.iter().enumerate() {
            let row = metric(round, &format!("m{round}"), at as f64);
            store.apply(*organization, &insert(vec![row]), now(1)).unwrap();
        }
    }
    store.set_aside(organizations[3]).unwrap();
    for (at, organization) in organizations.iter().enumerate() {
        let found = sorted(
            store
                .rows_at(*organization, ended(RecordType::Metric), &[1, 2, 3])
                .unwrap(),
        );
        let expected: Vec<StoredRow> = match at {
            3 => Vec::new(),
            _ => (1..=3)
                .map(|round| metric(round, &format!("m{round}"), at as f64))
                .collect(),
        };
        assert_eq!(found, expected);
    }
}

/// Law: what was applied is there after closing and opening again, and the store goes on where it stood.
pub fn a_store_survives_closing(open: Open<'_>) {
    let organization = organization(40);
    let rows = vec![metric(1, "m", 1.0), execution(2, "e", 0), step(3, "s", "e", None)];
    let store = open();
    store.apply(organization, &insert(rows), now(1)).unwrap();
    let before = store.digest(organization, true).unwrap();
    drop(store);
    let store = open();
    assert_eq!(store.applied_lsn(organization).unwrap(), 3);
    assert_eq!(store.digest(organization, true).unwrap(), before);
    assert_eq!(
        store.read(organization, &[], TIMEOUT).unwrap().as_of,
        Some(now(1))
    );
    store
        .apply(organization, &insert(vec![metric(4, "n", 1.0)]), now(2))
        .unwrap();
    let rows = store.status(organization).unwrap().rows;
    let expected = [
        ("metric", 2),
        ("execution_open", 1),
        ("step", 1),
        ("execution", 0),
    ];
    let found: BTreeMap<&str, u64> = rows
        .iter()
        .map(|(table, count)| (table.as_str(), *count))
        .collect();
    assert!(
        expected
            .iter()
            .all(|(table, count)| found.get(table) == Some(count)),
        "{rows:?}"
    );
}

/// Law: every value of every field of every type comes back as it went in, the extremes of its kind among them.
pub fn every_value_comes_back(open: Open<'_>) {
    let (store, organization) = (open(), organization(41));
    let mut rows = Vec::new();
    let owner = ExecutionOwner {
        attempt: 1,
        workflow_id: Some("w ☂".into()),
        user_id: Some(String::new().into()),
        status: Some(3),
    };
    for record_type in RecordType::ALL {
        for which in 0..6usize {
            let spec = record_type.spec();
            // The fifth has every other field, the sixth none.
            let fields = spec
                .fields
                .iter()
                .enumerate()
                .filter(|(at, _)| which < 4 || which == 4 && at % 2 == 0);
            let record = Record {
                record_type,
                id: [
                    "plain",
                    "ünïcode 🚀",
                    " ",
                    "a'b\"c\\d",
                    "\n\t\u{1}",
                    "x".repeat(256).as_str(),
                ][which]
                    .into(),
                attempt: [1, 2, u32::MAX, 1, 7, 3][which],
                updated_at: [now(0), Timestamp::MIN, Timestamp::MAX, now(1), now(2), now(3)][which],
                is_inferred: which == 3,
                fields: fields
                    .map(|(at, field)| (at as u8, extreme(field.kind, which)))
                    .collect(),
            };
            let mut row = Row::from(record.clone());
            if which == 3 {
                // Another record, so that cells differ in rank and some conflict.
                let mut other = record;
                for (position, value) in &mut other.fields {
                    *value = extreme(spec.fields[usize::from(*position)].kind, 0);
                }
                let mut later = other.clone();
                later.updated_at = now(9);
                later.fields.truncate(2);
                row.join(Row::from(other));
                row.join(Row::from(later));
            }
            rows.push(StoredRow::new(
                rows.len() as Lsn + 1,
                row,
                (which % 2 == 0).then_some(&owner),
            ));
        }
    }
    store.apply(organization, &insert(rows.clone()), now(1)).unwrap();
    for row in rows {
        let found = store.rows_at(organization, row.target(), &[row.lsn]).unwrap();
        assert_eq!(found, vec![row]);
    }
}

fn extreme(kind: FieldKind, which: usize) -> Value {
    let which = which % 4;
    match kind {
        FieldKind::Keyword(words) => {
            Value::Keyword([0, words.len() as u8 - 1, 0, words.len() as u8 / 2][which])
        }
        FieldKind::Bool => Value::Bool(which.is_multiple_of(2)),
        FieldKind::Float => Value::Float([0.1, f64::MAX, f64::MIN_POSITIVE, -0.0][which]),
        FieldKind::Time => Value::Int([now(3).as_micros(), 0, Timestamp::MAX.as_micros(), 1][which]),
        FieldKind::Text { .. } | FieldKind::Json | FieldKind::Tags => {
            ["{\"a\":1}", "", "наука 科学 🧪\u{0}.", "a'b\"c\\d\n%_"][which].into()
        }
        FieldKind::Count | FieldKind::Millis | FieldKind::Usd | FieldKind::Credits => {
            Value::Int([7, i64::MAX, i64::MIN, -1][which])
        }
    }
}

/// Law: a long reading sees one moment, whatever is written meanwhile.
pub fn a_long_reading_sees_one_moment(open: Open<'_>) {
    let store = open();
    let rows = (1..=10).map(|lsn| metric(lsn, &format!("m{lsn}"), 1.0)).collect();
    store.apply(organization(1), &insert(rows), now(1)).unwrap();
    let count = text("SELECT count(*) FROM metric");
    let mut counted = Vec::new();
    let flow = store.read_long(organization(1), &Stop::default(), &mut |reading| {
        for lsn in 11..=13 {
            let change = insert(vec![metric(lsn, &format!("m{lsn}"), 1.0)]);
            store.apply(organization(1), &change, now(2)).unwrap();
            let _ = reading.rows(&count, &mut |row| {
                counted.push(Scalar::from(row[0]));
                ControlFlow::Continue(())
            })?;
        }
        assert_eq!(reading.as_of_lsn(), 10);
        Ok(ControlFlow::Break(()))
    });
    assert_eq!(flow.unwrap(), ControlFlow::Break(()));
    assert_eq!(counted, vec![Scalar::Int(10); 3]);
    assert_eq!(store.applied_lsn(organization(1)).unwrap(), 13);
}

/// Law: a long reading ends at once when it is told to stop, within a statement, and when the store is set aside. `endless` is
/// a statement that takes minutes.
pub fn a_long_reading_is_stopped(open: Open<'_>, endless: &str) {
    let store = open();
    store
        .apply(organization(1), &insert(vec![metric(1, "m", 1.0)]), now(1))
        .unwrap();
    let endless = text(endless);
    let read = |stop: &Stop, is_begun: &AtomicBool| {
        store.read_long(organization(1), stop, &mut |reading| {
            is_begun.store(true, Ordering::Release);
            reading.rows(&endless, &mut |_| ControlFlow::Continue(()))
        })
    };
    // By whoever reads, and by setting the store aside.
    for is_set_aside in [false, true] {
        let (stop, is_begun) = (Stop::default(), AtomicBool::new(false));
        thread::scope(|scope| {
            let reader = scope.spawn(|| read(&stop, &is_begun));
            let deadline = Instant::now() + TIMEOUT;
            while !is_begun.load(Ordering::Acquire) {
                assert!(Instant::now() < deadline && !reader.is_finished());
                thread::yield_now();
            }
            let began = Instant::now();
            match is_set_aside {
                true => assert!(store.set_aside(organization(1)).unwrap().is_some()),
                false => stop.stop(),
            }
            assert!(matches!(reader.join().unwrap(), Err(StoreError::Stopped)));
            assert!(began.elapsed() < Duration::from_secs(5));
        });
    }
    let stop = Stop::default();
    stop.stop();
    let read = read(&stop, &AtomicBool::new(false));
    assert!(matches!(read, Err(StoreError::Stopped)));
}
