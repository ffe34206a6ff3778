//! Records as they are sent.

use std::collections::BTreeMap;

use tacho_core::record::codec::{self, Reader};
use tacho_core::record::wire::write_json;
use tacho_core::record::{Record, RecordType};
use tacho_core::time::Timestamp;
use tacho_ingest::decode::{DecodeOptions, Decoded, decode};
use tacho_ingest::{Format, Rejection};

/// 2026-11-22T12:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_348_800_000);
/// Bytes that a message to a sender may have.
const MESSAGE_BYTES_MAX: usize = 1_000;

/// The body of a submission. The first byte says how it is read: 1 strictly, 2 with a key, 4 with a type for what names none,
/// 8 as NDJSON.
///
/// Laws: every object gives one or two records or one rejection; every line that is not blank is accounted for; what strict
/// mode takes, lenient mode takes alike; and those of [`check_record`] and [`check_rejection`].
pub fn decode_records(input: &[u8]) {
    let Some((flags, body)) = input.split_first() else {
        return;
    };
    let has = |flag: u8| flags & flag != 0;
    let format = if has(8) { Format::Ndjson } else { Format::Json };
    let lenient = DecodeOptions {
        idempotency_key: has(2).then_some("key"),
        default_type: has(4).then_some(RecordType::Execution),
        ..DecodeOptions::new(NOW)
    };
    let strict = DecodeOptions {
        strict: true,
        ..lenient.clone()
    };
    let options = if has(1) { &strict } else { &lenient };
    let decoded = match decode(format, body, options) {
        Ok(decoded) => decoded,
        Err(malformed) => {
            assert_eq!(format, Format::Json, "NDJSON is never malformed as a whole");
            assert!(malformed.to_string().ends_with('.'), "{malformed}");
            return;
        }
    };
    let count = check_places(&decoded);
    if format == Format::Ndjson {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let lines = body.split(|byte| *byte == b'\n');
        assert_eq!(count, lines.filter(|line| !line.trim_ascii().is_empty()).count());
    }
    for (_, record) in &decoded.records {
        check_record(record);
    }
    for rejection in &decoded.rejected {
        check_rejection(rejection, options);
    }
    if has(1) {
        let taken = by_place(&decoded);
        let lenient = decode(format, body, &lenient).unwrap();
        let taken_leniently = by_place(&lenient);
        for (place, records) in taken {
            assert_eq!(Some(&records), taken_leniently.get(&place), "strict mode differs");
        }
    }
}

/// Holds that places count from 0 without a hole, and that each has either records or a rejection. Returns how many.
fn check_places(decoded: &Decoded) -> usize {
    let mut outcomes: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    for (place, _) in &decoded.records {
        outcomes.entry(*place).or_default().0 += 1;
    }
    for rejection in &decoded.rejected {
        outcomes.entry(rejection.index).or_default().1 += 1;
    }
    for (place, outcome) in outcomes.iter().enumerate() {
        assert_eq!(place, *outcome.0 as usize, "a place is left out");
        assert!(matches!(outcome.1, (1 | 2, 0) | (0, 1)), "{outcome:?}");
    }
    outcomes.len()
}

pub(crate) fn by_place(decoded: &Decoded) -> BTreeMap<u32, Vec<&Record>> {
    let mut records: BTreeMap<u32, Vec<&Record>> = BTreeMap::new();
    for (place, record) in &decoded.records {
        records.entry(*place).or_default().push(record);
    }
    records
}

/// Laws of a record that was taken: written to the journal it reads back, and written as a sender would it reads back, in
/// strict mode.
pub(crate) fn check_record(record: &Record) {
    assert!(!record.id.is_empty() && record.attempt >= 1, "{record:?}");
    assert!(record.fields.is_sorted_by(|(a, _), (b, _)| a < b), "{record:?}");
    let mut bytes = Vec::new();
    codec::encode(record, &mut bytes);
    let mut reader = Reader::new(&bytes);
    assert_eq!(codec::decode(&mut reader).as_ref(), Ok(record));
    assert!(reader.is_empty());
    let mut written = Vec::new();
    write_json(record, &mut written);
    let options = DecodeOptions {
        strict: true,
        ..DecodeOptions::new(NOW)
    };
    let read = decode(Format::Json, &written, &options).unwrap();
    assert_eq!(read.rejected, [], "{}", String::from_utf8_lossy(&written));
    assert_eq!(read.records, [(0, record.clone())]);
}

/// Laws of a rejection: its message is a sentence, it points into the record, and neither is longer than it may be.
pub(crate) fn check_rejection(rejection: &Rejection, options: &DecodeOptions<'_>) {
    assert!(rejection.message.ends_with('.'), "{}", rejection.message);
    assert!(
        rejection.message.len() <= MESSAGE_BYTES_MAX,
        "a message of {} bytes: {}",
        rejection.message.len(),
        rejection.message
    );
    assert!(
        rejection
            .pointer
            .as_deref()
            .is_none_or(|pointer| pointer.starts_with('/'))
    );
    assert!(rejection.payload.len() <= options.limits.payload_bytes_max);
}
