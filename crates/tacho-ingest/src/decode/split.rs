//! A submission taken apart into the texts of its records.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;
use tacho_core::Record;

use super::entry::{Entry, Wire, not_json, read_object};
use super::identity::IdSource;
use super::object::ObjectDecoder;
use super::rejection::{Checked, Fault, Refused, RejectionCode};
use super::{DecodeOptions, Decoded, Limits, MalformedBody};

/// What was read of a submission so far.
pub(super) struct Submission<'o> {
    options: &'o DecodeOptions<'o>,
    objects: ObjectDecoder<'o>,
    decoded: Decoded,
    /// Records of the object at hand.
    fresh: Vec<Record>,
    index: u32,
}

impl<'o> Submission<'o> {
    pub(super) fn new(options: &'o DecodeOptions<'o>) -> Self {
        Self {
            options,
            objects: ObjectDecoder::new(options, false),
            decoded: Decoded::default(),
            fresh: Vec::with_capacity(2),
            index: 0,
        }
    }

    pub(super) fn finish(self) -> Decoded {
        self.decoded
    }

    /// Reads the next record. `entries` is room to work in.
    fn record<'a>(&mut self, text: &'a str, origin: Origin, entries: &mut Vec<Entry<'a>>) {
        let index = self.index;
        self.index = self.index.saturating_add(1);
        let limits = &self.options.limits;
        let outcome = if index >= limits.records_max {
            Err(too_many(limits).into())
        } else {
            match read_entries(text, origin, limits, entries) {
                Ok(()) => {
                    let mut ids = match self.options.idempotency_key {
                        Some(key) => IdSource::Submission { key, index },
                        None => IdSource::None,
                    };
                    self.objects.decode(entries, &mut ids, &mut self.fresh)
                }
                Err(fault) => Err(Refused::from(fault)),
            }
        };
        match outcome {
            Ok(()) => self
                .decoded
                .records
                .extend(self.fresh.drain(..).map(|record| (index, record))),
            Err(refused) => {
                self.decoded
                    .rejected
                    .push(refused.into_rejection(index, text, limits.payload_bytes_max));
            }
        }
    }
}

/// What is known of a record's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// It is a well-formed JSON value.
    Json,
    /// It is a line that may be anything.
    Line,
    /// It is not as it was sent: bytes that are not UTF-8 were replaced.
    Mended,
}

/// Takes one record's text apart into `entries`. Null is absence.
pub(super) fn read_entries<'a>(
    text: &'a str,
    origin: Origin,
    limits: &Limits,
    entries: &mut Vec<Entry<'a>>,
) -> Checked<()> {
    entries.clear();
    if text.len() > limits.record_bytes_max {
        return Err(too_large(limits));
    }
    if origin == Origin::Mended {
        return Err(not_utf8());
    }
    if !text.starts_with('{') {
        if origin == Origin::Line {
            serde_json::from_str::<&RawValue>(text).map_err(|error| not_json(&error))?;
        }
        return Err(Fault::new(
            RejectionCode::NotAnObject,
            "A record is a JSON object; send it in curly brackets.",
        ));
    }
    let put = |key, value: &'a str| {
        if value != "null" {
            entries.push(Entry {
                key,
                value: Wire::Json(value),
            });
        }
    };
    read_object(text, limits.fields_max, put)
}

pub(super) fn not_utf8() -> Box<Fault> {
    Fault::new(
        RejectionCode::InvalidUtf8,
        "The record is not UTF-8; encode it as UTF-8.",
    )
}

pub(super) fn too_large(limits: &Limits) -> Box<Fault> {
    Fault::new(
        RejectionCode::RecordTooLarge,
        format!(
            "The record takes more than {} bytes; send less in it.",
            limits.record_bytes_max
        ),
    )
}

fn too_many(limits: &Limits) -> Box<Fault> {
    Fault::new(
        RejectionCode::TooManyRecords,
        format!(
            "A submission holds at most {} records; send this one in another.",
            limits.records_max
        ),
    )
}

/// Reads a JSON array of records, or one record.
pub(super) fn json(body: &[u8], submission: &mut Submission<'_>) -> Result<(), MalformedBody> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let (text, mended) = mend(body);
    let syntax = |error: serde_json::Error| MalformedBody::from_json(&error);
    let inside = |part: &str| {
        let start = part.as_ptr() as usize - text.as_ptr() as usize;
        let next = mended.partition_point(|at| *at < start);
        mended.get(next).is_some_and(|at| *at < start + part.len())
    };
    let origin_of = |part: &str| {
        if !mended.is_empty() && inside(part) {
            Origin::Mended
        } else {
            Origin::Json
        }
    };
    match text.trim_ascii_start().as_bytes().first() {
        None => Err(MalformedBody::Empty),
        Some(b'[') => {
            let mut deserializer = serde_json::Deserializer::from_str(&text);
            let mut entries = Vec::new();
            ArraySeed {
                submission,
                entries: &mut entries,
                origin_of,
            }
            .deserialize(&mut deserializer)
            .map_err(syntax)?;
            deserializer.end().map_err(syntax)
        }
        Some(_) => {
            let value: &RawValue = serde_json::from_str(&text).map_err(syntax)?;
            if !value.get().starts_with('{') {
                return Err(MalformedBody::NotRecords);
            }
            submission.record(value.get(), origin_of(value.get()), &mut Vec::new());
            Ok(())
        }
    }
}

/// The body as text, and where in that text bytes that are not UTF-8 were replaced: one bad byte must not take the
/// other records with it.
fn mend(body: &[u8]) -> (Cow<'_, str>, Vec<usize>) {
    if let Ok(text) = std::str::from_utf8(body) {
        return (Cow::Borrowed(text), Vec::new());
    }
    let mut text = String::with_capacity(body.len() + 16);
    let mut mended = Vec::new();
    for chunk in body.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            mended.push(text.len());
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    (Cow::Owned(text), mended)
}

/// Reads NDJSON: one record a line, blank lines apart.
pub(super) fn ndjson(body: &[u8], submission: &mut Submission<'_>) {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if let Ok(text) = std::str::from_utf8(body) {
        let mut entries = Vec::new();
        for line in text.split('\n') {
            let line = line.trim_ascii();
            if !line.is_empty() {
                submission.record(line, Origin::Line, &mut entries);
            }
        }
        return;
    }
    for line in body.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii();
        match String::from_utf8_lossy(line) {
            text if text.is_empty() => {}
            Cow::Borrowed(text) => submission.record(text, Origin::Line, &mut Vec::new()),
            Cow::Owned(text) => submission.record(&text, Origin::Mended, &mut Vec::new()),
        }
    }
}

/// Reads the elements of an array while it is being split, so that each is still in the processor's cache.
struct ArraySeed<'s, 'o, 'a, F> {
    submission: &'s mut Submission<'o>,
    entries: &'s mut Vec<Entry<'a>>,
    origin_of: F,
}

impl<'de, F: Fn(&str) -> Origin> DeserializeSeed<'de> for ArraySeed<'_, '_, 'de, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: Fn(&str) -> Origin> Visitor<'de> for ArraySeed<'_, '_, 'de, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(element) = elements.next_element::<&'de RawValue>()? {
            let text = element.get();
            self.submission.record(text, (self.origin_of)(text), self.entries);
        }
        Ok(())
    }
}
