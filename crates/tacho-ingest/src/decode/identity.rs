//! Ids for records that have none (DESIGN section 2, "Identity and merging"). An id that Tacho gives begins with `~`
//! and is the same whenever the same thing is sent again.

use std::collections::HashMap;

use tacho_core::record::schema::ID_BYTES_MAX;
use tacho_core::record::{RecordType, Value};
use xxhash_rust::xxh3::xxh3_128;

use super::layout::Layout;
use super::object::Draft;

/// What an id may be made from, beside the record itself.
pub(super) enum IdSource<'s> {
    /// Nothing.
    None,
    /// The sender's key for the submission, and the record's place in it.
    Submission {
        /// The Idempotency-Key.
        key: &'s str,
        /// The place.
        index: u32,
    },
    /// The record's text, and how often the file held the same text before.
    File {
        /// What the file held so far.
        seen: &'s mut Occurrences,
        /// The record's text.
        content: u128,
    },
}

/// How often a file has held which record without an id. Grows by some 32 bytes for each such record.
#[derive(Default)]
pub(super) struct Occurrences(HashMap<u128, u32>);

impl Occurrences {
    /// How often this was asked for before.
    fn count(&mut self, content: u128) -> u32 {
        let count = self.0.entry(content).or_insert(0);
        let before = *count;
        *count += 1;
        before
    }
}

/// An id for a draft that has none. `None` if there is nothing to make one from.
pub(super) fn give(draft: &Draft<'_>, layout: &Layout, source: &mut IdSource<'_>) -> Option<Box<str>> {
    match source {
        IdSource::Submission { key, index } => {
            let mut bytes = Vec::with_capacity(key.len() + 5);
            bytes.extend_from_slice(key.as_bytes());
            bytes.push(0);
            bytes.extend_from_slice(&index.to_le_bytes());
            Some(written(&bytes))
        }
        IdSource::None => of_series(draft, layout),
        IdSource::File { seen, content } => of_series(draft, layout).or_else(|| {
            let occurrence = seen.count(*content);
            let mut bytes = [0; 21];
            bytes[0] = draft.record_type as u8;
            bytes[1..17].copy_from_slice(&content.to_le_bytes());
            bytes[17..].copy_from_slice(&occurrence.to_le_bytes());
            Some(written(&bytes))
        }),
    }
}

/// The id of a point of a series: series and timestamp are what identifies it.
fn of_series(draft: &Draft<'_>, layout: &Layout) -> Option<Box<str>> {
    if layout.series.is_empty() {
        return None;
    }
    let mut bytes = vec![draft.record_type as u8];
    for position in &layout.series {
        match draft.at(*position).and_then(Value::as_text) {
            Some(text) => {
                bytes.extend_from_slice(&(text.len() as u32 + 1).to_le_bytes());
                bytes.extend_from_slice(text.as_bytes());
            }
            None => bytes.extend_from_slice(&0u32.to_le_bytes()),
        }
    }
    let timestamp = draft.int_at(layout.timestamp?)?;
    bytes.extend_from_slice(&timestamp.to_le_bytes());
    Some(written(&bytes))
}

/// An id made of what a record says, or one made from it if it is longer than ids may be.
pub(super) fn within_limit(id: String) -> Box<str> {
    match id.len() <= ID_BYTES_MAX {
        true => id.into(),
        false => written(id.as_bytes()),
    }
}

fn written(bytes: &[u8]) -> Box<str> {
    format!("~{:032x}", xxh3_128(bytes)).into()
}

/// What to tell a sender whose record has no id.
pub(super) fn missing_message(record_type: RecordType) -> String {
    format!(
        "Give the {} an \"id\" of your choice, the same whenever you send it again, or send the submission with an Idempotency-Key.",
        record_type.as_str()
    )
}
