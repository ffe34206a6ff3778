//! The laws of merging. A law is written beside the test that holds it.

use proptest::prelude::*;

use super::*;
use crate::record::field::FieldSpec;

fn value_of(spec: &FieldSpec) -> BoxedStrategy<Value> {
    // Few values, so that ties are common.
    match spec.kind {
        FieldKind::Keyword(words) => (0..words.len() as u8).prop_map(Value::Keyword).boxed(),
        FieldKind::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        FieldKind::Float => prop_oneof![Just(0.5), Just(-1.0), Just(7.25)]
            .prop_map(Value::Float)
            .boxed(),
        FieldKind::Text { .. } | FieldKind::Json | FieldKind::Tags => {
            prop_oneof![Just("a"), Just("b"), Just("")]
                .prop_map(Value::from)
                .boxed()
        }
        _ => (0i64..4).prop_map(Value::Int).boxed(),
    }
}

/// Records about one thing: any type, any subset of fields, ranks that often tie.
fn records_of_one_thing() -> impl Strategy<Value = Vec<Record>> {
    prop::sample::select(RecordType::ALL.to_vec()).prop_flat_map(|record_type| {
        let fields: Vec<_> = record_type
            .spec()
            .fields
            .iter()
            .enumerate()
            .map(|(position, spec)| {
                prop::option::of(value_of(spec)).prop_map(move |value| value.map(|v| (position as u8, v)))
            })
            .collect();
        prop::collection::vec(
            (fields, 0i64..3, any::<bool>()).prop_map(move |(fields, updated_at, is_inferred)| Record {
                record_type,
                id: "x".into(),
                attempt: 1,
                updated_at: Timestamp::from_micros(updated_at),
                is_inferred,
                fields: fields.into_iter().flatten().collect(),
            }),
            1..6,
        )
    })
}

fn join_all(records: impl IntoIterator<Item = Record>) -> Row {
    records
        .into_iter()
        .map(Row::from)
        .reduce(|mut a, b| {
            a.join(b);
            a
        })
        .unwrap()
}

fn through_the_store(row: &Row) -> Row {
    let ranks = row.cell_ranks();
    let values = row.cells.iter().map(|cell| (cell.field, cell.value.clone()));
    let rank = Rank::from_stored(row.rank.class_and_phase(), row.rank.updated_at).unwrap();
    Row::from_stored(row.identity(), rank, values, ranks.as_deref(), row.conflicts()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Law: any order and repetition of the same records gives the same row.
    #[test]
    fn order_and_repetition_do_not_matter(
        (records, shuffled) in records_of_one_thing().prop_flat_map(|records| {
            let twice: Vec<_> = records.iter().chain(&records).cloned().collect();
            (Just(records), Just(twice).prop_shuffle())
        })
    ) {
        prop_assert_eq!(join_all(records), join_all(shuffled));
    }

    /// Law: joining is associative, so that it does not matter which records came in one batch.
    #[test]
    fn split_does_not_matter(records in records_of_one_thing(), at in 0usize..6) {
        let at = at.min(records.len());
        let whole = join_all(records.clone());
        let (head, tail) = records.split_at(at);
        let split = match (head.is_empty(), tail.is_empty()) {
            (false, false) => { let mut a = join_all(head.to_vec()); a.join(join_all(tail.to_vec())); a }
            _ => join_all(records.clone()),
        };
        prop_assert_eq!(whole, split);
    }

    /// Law: joining says whether it changed the row, and a repetition never does.
    #[test]
    fn a_join_says_whether_it_changed_anything(records in records_of_one_thing()) {
        let mut row = Row::from(records[0].clone());
        for record in &records {
            let before = row.clone();
            let is_changed = row.join(Row::from(record.clone()));
            prop_assert_eq!(is_changed, row != before);
            prop_assert!(!row.join(Row::from(record.clone())));
        }
    }

    /// Law: storing a row and reading it back between any two records changes nothing.
    #[test]
    fn the_store_forgets_nothing_that_merging_needs(records in records_of_one_thing()) {
        let whole = join_all(records.clone());
        let stepwise = records.into_iter().map(Row::from).reduce(|a, b| { let mut a = through_the_store(&a); a.join(through_the_store(&b)); through_the_store(&a) }).unwrap();
        prop_assert_eq!(whole, stepwise);
    }

    /// Law: a conflict means that two records of equal rank disagree, and nothing else is one. What was inferred counts only
    /// for what no sender said, but for the status.
    #[test]
    fn conflicts_are_told_exactly(records in records_of_one_thing()) {
        let row = join_all(records.clone());
        let status = row.record_type.spec().lifecycle.as_ref().map(|lifecycle| lifecycle.status);
        for cell in &row.cells {
            let spec = &row.record_type.spec().fields[cell.field as usize];
            let is_status = status == Some(spec.name);
            let precedence = |rank: Rank| (is_status || rank.class != RankClass::Inferred, rank);
            let said = records.iter().filter(|r| r.at(cell.field).is_some());
            let top = said.map(|r| precedence(Rank::of(r))).max().unwrap().1;
            let mut said: Vec<_> = records.iter().filter(|r| Rank::of(r) == top).filter_map(|r| r.at(cell.field)).collect();
            said.sort();
            said.dedup();
            let expected = spec.merge == MergeRule::ByRank && said.len() > 1;
            prop_assert_eq!(cell.is_conflicting, expected);
        }
    }
}

fn execution(status: u8, updated_at: i64, is_inferred: bool, fields: &[(&str, Value)]) -> Record {
    let spec = RecordType::Execution.spec();
    let mut all = vec![(spec.position("status"), Value::Keyword(status))];
    all.extend(
        fields
            .iter()
            .map(|(name, value)| (spec.position(name), value.clone())),
    );
    all.sort_by_key(|(position, _)| *position);
    Record {
        record_type: RecordType::Execution,
        id: "e".into(),
        attempt: 1,
        updated_at: Timestamp::from_micros(updated_at),
        is_inferred,
        fields: all,
    }
}

const RUNNING: u8 = 1;
const SUCCESS: u8 = 2;
const TIMEOUT: u8 = 4;

#[test]
fn an_inferred_timeout_loses_to_whatever_a_sender_reports_as_the_end() {
    let row = join_all([
        execution(SUCCESS, 10, false, &[]),
        execution(TIMEOUT, 99, true, &[]),
        execution(RUNNING, 100, false, &[]),
    ]);
    assert_eq!(row.keyword("status"), Some("success"));
    assert!(!row.is_open());
    let row = join_all([
        execution(TIMEOUT, 99, true, &[]),
        execution(RUNNING, 100, false, &[]),
    ]);
    assert_eq!(row.keyword("status"), Some("timeout"));
}

#[test]
fn nothing_inferred_is_left_once_a_sender_has_said_how_it_ended() {
    let inferred = || {
        let fields = [
            ("completed_at", Value::Int(90)),
            ("error_type", "inferred_timeout".into()),
            ("error_message", "Tacho closed it".into()),
        ];
        execution(TIMEOUT, 99, true, &fields)
    };
    let running = || execution(RUNNING, 5, false, &[("error_message", "slow".into())]);
    let closed = join_all([running(), inferred()]);
    assert_eq!(closed.get("error_type"), Some(&"inferred_timeout".into()));
    assert_eq!(closed.get("error_message"), Some(&"slow".into()));
    assert_eq!(closed.keyword("status"), Some("timeout"));
    for records in [
        vec![running(), inferred(), execution(SUCCESS, 10, false, &[])],
        vec![execution(SUCCESS, 10, false, &[]), inferred(), running()],
    ] {
        let row = join_all(records);
        assert_eq!(row.keyword("status"), Some("success"));
        assert_eq!((row.get("error_type"), row.get("completed_at")), (None, None));
        assert_eq!(row.get("error_message"), Some(&"slow".into()));
    }
}

#[test]
fn a_life_keeps_what_only_its_beginning_said() {
    let row = join_all([
        execution(
            SUCCESS,
            30,
            false,
            &[("started_at", Value::Int(12)), ("steps_completed", Value::Int(4))],
        ),
        execution(
            RUNNING,
            10,
            false,
            &[
                ("workflow_id", "w".into()),
                ("started_at", Value::Int(10)),
                ("steps_completed", Value::Int(9)),
            ],
        ),
    ]);
    assert_eq!(row.get("workflow_id"), Some(&"w".into()));
    assert_eq!(row.get("started_at"), Some(&Value::Int(10)));
    assert_eq!(row.get("steps_completed"), Some(&Value::Int(9)));
    assert_eq!(row.conflicts(), 0);
}
