//! What is written reads back: `decode(write(record)) == record`, for records of every type.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tacho_core::record::wire::write_json;
use tacho_core::record::{FieldKind, FieldSpec, RecordType, Value};
use tacho_core::{Record, Timestamp};

use crate::decode::shapes::testing::received_at;
use crate::decode::{DecodeOptions, Format, decode, ndjson_stream};

fn text(bytes_max: usize) -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z0-9_-]{1,12}",
        1 => "[^\u{0}]{1,20}",
        1 => Just("\"\\/\u{8}\u{c}\n\r\t\u{1}\u{7f}\u{2028}🦀".to_owned()),
        1 => Just("x".repeat(bytes_max)),
    ]
}

/// Some object as text with sorted keys and no spaces.
fn object() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        Just("1.50e3".to_owned()),
        Just("123456789012345678901234567890".to_owned()),
        text(30).prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    let value = leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::btree_map(text(10), inner, 0..3).prop_map(|members| written(&members)),
        ]
    });
    prop::collection::btree_map(text(10), value, 1..4).prop_map(|members| written(&members))
}

fn written(members: &BTreeMap<String, String>) -> String {
    let members: Vec<_> = members
        .iter()
        .map(|(key, value)| format!("{}:{value}", serde_json::to_string(key).unwrap()))
        .collect();
    format!("{{{}}}", members.join(","))
}

fn value_of(record_type: RecordType, spec: &FieldSpec) -> BoxedStrategy<Value> {
    match spec.kind {
        FieldKind::Keyword(words) => (0..words.len() as u8).prop_map(Value::Keyword).boxed(),
        FieldKind::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        FieldKind::Float => match (record_type, spec.name) {
            (RecordType::Conversation, _) => (0.0..=5.0).boxed(),
            (_, "disk_percent") => (0.0..=100.0).boxed(),
            (RecordType::Resource | RecordType::Workflow, _) => (prop::num::f64::POSITIVE
                | prop::num::f64::ZERO)
                .prop_filter("finite", |number| number.is_finite())
                .boxed(),
            _ => (prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO).boxed(),
        }
        .prop_map(Value::Float)
        .boxed(),
        FieldKind::Text { bytes_max, .. } => text(bytes_max).prop_map(|text| Value::from(&*text)).boxed(),
        FieldKind::Json => object().prop_map(|text| Value::from(&*text)).boxed(),
        FieldKind::Tags => prop::collection::btree_map(text(64), text(256), 1..5)
            .prop_map(|tags| {
                let tags = tags
                    .into_iter()
                    .map(|(key, value)| (key, serde_json::to_string(&value).unwrap()))
                    .collect();
                Value::from(&*written(&tags))
            })
            .boxed(),
        FieldKind::Time => instant().prop_map(|at| Value::Int(at.as_micros())).boxed(),
        FieldKind::Usd | FieldKind::Credits => any::<i64>().prop_map(Value::Int).boxed(),
        FieldKind::Count | FieldKind::Millis => (0..=i64::MAX).prop_map(Value::Int).boxed(),
    }
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (0..=received_at().as_micros()).prop_map(Timestamp::from_micros)
}

/// Any record that a sender may send.
pub(super) fn record() -> impl Strategy<Value = Record> {
    prop::sample::select(RecordType::ALL.to_vec()).prop_flat_map(|record_type| {
        let fields: Vec<_> = record_type
            .spec()
            .fields
            .iter()
            .enumerate()
            .map(|(position, spec)| {
                let value = value_of(record_type, spec);
                match spec.required {
                    true => value.prop_map(Some).boxed(),
                    false => prop::option::of(value).boxed(),
                }
                .prop_map(move |value| value.map(|value| (position as u8, value)))
            })
            .collect();
        let attempt = prop_oneof![Just(1u32), 1..=u32::MAX];
        (fields, text(256), attempt, instant()).prop_map(move |(fields, id, attempt, updated_at)| {
            let mut record = Record {
                record_type,
                id: id.into(),
                attempt,
                updated_at,
                is_inferred: false,
                fields: fields.into_iter().flatten().collect(),
            };
            for (first, second) in [
                ("started_at", "completed_at"),
                ("started_at", "ended_at"),
                ("steps_completed", "steps_total"),
            ] {
                put_in_order(&mut record, first, second);
            }
            record
        })
    })
}

fn put_in_order(record: &mut Record, first: &str, second: &str) {
    let spec = record.record_type.spec();
    let place = |name| {
        let (position, _) = spec.field(name)?;
        record.fields.iter().position(|(at, _)| *at == position)
    };
    if let (Some(a), Some(b)) = (place(first), place(second))
        && record.fields[a].1 > record.fields[b].1
    {
        let value = record.fields[a].1.clone();
        record.fields[a].1 = std::mem::replace(&mut record.fields[b].1, value);
    }
}

fn body_of(records: &[Record], between: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for (at, record) in records.iter().enumerate() {
        if at > 0 {
            body.extend_from_slice(between.as_bytes());
        }
        write_json(record, &mut body);
    }
    body
}

/// What reads back, in strict mode: nothing that Tacho writes is unknown to it.
pub(super) fn read_back(format: Format, body: &[u8]) -> Vec<Record> {
    let options = DecodeOptions {
        strict: true,
        ..DecodeOptions::new(received_at())
    };
    let decoded = decode(format, body, &options).unwrap();
    assert_eq!(decoded.rejected, vec![], "{}", String::from_utf8_lossy(body));
    decoded.records.into_iter().map(|(_, record)| record).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Law: what is written as JSON or as NDJSON reads back, in its order.
    #[test]
    fn what_is_written_reads_back(records in prop::collection::vec(record(), 1..4)) {
        let array = [b"[", &*body_of(&records, ","), b"]"].concat();
        prop_assert_eq!(&read_back(Format::Json, &array), &records);
        prop_assert_eq!(&read_back(Format::Ndjson, &body_of(&records, "\n")), &records);
    }

    /// Law: a file read line by line gives what the same body gives at once.
    #[test]
    fn a_stream_reads_as_the_whole(records in prop::collection::vec(record(), 1..4)) {
        let options = DecodeOptions::new(received_at());
        let body = body_of(&records, "\r\n\n");
        let streamed: Vec<_> = ndjson_stream::read(&*body, &options)
            .map(|item| { let (line, outcome) = item.unwrap(); (line, outcome.unwrap()) })
            .collect();
        let expected: Vec<_> = records.into_iter().enumerate().map(|(at, record)| (2 * at as u64 + 1, record)).collect();
        prop_assert_eq!(streamed, expected);
    }

    /// Law: aliases and spellings of one field mean the same.
    #[test]
    fn every_alias_means_its_field(record in record(), pick in any::<prop::sample::Index>()) {
        let mut text = String::from_utf8(body_of(std::slice::from_ref(&record), "")).unwrap();
        for (position, _) in &record.fields {
            let field = &record.record_type.spec().fields[usize::from(*position)];
            let mut names = field.aliases.to_vec();
            let camel = camel(field.name);
            names.extend([field.name, &camel]);
            let alias = names[pick.index(names.len())];
            text = text.replacen(&format!(",\"{}\":", field.name), &format!(",\"{alias}\":"), 1);
        }
        prop_assert_eq!(read_back(Format::Json, text.as_bytes()), vec![record]);
    }
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap().to_owned();
    for word in words {
        camel.push_str(&word[..1].to_uppercase());
        camel.push_str(&word[1..]);
    }
    camel
}
