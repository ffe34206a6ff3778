//! Limits on what is accepted.

/// How much of everything one submission may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Records in a submission; those after it are refused.
    pub records_max: u32,
    /// Bytes of one record's text.
    pub record_bytes_max: usize,
    /// Names at the top of one record.
    pub fields_max: usize,
    /// Bytes of one record's metadata, as it is kept.
    pub metadata_bytes_max: usize,
    /// Objects and arrays inside each other in metadata, itself included.
    pub metadata_depth_max: usize,
    /// Tags of one record.
    pub tags_max: usize,
    /// Bytes of a tag's name.
    pub tag_key_bytes_max: usize,
    /// Bytes of a tag's value.
    pub tag_value_bytes_max: usize,
    /// How far after its receipt a record's times may lie, for clocks that are ahead.
    pub ahead_micros_max: i64,
    /// Bytes of a refused record that are kept.
    pub payload_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            records_max: 50_000,
            record_bytes_max: 256 * 1024,
            fields_max: 256,
            metadata_bytes_max: 32 * 1024,
            metadata_depth_max: 16,
            tags_max: 32,
            tag_key_bytes_max: 64,
            tag_value_bytes_max: 256,
            ahead_micros_max: 24 * 3600 * 1_000_000,
            payload_bytes_max: 64 * 1024,
        }
    }
}
