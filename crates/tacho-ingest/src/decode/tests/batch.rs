//! One bad record never takes others with it.

use crate::decode::shapes::testing::received_at;
use crate::decode::{DecodeOptions, Format, MalformedBody, RejectionCode, decode};

fn good(n: usize) -> String {
    format!(
        r#"{{"type":"execution","id":"run-{n}","workflow_id":"w","status":"success","started_at":"2026-11-22T09:00:00Z"}}"#
    )
}

/// Ten kinds of bad record.
const BAD: [(&str, RejectionCode); 10] = [
    ("42", RejectionCode::NotAnObject),
    (r#"{"id":"a","colour":"blue"}"#, RejectionCode::TypeMissing),
    (r#"{"type":"dream","id":"a"}"#, RejectionCode::TypeUnknown),
    (
        r#"{"type":"execution","status":"success"}"#,
        RejectionCode::IdMissing,
    ),
    (r#"{"type":"execution","id":"a"}"#, RejectionCode::FieldMissing),
    (
        r#"{"type":"execution","id":"a","status":"success","duration_ms":-5}"#,
        RejectionCode::FieldOutOfRange,
    ),
    (
        r#"{"type":"execution","id":"a","status":"success","duration_ms":"5"}"#,
        RejectionCode::FieldType,
    ),
    (
        r#"{"type":"execution","id":"a","status":"great"}"#,
        RejectionCode::KeywordUnknown,
    ),
    (
        r#"{"type":"execution","id":"a","status":"success","started_at":"yesterday"}"#,
        RejectionCode::TimeMalformed,
    ),
    (
        r#"{"type":"execution","id":"a","status":"success","started_at":"2026-11-22T09:00:01Z","completed_at":"2026-11-22T09:00:00Z"}"#,
        RejectionCode::TimeImpossible,
    ),
];

#[test]
fn ten_bad_records_among_good_ones() {
    let mut objects = Vec::new();
    let mut expected = Vec::new();
    for (n, (bad, code)) in BAD.iter().enumerate() {
        objects.push(good(n));
        expected.push((objects.len() as u32, *code, (*bad).to_owned()));
        objects.push((*bad).to_owned());
    }
    let options = DecodeOptions::new(received_at());
    for (format, body) in [
        (Format::Json, format!(" [{}]\n", objects.join(" ,\n"))),
        (Format::Ndjson, objects.join("\r\n\r\n")),
    ] {
        let decoded = decode(format, body.as_bytes(), &options).unwrap();
        let refused: Vec<_> = decoded
            .rejected
            .iter()
            .map(|rejection| (rejection.index, rejection.code, rejection.payload.clone()))
            .collect();
        assert_eq!(refused, expected);
        let given: Vec<_> = decoded
            .records
            .iter()
            .map(|(index, record)| (*index, record.id.to_string()))
            .collect();
        assert_eq!(
            given,
            (0..10).map(|n| (2 * n, format!("run-{n}"))).collect::<Vec<_>>()
        );
    }
}

#[test]
fn a_line_that_is_no_json_stays_alone() {
    let body = format!("{}\n{{\"type\":\n{}", good(0), good(1));
    let decoded = decode(
        Format::Ndjson,
        body.as_bytes(),
        &DecodeOptions::new(received_at()),
    )
    .unwrap();
    assert_eq!(decoded.records.len(), 2);
    assert_eq!(
        (decoded.rejected[0].index, decoded.rejected[0].code),
        (1, RejectionCode::NotJson)
    );
}

#[test]
fn bytes_that_are_no_text_stay_alone() {
    let mut object = good(1).into_bytes();
    let at = object.iter().position(|byte| *byte == b'w').unwrap();
    object[at + 20] = 0xff;
    for (format, body) in [
        (
            Format::Json,
            [
                b"[",
                good(0).as_bytes(),
                b",",
                &object,
                b",",
                good(2).as_bytes(),
                b"]",
            ]
            .concat(),
        ),
        (
            Format::Ndjson,
            [good(0).as_bytes(), b"\n", &object, b"\n", good(2).as_bytes()].concat(),
        ),
    ] {
        let decoded = decode(format, &body, &DecodeOptions::new(received_at())).unwrap();
        assert_eq!(
            decoded
                .records
                .iter()
                .map(|(index, _)| *index)
                .collect::<Vec<_>>(),
            [0, 2]
        );
        assert_eq!(
            (decoded.rejected[0].index, decoded.rejected[0].code),
            (1, RejectionCode::InvalidUtf8)
        );
        assert!(decoded.rejected[0].payload.contains(char::REPLACEMENT_CHARACTER));
    }
    let alone = decode(Format::Json, &object, &DecodeOptions::new(received_at())).unwrap();
    assert_eq!(alone.rejected[0].code, RejectionCode::InvalidUtf8);
}

#[test]
fn a_body_that_is_no_json_says_where() {
    let refused =
        |body: &str| decode(Format::Json, body.as_bytes(), &DecodeOptions::new(received_at())).unwrap_err();
    assert_eq!(refused(" \n"), MalformedBody::Empty);
    assert_eq!(refused("7"), MalformedBody::NotRecords);
    assert_eq!(
        refused(&format!("{0}\n{0}", good(0))),
        MalformedBody::SeveralValues { line: 2, column: 1 }
    );
    let text = refused(&format!("[{},\n  {{]", good(0))).to_string();
    assert!(text.contains("at line 2, column 4"), "{text}");
    assert!(matches!(refused("[{}"), MalformedBody::Syntax { .. }));
    assert!(matches!(refused("nul"), MalformedBody::Syntax { .. }));
    assert!(matches!(
        refused(&"[".repeat(100_000)),
        MalformedBody::Syntax { .. }
    ));
}

#[test]
fn empty_submissions_hold_nothing() {
    let options = DecodeOptions::new(received_at());
    for (format, body) in [
        (Format::Json, "[]"),
        (Format::Ndjson, ""),
        (Format::Ndjson, "\n \r\n"),
    ] {
        let decoded = decode(format, body.as_bytes(), &options).unwrap();
        assert_eq!((decoded.records.len(), decoded.rejected.len()), (0, 0));
    }
}

#[test]
fn records_after_the_last_that_counts_are_refused() {
    let mut options = DecodeOptions::new(received_at());
    options.limits.records_max = 2;
    let body = format!("[{}]", [good(0), good(1), good(2), good(3)].join(","));
    let decoded = decode(Format::Json, body.as_bytes(), &options).unwrap();
    assert_eq!(decoded.records.len(), 2);
    let refused: Vec<_> = decoded
        .rejected
        .iter()
        .map(|rejection| (rejection.index, rejection.code))
        .collect();
    assert_eq!(
        refused,
        [
            (2, RejectionCode::TooManyRecords),
            (3, RejectionCode::TooManyRecords)
        ]
    );
}

#[test]
fn what_is_kept_of_a_large_record_ends_between_characters() {
    let body = format!(r#"{{"type":"execution","id":"a","x":"{}"}}"#, "ä".repeat(200_000));
    let decoded = decode(
        Format::Ndjson,
        body.as_bytes(),
        &DecodeOptions::new(received_at()),
    )
    .unwrap();
    let rejection = &decoded.rejected[0];
    assert_eq!(rejection.code, RejectionCode::RecordTooLarge);
    assert!(rejection.payload_truncated && (64 * 1024 - 1..=64 * 1024).contains(&rejection.payload.len()));
}
