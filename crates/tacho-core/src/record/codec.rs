//! Records as bytes: what the journal holds.
//!
//! Self-describing (a field is its position, a wire kind and the value), so that a reader of any later version reads
//! what an earlier one wrote. Layout of a record:
//!
//! ```text
//! type u8 · flags u8 (bit 0: inferred) · attempt varint · id length varint + UTF-8
//! updated_at zigzag varint (µs) · field count u8 · { position u8 · wire kind u8 · value }…
//! ```
//! Instants are written as their distance from `updated_at`, which takes three bytes instead of eight.

use super::field::FieldKind;
use super::{Record, RecordType, Value};
use crate::time::Timestamp;

/// The bytes are not what the encoder wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// They end in the middle.
    #[error("the record ends early")]
    Truncated,
    /// A part holds what it cannot hold.
    #[error("the record's {0} is malformed")]
    Malformed(&'static str),
}

const WIRE_FALSE: u8 = 0;
const WIRE_TRUE: u8 = 1;
const WIRE_INT: u8 = 2;
const WIRE_FLOAT: u8 = 3;
const WIRE_KEYWORD: u8 = 4;
const WIRE_TEXT: u8 = 5;
const WIRE_INSTANT: u8 = 6;

/// Appends an unsigned number, seven bits a byte, least first.
pub fn put_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Appends a signed number so that small magnitudes stay short.
pub fn put_zigzag(bytes: &mut Vec<u8>, value: i64) {
    put_varint(bytes, (value << 1 ^ value >> 63) as u64);
}

/// Reads what the `put_` functions wrote. Never panics, never allocates more than the bytes hold.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether everything was read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next byte.
    pub fn byte(&mut self) -> Result<u8, DecodeError> {
        let (first, rest) = self.rest.split_first().ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(*first)
    }

    /// The next `count` bytes.
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        if count > self.rest.len() {
            return Err(DecodeError::Truncated);
        }
        let (taken, rest) = self.rest.split_at(count);
        self.rest = rest;
        Ok(taken)
    }

    /// A number written by [`put_varint`].
    pub fn varint(&mut self) -> Result<u64, DecodeError> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return if shift == 63 && byte > 1 {
                    Err(DecodeError::Malformed("number"))
                } else {
                    Ok(value)
                };
            }
        }
        Err(DecodeError::Malformed("number"))
    }

    /// A number written by [`put_zigzag`].
    pub fn zigzag(&mut self) -> Result<i64, DecodeError> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// Text with its length before it.
    pub fn text(&mut self) -> Result<&'a str, DecodeError> {
        let length = usize::try_from(self.varint()?).map_err(|_| DecodeError::Truncated)?;
        std::str::from_utf8(self.bytes(length)?).map_err(|_| DecodeError::Malformed("text"))
    }
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_varint(bytes, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

/// Appends a record.
pub fn encode(record: &Record, bytes: &mut Vec<u8>) {
    let specs = record.record_type.spec().fields;
    bytes.push(record.record_type as u8);
    bytes.push(u8::from(record.is_inferred));
    put_varint(bytes, u64::from(record.attempt));
    put_text(bytes, &record.id);
    put_zigzag(bytes, record.updated_at.as_micros());
    bytes.push(record.fields.len() as u8);
    for (position, value) in &record.fields {
        bytes.push(*position);
        match value {
            Value::Bool(value) => bytes.push(if *value { WIRE_TRUE } else { WIRE_FALSE }),
            Value::Int(value) if specs[*position as usize].kind == FieldKind::Time => {
                bytes.push(WIRE_INSTANT);
                put_zigzag(bytes, value.wrapping_sub(record.updated_at.as_micros()));
            }
            Value::Int(value) => {
                bytes.push(WIRE_INT);
                put_zigzag(bytes, *value);
            }
            Value::Float(value) => {
                bytes.push(WIRE_FLOAT);
                bytes.extend_from_slice(&value.to_bits().to_le_bytes());
            }
            Value::Keyword(word) => {
                bytes.push(WIRE_KEYWORD);
                bytes.push(*word);
            }
            Value::Text(text) => {
                bytes.push(WIRE_TEXT);
                put_text(bytes, text);
            }
        }
    }
}

/// Reads one record.
///
/// # Errors
/// If the bytes are not what [`encode`] wrote. Fields that this version does not know yet are dropped.
pub fn decode(reader: &mut Reader<'_>) -> Result<Record, DecodeError> {
    let record_type = RecordType::from_number(reader.byte()?).ok_or(DecodeError::Malformed("type"))?;
    let flags = reader.byte()?;
    let attempt = u32::try_from(reader.varint()?).map_err(|_| DecodeError::Malformed("attempt"))?;
    let id = reader.text()?.into();
    let updated_at = Timestamp::from_micros(reader.zigzag()?);
    let specs = record_type.spec().fields;
    let count = reader.byte()?;
    let mut fields = Vec::with_capacity(usize::from(count.min(64)));
    for _ in 0..count {
        let position = reader.byte()?;
        let value = match reader.byte()? {
            WIRE_FALSE => Value::Bool(false),
            WIRE_TRUE => Value::Bool(true),
            WIRE_INT => Value::Int(reader.zigzag()?),
            WIRE_INSTANT => Value::Int(reader.zigzag()?.wrapping_add(updated_at.as_micros())),
            WIRE_FLOAT => {
                let bytes = reader.bytes(8)?.try_into().map_err(|_| DecodeError::Truncated)?;
                Value::Float(f64::from_bits(u64::from_le_bytes(bytes)))
            }
            WIRE_KEYWORD => Value::Keyword(reader.byte()?),
            WIRE_TEXT => Value::Text(reader.text()?.into()),
            _ => return Err(DecodeError::Malformed("wire kind")),
        };
        let is_known = specs
            .get(usize::from(position))
            .is_some_and(|spec| match (spec.kind, &value) {
                (FieldKind::Keyword(words), Value::Keyword(word)) => usize::from(*word) < words.len(),
                _ => true,
            });
        if is_known && fields.last().is_none_or(|(last, _)| *last < position) {
            fields.push((position, value));
        }
    }
    Ok(Record {
        record_type,
        id,
        attempt,
        updated_at,
        is_inferred: flags & 1 == 1,
        fields,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> Record {
        let spec = RecordType::Execution.spec();
        Record {
            record_type: RecordType::Execution,
            id: "run-1".into(),
            attempt: 2,
            updated_at: Timestamp::from_micros(1_763_800_000_000_000),
            is_inferred: true,
            fields: vec![
                (spec.position("workflow_id"), "invoice".into()),
                (spec.position("status"), Value::Keyword(4)),
                (spec.position("started_at"), Value::Int(1_763_799_990_000_000)),
                (spec.position("credits"), Value::Int(-1)),
                (spec.position("minutes_saved"), Value::Float(-0.5)),
            ],
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let mut bytes = Vec::new();
        encode(&sample(), &mut bytes);
        let mut reader = Reader::new(&bytes);
        assert_eq!(decode(&mut reader), Ok(sample()));
        assert!(reader.is_empty());
    }

    #[test]
    fn every_truncation_is_noticed() {
        let mut bytes = Vec::new();
        encode(&sample(), &mut bytes);
        for end in 0..bytes.len() {
            assert!(decode(&mut Reader::new(&bytes[..end])).is_err(), "cut at {end}");
        }
    }

    proptest! {
        #[test]
        fn numbers_read_back(value in any::<i64>()) {
            let mut bytes = Vec::new();
            put_zigzag(&mut bytes, value);
            prop_assert_eq!(Reader::new(&bytes).zigzag(), Ok(value));
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&mut Reader::new(&bytes));
        }
    }
}
