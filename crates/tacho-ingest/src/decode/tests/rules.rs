//! The rules one by one: what is refused and why, what is absent, what is taken for what.

use std::collections::HashSet;

use tacho_core::record::{RecordType, Value};

use crate::decode::shapes::testing::{received_at, records, shown};
use crate::decode::{DecodeOptions, Format, Rejection, RejectionCode, decode};

/// An execution with that beside its type, id and status.
fn execution(rest: &str) -> String {
    format!(r#"{{"type":"execution","id":"a","status":"success",{rest}}}"#)
}

fn rejection(json: &str, strict: bool) -> Rejection {
    let options = DecodeOptions {
        strict,
        ..DecodeOptions::new(received_at())
    };
    let mut decoded = decode(Format::Ndjson, json.as_bytes(), &options).unwrap();
    assert_eq!(decoded.records, vec![], "{json}");
    decoded.rejected.remove(0)
}

#[test]
fn every_code_has_its_case() {
    use RejectionCode as C;
    let tags = |count: usize| {
        (0..count)
            .map(|n| format!("\"t{n}\":\"x\""))
            .collect::<Vec<_>>()
            .join(",")
    };
    let cases: Vec<(String, C, Option<&str>)> = vec![
        ("{".into(), C::NotJson, None),
        ("[]".into(), C::NotAnObject, None),
        (r#"{"id":"a"}"#.into(), C::TypeMissing, None),
        (r#"{"type":"dream"}"#.into(), C::TypeUnknown, Some("/type")),
        (r#"{"type":7}"#.into(), C::FieldType, Some("/type")),
        (
            r#"{"type":"execution","id":"","status":"success"}"#.into(),
            C::IdMissing,
            None,
        ),
        (
            format!(
                r#"{{"type":"execution","id":"{}","status":"success"}}"#,
                "x".repeat(257)
            ),
            C::IdTooLong,
            Some("/id"),
        ),
        (
            r#"{"type":"execution","id":1.5,"status":"success"}"#.into(),
            C::FieldType,
            Some("/id"),
        ),
        (
            r#"{"type":"execution","id":"a","status":null}"#.into(),
            C::FieldMissing,
            Some("/status"),
        ),
        (execution(r#""colour":1"#), C::FieldUnknown, Some("/colour")),
        (execution(r#""a/b~":1"#), C::FieldUnknown, Some("/a~1b~0")),
        (execution(r#""duration":"5""#), C::FieldType, Some("/duration")),
        (
            execution(r#""stepsTotal":2.5"#),
            C::FieldType,
            Some("/stepsTotal"),
        ),
        (execution(r#""user_id":2.5"#), C::FieldType, Some("/user_id")),
        (execution(r#""variant":2"#), C::FieldType, Some("/variant")),
        (
            execution(r#""started_at":1763800000"#),
            C::FieldType,
            Some("/started_at"),
        ),
        (execution(r#""metadata":"x""#), C::FieldType, Some("/metadata")),
        (execution(r#""cost_usd":true"#), C::FieldType, Some("/cost_usd")),
        (
            execution(r#""duration_ms":-1"#),
            C::FieldOutOfRange,
            Some("/duration_ms"),
        ),
        (
            execution(r#""duration_ms":1e300"#),
            C::FieldOutOfRange,
            Some("/duration_ms"),
        ),
        (
            execution(r#""cost_usd":99999999999999"#),
            C::FieldOutOfRange,
            Some("/cost_usd"),
        ),
        (
            execution(r#""minutes_saved":1e999"#),
            C::FieldOutOfRange,
            Some("/minutes_saved"),
        ),
        (
            execution(r#""items_processed":9223372036854775808"#),
            C::FieldOutOfRange,
            Some("/items_processed"),
        ),
        (
            execution(r#""steps_completed":3,"steps_total":2"#),
            C::FieldOutOfRange,
            Some("/steps_completed"),
        ),
        (execution(r#""attempt":0"#), C::FieldOutOfRange, Some("/attempt")),
        (
            execution(r#""attemptNumber":4294967296"#),
            C::FieldOutOfRange,
            Some("/attemptNumber"),
        ),
        (
            r#"{"type":"conversation","id":"c","status":"active","satisfaction":5.5}"#.into(),
            C::FieldOutOfRange,
            Some("/satisfaction"),
        ),
        (
            r#"{"type":"resource","timestamp":"2026-11-22T09:00:00Z","cpu_percent":-1}"#.into(),
            C::FieldOutOfRange,
            Some("/cpu_percent"),
        ),
        (
            execution(r#""trigger_type":"magic""#),
            C::KeywordUnknown,
            Some("/trigger_type"),
        ),
        (
            execution(r#""started_at":"2026-11-22T09:00:00""#),
            C::TimeMalformed,
            Some("/started_at"),
        ),
        (
            execution(r#""updatedAt":"now""#),
            C::TimeMalformed,
            Some("/updatedAt"),
        ),
        (
            execution(r#""started_at":"1969-12-31T23:59:59Z""#),
            C::TimeImpossible,
            Some("/started_at"),
        ),
        (
            execution(r#""started_at":"2026-11-23T12:00:00.000001Z""#),
            C::TimeImpossible,
            Some("/started_at"),
        ),
        (
            execution(r#""updated_at":"2027-01-01T00:00:00Z""#),
            C::TimeImpossible,
            Some("/updated_at"),
        ),
        (
            execution(r#""startTime":"2026-11-22T09:00:01Z","endTime":"2026-11-22T09:00:00Z""#),
            C::TimeImpossible,
            Some("/completed_at"),
        ),
        (
            execution(&format!(r#""error_type":"{}""#, "x".repeat(257))),
            C::TextTooLong,
            Some("/error_type"),
        ),
        (
            format!(
                "{{{}}}",
                (0..257)
                    .map(|n| format!("\"f{n}\":1"))
                    .collect::<Vec<_>>()
                    .join(",")
            ),
            C::TooManyFields,
            None,
        ),
        (execution(r#""tags":["a"]"#), C::TagsInvalid, Some("/tags")),
        (
            execution(r#""tags":{"a":{"b":"c"}}"#),
            C::TagsInvalid,
            Some("/tags/a"),
        ),
        (execution(r#""tags":{"":"c"}"#), C::TagsInvalid, Some("/tags")),
        (
            execution(&format!(r#""tags":{{{}}}"#, tags(33))),
            C::TagsInvalid,
            Some("/tags"),
        ),
        (
            execution(&format!(r#""tags":{{"{}":"x"}}"#, "k".repeat(65))),
            C::TagsInvalid,
            Some("/tags"),
        ),
        (
            execution(&format!(r#""tags":{{"k":"{}"}}"#, "v".repeat(257))),
            C::TagsInvalid,
            Some("/tags/k"),
        ),
        (
            execution(&format!(r#""metadata":{{"x":"{}"}}"#, "v".repeat(32 * 1024))),
            C::MetadataTooLarge,
            Some("/metadata"),
        ),
        (
            execution(&format!(
                r#""metadata":{{"x":{}{}}}"#,
                "[".repeat(16),
                "]".repeat(16)
            )),
            C::MetadataTooLarge,
            Some("/metadata"),
        ),
        (
            execution(&format!(r#""metadata":{{"x":"{}"}}"#, "v".repeat(256 * 1024))),
            C::RecordTooLarge,
            None,
        ),
        (
            execution(r#""user_id":"a\u0000b""#),
            C::NulCharacter,
            Some("/user_id"),
        ),
        (
            execution(r#""user_id":"\ud800""#),
            C::InvalidUtf8,
            Some("/user_id"),
        ),
        (
            execution(r#""user_id":"a","userId":"a""#),
            C::DuplicateField,
            Some("/userId"),
        ),
        (execution(r#""id":"b""#), C::DuplicateField, Some("/id")),
        (
            execution(r#""colour":1,"colour":2"#),
            C::DuplicateField,
            Some("/colour"),
        ),
        (
            execution(r#""metadata":{},"context":{}"#),
            C::DuplicateField,
            Some("/context"),
        ),
    ];
    let mut tested = HashSet::from([C::TooManyRecords]);
    for (json, code, pointer) in &cases {
        let rejection = rejection(json, true);
        let short: String = json.chars().take(200).collect();
        assert_eq!(rejection.code, *code, "{short}: {}", rejection.message);
        assert_eq!(rejection.pointer.as_deref(), *pointer, "{short}");
        assert!(
            rejection.message.ends_with('.') && rejection.message.len() > 20,
            "{}",
            rejection.message
        );
        tested.insert(*code);
    }
    for code in C::ALL {
        assert!(tested.contains(&code), "{code} has no case");
        assert_eq!(C::from_word(code.as_str()), Some(code));
    }
}

#[test]
fn the_type_of_a_refused_record_is_told_when_it_is_known() {
    assert_eq!(
        rejection(r#"{"type":"run","id":"a"}"#, false).record_type,
        Some(RecordType::Execution)
    );
    assert_eq!(rejection(r#"{"id":"a"}"#, false).record_type, None);
}

#[test]
fn limits_are_reached_before_they_are_exceeded() {
    let tags = (0..32)
        .map(|n| format!("\"{n:064}\":\"{}\"", "ä".repeat(128)))
        .collect::<Vec<_>>()
        .join(",");
    let text = execution(&format!(
        r#""tags":{{{tags}}},"error_type":"{}","started_at":"2026-11-23T12:00:00Z","error_message":"{}""#,
        "x".repeat(256),
        "ä".repeat(8 * 1024),
    ));
    let record = &records(&text)[0];
    let message = record.get("error_message").and_then(Value::as_text).unwrap();
    assert_eq!(message.len(), 8 * 1024, "prose is cut, not refused");
}

#[test]
fn null_and_empty_ids_are_absent() {
    assert_eq!(
        shown(
            &records(&execution(
                r#""workflow_id":"","user_id":null,"nothing":null,"tags":{},"metadata":{},"error_type":"""#
            ))[0]
        ),
        "execution a #1 status=success error_type="
    );
}

#[test]
fn ids_and_versions_may_be_numbers() {
    assert_eq!(
        shown(
            &records(
                r#"{"type":"execution","id":12345678901234567890,"taskId":42,"workflowVersion":1.10,"userId":-7,"status":"OK"}"#
            )[0]
        ),
        "execution 12345678901234567890 #1 workflow_id=42 workflow_version=1.10 user_id=-7 status=success"
    );
}

#[test]
fn amounts_are_exact_and_durations_rounded() {
    assert_eq!(
        shown(
            &records(&execution(
                r#""cost":-0.0000015,"credits":9007199254740.993,"duration":1500.5,"items_processed":3.0"#
            ))[0]
        ),
        "execution a #1 status=success duration_ms=1501 credits=9007199254740993 cost_usd=-2 items_processed=3"
    );
}

#[test]
fn unknown_fields_go_into_the_metadata_without_overwriting() {
    let options = DecodeOptions::new(received_at());
    let json = execution(r#""z":{"b":1,"a":[ 1 ]},"colour":"blue","metadata":{"colour":"red"}"#);
    let decoded = decode(Format::Json, json.as_bytes(), &options).unwrap();
    assert_eq!(
        shown(&decoded.records[0].1),
        r#"execution a #1 status=success metadata={"colour":"red","z":{"a":[1],"b":1}}"#
    );
}

#[test]
fn updated_at_is_sent_or_the_latest_known_or_the_receipt() {
    let updated_at = |rest: &str| records(&execution(rest))[0].updated_at.to_string();
    let times = r#""queued_at":"2026-11-22T08:00:00Z","started_at":"2026-11-22T09:00:00Z""#;
    assert_eq!(updated_at(times), "2026-11-22T09:00:00Z");
    assert_eq!(
        updated_at(&format!(r#"{times},"updated_at":"2026-11-22T08:30:00Z""#)),
        "2026-11-22T08:30:00Z"
    );
    assert_eq!(updated_at(r#""attempt_number":3"#), received_at().to_string());
    assert_eq!(
        records(r#"{"type":"workflow","id":"w"}"#)[0].updated_at,
        received_at()
    );
}

#[test]
fn an_idempotency_key_gives_ids_by_place() {
    let ids = |key: Option<&str>, body: &str| -> Vec<String> {
        let options = DecodeOptions {
            idempotency_key: key,
            ..DecodeOptions::new(received_at())
        };
        let decoded = decode(Format::Json, body.as_bytes(), &options).unwrap();
        decoded
            .records
            .iter()
            .map(|(_, record)| record.id.to_string())
            .collect()
    };
    let body = r#"[{"type":"execution","status":"success"},{"type":"execution","status":"success"},{"type":"execution","id":"~own","status":"success"}]"#;
    let first = ids(Some("k"), body);
    assert_eq!(first, ids(Some("k"), body));
    assert_ne!(first[0], first[1]);
    assert_ne!(first[0], ids(Some("l"), body)[0]);
    assert!(first[0].starts_with('~') && first[0].len() == 33);
    assert_eq!(first[2], "~own");
    assert_eq!(ids(None, body), ["~own"]);
}

#[test]
fn types_are_told_by_fields_or_taken_from_the_default() {
    let type_of = |json: &str, default_type| {
        let options = DecodeOptions {
            default_type,
            idempotency_key: Some("k"),
            ..DecodeOptions::new(received_at())
        };
        let decoded = decode(Format::Json, json.as_bytes(), &options).unwrap();
        decoded
            .records
            .first()
            .map(|(_, record)| record.record_type)
            .ok_or_else(|| decoded.rejected[0].code)
    };
    for (json, expected) in [
        (
            r#"{"conversationId":"c","direction":"incoming","timestamp":"2026-11-22T09:00:00Z"}"#,
            RecordType::Message,
        ),
        (
            r#"{"bot_id":"b","customer_id":"k","status":"open"}"#,
            RecordType::Conversation,
        ),
        (
            r#"{"executionId":"e","strategy":"retry","status":"ok","timestamp":"2026-11-22T09:00:00Z"}"#,
            RecordType::Recovery,
        ),
        (
            r#"{"host":"h","cpuPercent":1,"timestamp":"2026-11-22T09:00:00Z"}"#,
            RecordType::Resource,
        ),
        (
            r#"{"workflow_id":"w","status":"ok","started_at":"2026-11-22T09:00:00Z"}"#,
            RecordType::Execution,
        ),
    ] {
        assert_eq!(type_of(json, None), Ok(expected), "{json}");
    }
    assert_eq!(
        type_of(r#"{"status":"ok"}"#, None),
        Err(RejectionCode::TypeMissing)
    );
    assert_eq!(
        type_of(r#"{"status":"ok"}"#, Some(RecordType::Execution)),
        Ok(RecordType::Execution)
    );
}

#[test]
fn a_submission_of_mixed_types_and_orders_reads_as_each_alone() {
    let objects = [
        r#"{"type":"execution","id":"a","status":"running","user_id":"u"}"#,
        r#"{"type":"step","id":"a","execution_id":"e","status":"ok","started_at":"2026-11-22T09:00:00Z"}"#,
        r#"{"status":"running","user_id":"u","id":"b","type":"execution"}"#,
        r#"{"type":"execution","status":"running","id":"c","user_id":"u"}"#,
    ];
    let together = records(&format!("[{}]", objects.join(",")));
    let apart: Vec<_> = objects.iter().flat_map(|json| records(json)).collect();
    assert_eq!(together, apart);
}
