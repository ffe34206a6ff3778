//! Files that are imported: NDJSON and tables.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};

use serde_json::Value;
use tacho_core::record::{Record, RecordType};
use tacho_ingest::decode::csv::{self, TableOptions};
use tacho_ingest::decode::{DecodeOptions, decode, ndjson_stream};
use tacho_ingest::{Format, Rejection, RejectionCode};

use crate::records::{NOW, by_place, check_record, check_rejection};

type Outcomes = Vec<(u64, Result<Record, Rejection>)>;

/// A file that gives few bytes at a time.
struct Trickle<'a> {
    left: &'a [u8],
    step: usize,
}

impl Read for Trickle<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.step.min(bytes.len()).min(self.left.len());
        let (taken, rest) = self.left.split_at(count);
        bytes[..count].copy_from_slice(taken);
        self.left = rest;
        Ok(count)
    }
}

/// A file. The first byte says what it is: `n` NDJSON, else a table of the type with that number. The second says 1 strictly,
/// 2 times are UTC, 4 the column `Key` holds the id, 8 and 16 what stands between cells; and how many bytes come at a time.
///
/// Laws: how a file arrives does not matter; lines count upwards; NDJSON gives what the same body gives at once; what is left
/// over of a row can be sent as JSON.
pub fn import_file(input: &[u8]) {
    let [kind, flags, file @ ..] = input else { return };
    let options = DecodeOptions {
        strict: flags & 1 != 0,
        ..DecodeOptions::new(NOW)
    };
    let trickle = || Trickle {
        left: file,
        step: 1 + usize::from(*flags) % 13,
    };
    let outcomes = if *kind == b'n' {
        let whole = lines(file, &options);
        assert_eq!(lines(trickle(), &options), whole);
        check_same_as_at_once(file, &options, &whole);
        whole
    } else {
        let types = RecordType::ALL;
        let mapping = [("id".to_owned(), "Key".to_owned())];
        let table = || TableOptions {
            columns: if flags & 4 != 0 { &mapping } else { &[] },
            delimiter: [b',', b';', b'\t', b'|'][usize::from(flags >> 3 & 3)],
            times_are_utc: flags & 2 != 0,
            ..TableOptions::new(types[usize::from(*kind) % types.len()])
        };
        let whole = rows(file, table(), &options);
        assert_eq!(rows(trickle(), table(), &options), whole);
        let Ok(whole) = whole else { return };
        for rejection in whole.iter().filter_map(|(_, outcome)| outcome.as_ref().err()) {
            let payload = serde_json::from_str::<Value>(&rejection.payload);
            assert!(
                rejection.payload_truncated || payload.is_ok_and(|row| row.is_object()),
                "{}",
                rejection.payload
            );
        }
        whole
    };
    assert!(outcomes.is_sorted_by_key(|(line, _)| *line));
    for (_, outcome) in &outcomes {
        match outcome {
            Ok(record) => check_record(record),
            Err(rejection) => check_rejection(rejection, &options),
        }
    }
}

fn lines(file: impl Read, options: &DecodeOptions<'_>) -> Outcomes {
    let records = ndjson_stream::read(BufReader::with_capacity(16, file), options);
    records.collect::<io::Result<_>>().unwrap()
}

fn rows(file: impl Read, table: TableOptions<'_>, options: &DecodeOptions<'_>) -> Result<Outcomes, String> {
    let records = csv::read(file, table, options).map_err(|error| error.to_string())?;
    records
        .collect::<io::Result<_>>()
        .map_err(|error| error.to_string())
}

/// Only what has no id is told apart: a file gives one to it, a body does not.
fn check_same_as_at_once(file: &[u8], options: &DecodeOptions<'_>, streamed: &Outcomes) {
    let decoded = decode(Format::Ndjson, file, options).unwrap();
    let mut lines: BTreeMap<u64, Vec<&Result<Record, Rejection>>> = BTreeMap::new();
    for (line, outcome) in streamed {
        lines.entry(*line).or_default().push(outcome);
    }
    let taken = by_place(&decoded);
    assert_eq!(taken.len() + decoded.rejected.len(), lines.len());
    let rejected: BTreeMap<u32, RejectionCode> = decoded
        .rejected
        .iter()
        .map(|rejection| (rejection.index, rejection.code))
        .collect();
    for (place, outcomes) in (0..).zip(lines.into_values()) {
        let records: Vec<&Record> = outcomes
            .iter()
            .filter_map(|outcome| outcome.as_ref().ok())
            .collect();
        let codes = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
        let code = codes.map(|rejection| rejection.code).next();
        match rejected.get(&place) {
            Some(RejectionCode::IdMissing) => {}
            Some(expected) => assert_eq!(code, Some(*expected)),
            None => assert_eq!(Some(&records), taken.get(&place)),
        }
    }
}
