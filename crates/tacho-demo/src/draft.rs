//! Building one record.

use tacho_core::record::Value;
use tacho_core::{Record, RecordType, Timestamp};

/// A record under construction. Fields are set by ascending position.
pub(crate) struct Draft(Record);

impl Draft {
    pub(crate) fn new(record_type: RecordType, id: &str, attempt: u32, at: i64, capacity: usize) -> Self {
        Self(Record {
            record_type,
            id: id.into(),
            attempt,
            updated_at: Timestamp::from_micros(at),
            is_inferred: false,
            fields: Vec::with_capacity(capacity),
        })
    }

    fn set(mut self, field: impl Into<u8>, value: Value) -> Self {
        let field = field.into();
        debug_assert!(
            self.0.fields.last().is_none_or(|(last, _)| *last < field),
            "set by ascending position"
        );
        self.0.fields.push((field, value));
        self
    }

    pub(crate) fn text(self, field: impl Into<u8>, text: &str) -> Self {
        self.set(field, Value::from(text))
    }

    pub(crate) fn int(self, field: impl Into<u8>, number: i64) -> Self {
        self.set(field, Value::Int(number))
    }

    pub(crate) fn word(self, field: impl Into<u8>, word: u8) -> Self {
        self.set(field, Value::Keyword(word))
    }

    pub(crate) fn flag(self, field: impl Into<u8>, flag: bool) -> Self {
        self.set(field, Value::Bool(flag))
    }

    /// Rounded to hundredths, as instruments report.
    pub(crate) fn float(self, field: impl Into<u8>, number: f64) -> Self {
        self.set(field, Value::Float((number * 100.0).round() / 100.0))
    }

    pub(crate) fn text_if(self, field: impl Into<u8>, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.text(field, text),
            None => self,
        }
    }

    pub(crate) fn done(self) -> Record {
        self.0
    }
}
