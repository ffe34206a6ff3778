//! Tables.

use std::collections::BTreeMap;
use std::io::Read as _;

use proptest::prelude::*;
use serde_json::value::RawValue;
use tacho_core::record::RecordType;
use tacho_core::record::wire::write_json;
use tacho_core::{Record, record::Value};

use super::laws::record;
use crate::decode::csv::{TableError, TableOptions, read};
use crate::decode::shapes::testing::{received_at, shown};
use crate::decode::{DecodeOptions, Format, Rejection, RejectionCode, decode};

type Rows = Vec<(u64, Result<Record, Rejection>)>;

fn rows(text: &[u8], table: TableOptions<'_>) -> Result<Rows, TableError> {
    let options = DecodeOptions::new(received_at());
    Ok(read(text, table, &options)?.map(Result::unwrap).collect())
}

fn executions(text: &str, columns: &[(&str, &str)]) -> Vec<(u64, Result<String, RejectionCode>)> {
    let columns: Vec<_> = columns
        .iter()
        .map(|(field, column)| ((*field).to_owned(), (*column).to_owned()))
        .collect();
    let table = TableOptions {
        columns: &columns,
        ..TableOptions::new(RecordType::Execution)
    };
    rows(text.as_bytes(), table)
        .unwrap()
        .into_iter()
        .map(|(line, outcome)| {
            (
                line,
                outcome
                    .map(|record| shown(&record))
                    .map_err(|rejection| rejection.code),
            )
        })
        .collect()
}

#[test]
fn columns_are_fields_aliases_mapped_tags_or_metadata() {
    let text = "\u{feff}Run,workflowId,state,startedAt,cost,duration,is it new,tags.region,Customer,\n\
                r-1,invoice,Completed,2026-11-22T09:00:00Z,0.1000005,12.5,yes,eu,\"Acme, Inc.\",7\n\
                r-2,,started,,,,,,,\n";
    assert_eq!(
        executions(text, &[("id", "Run"), ("status", "state"), ("tags.customer", "Customer")]),
        [
            (
                2,
                Ok("execution r-1 #1 workflow_id=invoice status=success started_at=2026-11-22T09:00:00Z duration_ms=13 \
                    cost_usd=100001 metadata={\"is it new\":\"yes\"} tags={\"customer\":\"Acme, Inc.\",\"region\":\"eu\"}"
                    .to_owned())
            ),
            (3, Ok("execution r-2 #1 status=running".to_owned())),
        ]
    );
}

/// Law: how the bytes of a file arrive does not matter; a mark in front of them is none of its first column.
#[test]
fn a_byte_order_mark_may_come_in_pieces() {
    let text = "\u{feff}id,status\na,success\n".as_bytes();
    let options = DecodeOptions::new(received_at());
    for at in 0..8 {
        let (first, rest) = text.split_at(at);
        let table = TableOptions::new(RecordType::Execution);
        let records: Rows = read(first.chain(rest), table, &options)
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let [(2, Ok(record))] = &records[..] else {
            panic!("cut at {at}: {records:?}");
        };
        assert!(shown(record).starts_with("execution a "), "cut at {at}");
    }
}

#[test]
fn bad_rows_are_told_by_line_and_kept_as_json() {
    let text = b"id,status,steps_total,note\na,success,\"4\",\"two\nlines\"\nb,success,many,\nc,success\nd,success,1,x,y\n\xff,success,1,\ne,success,1,\n";
    let outcomes = rows(text, TableOptions::new(RecordType::Execution)).unwrap();
    let codes: Vec<_> = outcomes
        .iter()
        .map(|(line, outcome)| (*line, outcome.as_ref().err().map(|rejection| rejection.code)))
        .collect();
    assert_eq!(
        codes,
        [
            (2, None),
            (4, Some(RejectionCode::FieldType)),
            (5, Some(RejectionCode::NotAnObject)),
            (6, Some(RejectionCode::NotAnObject)),
            (7, Some(RejectionCode::InvalidUtf8)),
            (8, None),
        ]
    );
    let rejection = outcomes[1].1.as_ref().unwrap_err();
    assert_eq!(
        rejection.payload,
        r#"{"type":"execution","id":"b","status":"success","steps_total":"many"}"#
    );
    assert_eq!(
        (rejection.index, rejection.pointer.as_deref()),
        (1, Some("/steps_total"))
    );
    let mended = rejection.payload.replace("\"many\"", "4");
    assert_eq!(
        decode(
            Format::Json,
            mended.as_bytes(),
            &DecodeOptions::new(received_at())
        )
        .unwrap()
        .records
        .len(),
        1
    );
}

#[test]
fn the_same_file_gives_the_same_ids_and_equal_rows_differ() {
    let text = "status,workflow\nsuccess,w\nsuccess,w\nfailed,w\n";
    let map = [("workflow_id", "workflow")];
    let first = executions(text, &map);
    assert_eq!(first, executions(text, &map));
    let ids: std::collections::HashSet<_> = first.into_iter().map(|(_, outcome)| outcome.unwrap()).collect();
    assert_eq!(ids.len(), 3);
}

#[test]
fn times_without_an_offset_are_refused_or_utc() {
    let text = "id,status,started_at,completed_at\na,success,2026-11-22 09:00:00,2026-11-22 09:00:01.5+00\nb,success,2026-11-22,\n";
    let codes: Vec<_> = executions(text, &[])
        .into_iter()
        .map(|(_, outcome)| outcome)
        .collect();
    assert_eq!(
        codes,
        [
            Err(RejectionCode::TimeMalformed),
            Err(RejectionCode::TimeMalformed)
        ]
    );
    let table = TableOptions {
        times_are_utc: true,
        ..TableOptions::new(RecordType::Execution)
    };
    let texts: Vec<_> = rows(text.as_bytes(), table)
        .unwrap()
        .into_iter()
        .map(|(_, outcome)| shown(&outcome.unwrap()))
        .collect();
    assert_eq!(
        texts,
        [
            "execution a #1 status=success started_at=2026-11-22T09:00:00Z completed_at=2026-11-22T09:00:01.5Z",
            "execution b #1 status=success started_at=2026-11-22T00:00:00Z",
        ]
    );
}

#[test]
fn a_header_that_does_not_fit_is_told() {
    let refused = |text: &[u8], columns: &[(&str, &str)]| {
        let columns: Vec<_> = columns
            .iter()
            .map(|(field, column)| ((*field).to_owned(), (*column).to_owned()))
            .collect();
        let table = TableOptions {
            columns: &columns,
            ..TableOptions::new(RecordType::Execution)
        };
        rows(text, table).unwrap_err().to_string()
    };
    assert!(refused(b"", &[]).contains("no header"));
    assert!(refused(b"id,\xff\n", &[]).contains("UTF-8"));
    assert!(refused(b"id,status\n", &[("user_id", "who")]).contains("the columns are id, status"));
    assert!(refused(b"id,status\n", &[("colour", "status")]).contains("no field \"colour\""));
    assert!(refused(b"user_id,userId\n", &[]).contains("\"user_id\" and \"userId\" both hold user_id"));
    assert!(refused(b"Run,id\n", &[("id", "Run")]).contains("both hold id"));
    assert!(refused(b"tags,tags.a\n", &[]).contains("both hold"));
}

#[test]
fn a_quote_that_is_not_closed_ends_the_reading() {
    let text = format!("id,status\na,success\nb,\"{}", "x,y\n".repeat(1 << 20));
    let options = DecodeOptions::new(received_at());
    let mut records = read(
        text.as_bytes(),
        TableOptions::new(RecordType::Execution),
        &options,
    )
    .unwrap();
    assert!(records.next().unwrap().unwrap().1.is_ok());
    let error = records.next().unwrap().unwrap_err();
    assert_eq!(
        error.to_string(),
        "after line 2: a row does not end; look for a quote that is not closed"
    );
    assert!(records.next().is_none());
}

/// A record as a table of one row, from what would be sent as JSON.
fn as_table(record: &Record) -> Vec<u8> {
    let mut json = Vec::new();
    write_json(record, &mut json);
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(&json).unwrap();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(members.keys()).unwrap();
    writer
        .write_record(members.values().map(|value| match value.get() {
            text if text.starts_with('"') => serde_json::from_str::<String>(text).unwrap(),
            other => other.to_owned(),
        }))
        .unwrap();
    writer.into_inner().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Law: what is written as a table reads back. Cells that are blank are absent, so records without blank texts.
    #[test]
    fn what_is_written_reads_back(mut record in record()) {
        let is_blank = |text: &str| text.trim_ascii().is_empty();
        prop_assume!(!is_blank(&record.id));
        for (_, value) in &mut record.fields {
            if value.as_text().is_some_and(is_blank) {
                *value = Value::from("x");
            }
        }
        let mut outcomes = rows(&as_table(&record), TableOptions::new(record.record_type)).unwrap();
        prop_assert_eq!(outcomes.len(), 1);
        prop_assert_eq!(outcomes.remove(0).1, Ok(record));
    }

    #[test]
    fn no_table_panics(text in prop::collection::vec(prop_oneof![
        Just(b"\"".to_vec()), Just(b",".to_vec()), Just(b"\n".to_vec()), Just(b"id".to_vec()), Just(b"status".to_vec()),
        Just(b"success".to_vec()), Just(b"tags.a".to_vec()), Just(b"\xff".to_vec()), "[^\u{0}]{0,3}".prop_map(String::into_bytes),
    ], 0..40)) {
        let _ = rows(&text.concat(), TableOptions::new(RecordType::Execution));
    }
}
