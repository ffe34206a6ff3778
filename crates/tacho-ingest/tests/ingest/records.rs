//! Records made from the declarations of their types.

use proptest::prelude::*;
use tacho_core::record::field::FieldSpec;
use tacho_core::record::{FieldKind, Record, RecordType, Value};
use tacho_core::{OrganizationId, Timestamp};

/// An organization by its number.
pub fn organization(number: u8) -> OrganizationId {
    OrganizationId::from_bytes([number; 16])
}

/// Any value that a field may hold, the extremes among them.
fn any_value(spec: &FieldSpec) -> BoxedStrategy<Value> {
    match spec.kind {
        FieldKind::Keyword(words) => (0..words.len() as u8).prop_map(Value::Keyword).boxed(),
        FieldKind::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        FieldKind::Float => prop_oneof![
            proptest::num::f64::NORMAL | proptest::num::f64::ZERO | proptest::num::f64::SUBNORMAL,
            Just(f64::MAX),
            Just(f64::MIN_POSITIVE),
        ]
        .prop_map(Value::Float)
        .boxed(),
        FieldKind::Text { .. } | FieldKind::Json | FieldKind::Tags => {
            prop_oneof![Just(String::new()), "[a-z]{1,8}", any::<String>()]
                .prop_map(|text| Value::from(text.as_str()))
                .boxed()
        }
        _ => prop_oneof![Just(i64::MIN), Just(i64::MAX), -9i64..9, any::<i64>()]
            .prop_map(Value::Int)
            .boxed(),
    }
}

/// Any record.
pub fn any_record() -> impl Strategy<Value = Record> {
    prop::sample::select(RecordType::ALL.to_vec()).prop_flat_map(|record_type| {
        let fields: Vec<_> = record_type
            .spec()
            .fields
            .iter()
            .enumerate()
            .map(|(position, spec)| {
                prop::option::of(any_value(spec))
                    .prop_map(move |value| value.map(|value| (position as u8, value)))
            })
            .collect();
        (
            "[a-z]{1,9}|\\PC{1,9}",
            1u32..4,
            any::<i64>(),
            any::<bool>(),
            fields,
        )
            .prop_map(move |(id, attempt, updated_at, is_inferred, fields)| Record {
                record_type,
                id: id.into(),
                attempt,
                updated_at: Timestamp::from_micros(updated_at),
                is_inferred,
                fields: fields.into_iter().flatten().collect(),
            })
    })
}

/// A small record that can be told from any other by its number.
pub fn numbered_record(number: u64) -> Record {
    let spec = RecordType::Metric.spec();
    Record {
        record_type: RecordType::Metric,
        id: format!("m{number}").into(),
        attempt: 1,
        updated_at: Timestamp::from_micros(number as i64),
        is_inferred: false,
        fields: vec![
            (spec.position("timestamp"), Value::Int(number as i64)),
            (spec.position("name"), "queue.depth".into()),
            (spec.position("value"), Value::Float(number as f64)),
        ],
    }
}

/// The number of a [`numbered_record`].
pub fn number_of(record: &Record) -> u64 {
    record
        .id
        .strip_prefix('m')
        .and_then(|digits| digits.parse().ok())
        .expect("a record that was never submitted")
}

/// One of few values, so that ties, conflicts and repetitions are common.
fn common_value(spec: &FieldSpec) -> BoxedStrategy<Value> {
    match (spec.name, spec.kind) {
        ("execution_id", _) => (0..4u8)
            .prop_map(|at| Value::from(format!("e{at}").as_str()))
            .boxed(),
        (_, FieldKind::Keyword(words)) => (0..words.len() as u8).prop_map(Value::Keyword).boxed(),
        (_, FieldKind::Bool) => any::<bool>().prop_map(Value::Bool).boxed(),
        (_, FieldKind::Float) => prop_oneof![Just(0.5), Just(-1.0)].prop_map(Value::Float).boxed(),
        (_, FieldKind::Text { .. } | FieldKind::Json | FieldKind::Tags) => {
            prop_oneof![Just("a"), Just("b"), Just("")]
                .prop_map(Value::from)
                .boxed()
        }
        _ => (0i64..4).prop_map(Value::Int).boxed(),
    }
}

/// Records about few things: executions and what belongs to them more often than others, three tries each, ranks that
/// often tie, lives that begin, go on and end.
pub fn related_records(count: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<Record>> {
    let record_type = prop_oneof![
        4 => Just(RecordType::Execution),
        4 => prop::sample::select(vec![RecordType::Step, RecordType::Cost, RecordType::Resource, RecordType::Recovery]),
        2 => prop::sample::select(RecordType::ALL.to_vec()),
    ];
    let record = record_type.prop_flat_map(|record_type| {
        let fields: Vec<_> = record_type
            .spec()
            .fields
            .iter()
            .enumerate()
            .map(|(position, spec)| {
                // What makes owners is there more often than the rest.
                let share = if matches!(spec.name, "execution_id" | "workflow_id" | "user_id" | "status") {
                    0.8
                } else {
                    0.25
                };
                prop::option::weighted(share, common_value(spec))
                    .prop_map(move |value| value.map(|value| (position as u8, value)))
            })
            .collect();
        let attempt = prop_oneof![3 => Just(1u32), 1 => Just(2), 1 => Just(3)];
        (0..4u8, attempt, 0i64..4, prop::bool::weighted(0.1), fields).prop_map(
            move |(id, attempt, updated_at, is_inferred, fields)| Record {
                record_type,
                // Ids of different types are the same on purpose.
                id: format!("e{id}").into(),
                attempt,
                updated_at: Timestamp::from_micros(updated_at),
                is_inferred,
                fields: fields.into_iter().flatten().collect(),
            },
        )
    });
    prop::collection::vec(record, count)
}
