//! Identity: what makes two records the same thing, and its 64-bit fingerprint.

use xxhash_rust::xxh3::Xxh3;

use super::RecordType;

/// What makes two records the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity<'a> {
    /// The record type.
    pub record_type: RecordType,
    /// The id that the sender chose.
    pub id: &'a str,
    /// Which try.
    pub attempt: u32,
}

/// A 64-bit hash of an [`Identity`] without its attempt, so that all tries of one thing are found together. Different
/// things may share one; whoever looks a record up by it confirms the identity in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub u64);

impl Identity<'_> {
    /// Its fingerprint: XXH3 of type and id. Part of the format of the identity index.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hasher = Xxh3::new();
        hasher.update(&[self.record_type as u8]);
        hasher.update(self.id.as_bytes());
        Fingerprint(hasher.digest())
    }
}
