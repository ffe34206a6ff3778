//! Records: the things that are ingested, declared once per type.
//!
//! A type is a row of data in [`schema`]: its fields with their kinds, merge rules and the places from which its event
//! time comes. Decoding, journalling, merging, de-duplication, tables and queries are written once over that
//! declaration, never once per type. To add a field, append it to its type; to add a type, declare it.

pub mod codec;
pub mod derive;
pub mod field;
pub mod fingerprint;
pub mod merge;
pub mod schema;
pub mod value;
pub mod wire;

pub use field::{FieldKind, FieldSpec, MergeRule};
pub use fingerprint::{Fingerprint, Identity};
pub use merge::{Rank, RankClass, Row};
pub use schema::{RecordType, TypeSpec};
pub use value::Value;

use crate::time::Timestamp;

/// One accepted record, normalised: what a sender said about one thing at one moment. Several of them with the same
/// identity merge into one [`Row`].
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its type, hence its fields.
    pub record_type: RecordType,
    /// Chosen by the sender, or given at ingest. Never empty.
    pub id: Box<str>,
    /// Which try of the same thing it is about; 1 if the sender does not count.
    pub attempt: u32,
    /// When the sender's knowledge dates from: sent, else taken from the record's own times, else when it was received.
    pub updated_at: Timestamp,
    /// Whether Tacho inferred it (a timeout of an execution that never ended) instead of a sender saying it.
    pub is_inferred: bool,
    /// The fields present, by ascending position in [`TypeSpec::fields`]. None is null.
    pub fields: Vec<(u8, Value)>,
}

impl Record {
    /// What makes it the same thing as another record.
    pub fn identity(&self) -> Identity<'_> {
        Identity {
            record_type: self.record_type,
            id: &self.id,
            attempt: self.attempt,
        }
    }

    /// The value of a field, by its name. `None` if absent or if the type has no such field.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let (position, _) = self.record_type.spec().field(name)?;
        self.at(position)
    }

    /// The value of a field, by its position in the type.
    pub fn at(&self, position: u8) -> Option<&Value> {
        let index = self
            .fields
            .binary_search_by_key(&position, |(field, _)| *field)
            .ok()?;
        self.fields.get(index).map(|(_, value)| value)
    }
}
