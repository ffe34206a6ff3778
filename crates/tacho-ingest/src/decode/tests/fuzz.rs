//! Nothing that comes over a wire panics the decoder, and what it accepts is sound.

use proptest::prelude::*;
use tacho_core::record::RecordType;
use tacho_core::record::wire::write_json;

use super::laws::read_back;
use crate::decode::shapes::testing::received_at;
use crate::decode::{DecodeOptions, Format, decode};

fn names() -> Vec<String> {
    let mut names: Vec<String> = RecordType::ALL
        .iter()
        .flat_map(|record_type| record_type.spec().fields)
        .flat_map(|field| std::iter::once(&field.name).chain(field.aliases))
        .map(|name| (*name).to_owned())
        .collect();
    names.extend(
        [
            "type",
            "id",
            "attempt",
            "attemptNumber",
            "updated_at",
            "task_type",
            "nextRun",
            "surprise",
            "",
            "a/b~c",
            "\\u0041",
            "\\u0000",
            "\\ud800",
            "stepsTotal",
            "metric_name",
            "STATUS",
        ]
        .map(str::to_owned),
    );
    names
}

/// Values that are often what a field wants, and often not.
fn value() -> impl Strategy<Value = String> {
    let words: Vec<String> = [
        "null",
        "true",
        "0",
        "-1",
        "1",
        "3",
        "2.5",
        "1e3",
        "1e400",
        "-0.0",
        "9223372036854775807",
        "9223372036854775808",
        "\"\"",
        "\"a\"",
        "\"execution\"",
        "\"step\"",
        "\"metric\"",
        "\"cost\"",
        "\"resource\"",
        "\"workflow\"",
        "\"scheduled_browser_tasks\"",
        "\"running\"",
        "\"completed\"",
        "\"started\"",
        "\"inbound\"",
        "\"gauge\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"2026-11-22T09:30:00Z\"",
        "\"2026-11-22T09:31:00.5+02:00\"",
        "\"2026-11-22\"",
        "\"1969-01-01T00:00:00Z\"",
        "\"2199-01-01T00:00:00Z\"",
        "\"1970-01-01T00:00:00Z\"",
        "{}",
        "[]",
        "{\"a\":1}",
        "{\"b\":{\"a\":[{}]},\"a\":\"\\n\"}",
        "{\"stepsCompleted\":3,\"stepsTotal\":2}",
        "{\"stepsTotal\":-1}",
        "{\"\":\"x\"}",
        "[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]",
    ]
    .map(str::to_owned)
    .to_vec();
    prop_oneof![
        8 => prop::sample::select(words),
        1 => any::<f64>().prop_filter_map("finite", |number| serde_json::Number::from_f64(number).map(|number| number.to_string())),
        1 => any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        1 => Just(format!("\"{}\"", "x".repeat(9_000))),
    ]
}

fn object() -> impl Strategy<Value = String> {
    prop::collection::vec((prop::sample::select(names()), value()), 0..14).prop_map(|members| {
        let members: Vec<_> = members
            .iter()
            .map(|(name, value)| format!("\"{name}\" : {value}"))
            .collect();
        format!("{{{}}}", members.join(", "))
    })
}

/// An object that is a record but for what else is in it.
fn nearly_a_record() -> impl Strategy<Value = String> {
    let beginnings = [
        r#"{"type":"execution","id":"a","status":"completed""#,
        r#"{"type":"workflow","id":"a""#,
        r#"{"type":"metric","timestamp":"2026-11-22T09:30:00Z","name":"n","value":1"#,
        r#"{"task_id":"t","status":"ok","start_time":"2026-11-22T09:30:00Z","memory_usage_mb":1"#,
        r#"{"type":"scheduled_browser_tasks","id":7,"status":"active""#,
        r#"{"type":"conversation","id":"c","status":"active""#,
    ];
    (
        prop::sample::select(beginnings.to_vec()),
        prop::collection::vec((prop::sample::select(names()), value()), 0..4),
    )
        .prop_map(|(beginning, members)| {
            let members: String = members
                .iter()
                .map(|(name, value)| format!(",\"{name}\":{value}"))
                .collect();
            format!("{beginning}{members}}}")
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), strict in any::<bool>()) {
        let options = DecodeOptions { strict, ..DecodeOptions::new(received_at()) };
        let _ = decode(Format::Json, &bytes, &options);
        let _ = decode(Format::Ndjson, &bytes, &options);
    }

    /// Law: cutting or changing a byte of a submission never panics, and NDJSON accounts for every line that is not blank.
    #[test]
    fn no_damage_panics(objects in prop::collection::vec(nearly_a_record(), 1..4), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let options = DecodeOptions::new(received_at());
        let mut body = objects.join("\n").into_bytes();
        let at = at.index(body.len());
        let _ = decode(Format::Json, &body[..at], &options);
        body[at] = byte;
        let _ = decode(Format::Json, &body, &options);
        let decoded = decode(Format::Ndjson, &body, &options).unwrap();
        let mut indexes: Vec<u32> = decoded.records.iter().map(|(index, _)| *index).chain(decoded.rejected.iter().map(|rejection| rejection.index)).collect();
        indexes.sort_unstable();
        indexes.dedup();
        let lines = body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
        prop_assert_eq!(indexes, (0..lines as u32).collect::<Vec<_>>());
    }

    /// Laws: every object gives records or one rejection, never both; and what was accepted, written out, reads back as the
    /// same record in strict mode.
    #[test]
    fn what_is_accepted_is_sound(
        objects in prop::collection::vec(prop_oneof![object(), nearly_a_record()], 1..5),
        strict in any::<bool>(),
        key in prop::option::of("[a-z]{1,4}"),
        default_type in prop::option::of(prop::sample::select(RecordType::ALL.to_vec())),
    ) {
        let options = DecodeOptions { strict, idempotency_key: key.as_deref(), default_type, ..DecodeOptions::new(received_at()) };
        let body = format!("[{}]", objects.join(","));
        let decoded = decode(Format::Json, body.as_bytes(), &options).unwrap();
        for index in 0..objects.len() as u32 {
            let given = decoded.records.iter().filter(|(at, _)| *at == index).count();
            let refused = decoded.rejected.iter().filter(|rejection| rejection.index == index).count();
            prop_assert!((1..=2).contains(&given) && refused == 0 || given == 0 && refused == 1);
        }
        for rejection in &decoded.rejected {
            prop_assert!(rejection.message.ends_with('.'), "{}", rejection.message);
            prop_assert_eq!(&rejection.payload, &objects[rejection.index as usize]);
        }
        for (_, record) in &decoded.records {
            prop_assert!(record.fields.is_sorted_by(|(a, _), (b, _)| a < b));
            let mut written = Vec::new();
            write_json(record, &mut written);
            prop_assert_eq!(read_back(Format::Json, &written), vec![record.clone()]);
        }
        prop_assert_eq!(decode(Format::Ndjson, objects.join("\n").as_bytes(), &options), Ok(decoded));
    }
}
