//! Records as senders write them: one JSON object each (snake_case names, RFC 3339, decimal money).
//!
//! This is the way out: generated histories, spooled records, exports. The way in is a decoder of the ingest, which also
//! takes aliases and checks limits; what is written here is what it reads without loss. Only [`Record::is_inferred`] has
//! no word on the wire, since no sender may claim it.

use std::io::Write as _;

use super::field::FieldKind;
use super::{Record, Value};
use crate::money::{Decimals, format_scaled};
use crate::time::Timestamp;

/// Appends a record as one JSON object without a line break. `updated_at` is left out where the record's own times
/// already say it, and `attempt` where it is 1.
pub fn write_json(record: &Record, out: &mut Vec<u8>) {
    let spec = record.record_type.spec();
    out.extend_from_slice(b"{\"type\":\"");
    out.extend_from_slice(spec.name.as_bytes());
    out.extend_from_slice(b"\",\"id\":");
    put_text(&record.id, out);
    if record.attempt != 1 {
        // Writing to memory cannot fail; so it is everywhere below.
        let _ = write!(out, ",\"attempt\":{}", record.attempt);
    }
    let known_at = spec
        .known_at
        .iter()
        .filter_map(|name| record.get(name).and_then(Value::as_int))
        .max();
    if known_at != Some(record.updated_at.as_micros()) {
        out.extend_from_slice(b",\"updated_at\":");
        put_instant(record.updated_at, out);
    }
    for (position, value) in &record.fields {
        let field = &spec.fields[usize::from(*position)];
        out.extend_from_slice(b",\"");
        out.extend_from_slice(field.name.as_bytes());
        out.extend_from_slice(b"\":");
        put_value(field.kind, value, out);
    }
    out.push(b'}');
}

/// Appends a record as a line of NDJSON.
pub fn write_json_line(record: &Record, out: &mut Vec<u8>) {
    write_json(record, out);
    out.push(b'\n');
}

fn put_value(kind: FieldKind, value: &Value, out: &mut Vec<u8>) {
    match (kind, value) {
        (FieldKind::Time, Value::Int(micros)) => put_instant(Timestamp::from_micros(*micros), out),
        (FieldKind::Usd, Value::Int(micros)) => {
            out.extend_from_slice(format_scaled(*micros, Decimals::Six).as_bytes());
        }
        (FieldKind::Credits, Value::Int(millis)) => {
            out.extend_from_slice(format_scaled(*millis, Decimals::Three).as_bytes());
        }
        (FieldKind::Json | FieldKind::Tags, Value::Text(json)) => out.extend_from_slice(json.as_bytes()),
        (FieldKind::Keyword(words), Value::Keyword(word)) => {
            put_text(words.get(usize::from(*word)).copied().unwrap_or_default(), out);
        }
        (_, Value::Text(text)) => put_text(text, out),
        (_, Value::Int(number)) => {
            let _ = write!(out, "{number}");
        }
        (_, Value::Keyword(word)) => {
            let _ = write!(out, "{word}");
        }
        (_, Value::Bool(flag)) => out.extend_from_slice(if *flag { b"true" } else { b"false" }),
        (_, Value::Float(number)) => {
            if serde_json::to_writer(&mut *out, number).is_err() {
                out.extend_from_slice(b"null");
            }
        }
    }
}

fn put_text(text: &str, out: &mut Vec<u8>) {
    if text
        .bytes()
        .any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\')
    {
        // Text always serializes.
        let _ = serde_json::to_writer(out, text);
    } else {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    }
}

fn put_instant(instant: Timestamp, out: &mut Vec<u8>) {
    let _ = write!(out, "\"{instant}\"");
}

#[cfg(test)]
mod tests {
    use super::super::RecordType;
    use super::*;

    fn line_of(record: &Record) -> String {
        let mut out = Vec::new();
        write_json_line(record, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_record_is_written_as_a_sender_would() {
        let spec = RecordType::Execution.spec();
        let completed_at = Timestamp::from_micros(1_763_800_000_250_000);
        let mut record = Record {
            record_type: RecordType::Execution,
            id: "run \"7\"".into(),
            attempt: 2,
            updated_at: completed_at,
            is_inferred: false,
            fields: vec![
                (spec.position("workflow_id"), "invoice".into()),
                (spec.position("status"), Value::Keyword(3)),
                (
                    spec.position("completed_at"),
                    Value::Int(completed_at.as_micros()),
                ),
                (spec.position("error_message"), "line 1\nline 2".into()),
                (spec.position("credits"), Value::Int(1_500)),
                (spec.position("cost_usd"), Value::Int(-4_200)),
                (spec.position("minutes_saved"), Value::Float(2.0)),
                (spec.position("tags"), "{\"region\":\"eu\"}".into()),
            ],
        };
        assert_eq!(
            line_of(&record),
            "{\"type\":\"execution\",\"id\":\"run \\\"7\\\"\",\"attempt\":2,\"workflow_id\":\"invoice\",\
             \"status\":\"failed\",\"completed_at\":\"2025-11-22T08:26:40.25Z\",\
             \"error_message\":\"line 1\\nline 2\",\"credits\":1.5,\"cost_usd\":-0.0042,\"minutes_saved\":2.0,\
             \"tags\":{\"region\":\"eu\"}}\n"
        );
        record.updated_at = completed_at.plus_micros(1);
        record.attempt = 1;
        let value: serde_json::Value = serde_json::from_str(&line_of(&record)).unwrap();
        assert_eq!(value["updated_at"], "2025-11-22T08:26:40.250001Z");
        assert_eq!(value.get("attempt"), None);
    }
}
