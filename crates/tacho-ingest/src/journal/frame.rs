//! Frames: what one submission brought, with checksums over head and body.
//!
//! ```text
//! magic u32 · head CRC u32 · body length u32 · body CRC u32 · first LSN u64 · count u32 · kind u8 · 0 u8 ×3
//! · received at i64 (µs) · organization [u8; 16]            = 56 bytes, little-endian; then the body
//! ```
//! The head has its own checksum, so that a damaged body can be stepped over without losing what follows.

use tacho_core::OrganizationId;
use tacho_core::record::Record;
use tacho_core::record::codec::{DecodeError, Reader, decode};
use tacho_core::time::Timestamp;
use tacho_store::Lsn;

/// Bytes of a head.
pub const HEAD_BYTES: usize = 56;
/// Bytes that a body may have. Larger submissions are refused long before.
pub const BODY_BYTES_MAX: usize = 256 * 1024 * 1024;
const MAGIC: u32 = u32::from_le_bytes(*b"TFR1");

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum FrameKind {
    /// Records, one after the other.
    Records = 1,
}

/// A frame as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Whose records.
    pub organization: OrganizationId,
    /// The position of the first record; the others follow without a gap.
    pub first_lsn: Lsn,
    /// How many records.
    pub count: u32,
    /// When they were received.
    pub received_at: Timestamp,
    /// What the body holds.
    pub kind: FrameKind,
    /// The body.
    pub body: Vec<u8>,
}

/// The head of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Bytes of the body.
    pub body_length: u32,
    /// CRC-32 of the body.
    pub body_crc: u32,
    /// The position of the first record.
    pub first_lsn: Lsn,
    /// How many records.
    pub count: u32,
    /// What the body holds, as a number.
    pub kind: u8,
    /// When they were received.
    pub received_at: Timestamp,
    /// Whose records.
    pub organization: OrganizationId,
}

impl Head {
    /// The head's bytes.
    pub fn encode(&self) -> [u8; HEAD_BYTES] {
        let mut bytes = [0u8; HEAD_BYTES];
        bytes[0..4].copy_from_slice(&MAGIC.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.body_length.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.body_crc.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.first_lsn.to_le_bytes());
        bytes[24..28].copy_from_slice(&self.count.to_le_bytes());
        bytes[28] = self.kind;
        bytes[32..40].copy_from_slice(&self.received_at.as_micros().to_le_bytes());
        bytes[40..56].copy_from_slice(self.organization.as_bytes());
        let crc = crc32fast::hash(&bytes[8..]);
        bytes[4..8].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Reads a head. `None` if it is none or damaged.
    pub fn decode(bytes: &[u8; HEAD_BYTES]) -> Option<Head> {
        fn part<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
            let mut part = [0u8; N];
            part.copy_from_slice(&bytes[at..at + N]);
            part
        }
        let head = Head {
            body_length: u32::from_le_bytes(part(bytes, 8)),
            body_crc: u32::from_le_bytes(part(bytes, 12)),
            first_lsn: u64::from_le_bytes(part(bytes, 16)),
            count: u32::from_le_bytes(part(bytes, 24)),
            kind: bytes[28],
            received_at: Timestamp::from_micros(i64::from_le_bytes(part(bytes, 32))),
            organization: OrganizationId::from_bytes(part(bytes, 40)),
        };
        let is_whole = u32::from_le_bytes(part(bytes, 0)) == MAGIC
            && u32::from_le_bytes(part(bytes, 4)) == crc32fast::hash(&bytes[8..])
            && head.body_length as usize <= BODY_BYTES_MAX
            && head.count > 0
            && head.first_lsn > 0
            && head.first_lsn.checked_add(u64::from(head.count)).is_some();
        is_whole.then_some(head)
    }

    /// The position of the last record.
    pub fn last_lsn(&self) -> Lsn {
        self.first_lsn + u64::from(self.count) - 1
    }
}

impl Frame {
    /// The position of the last record.
    pub fn last_lsn(&self) -> Lsn {
        self.first_lsn + u64::from(self.count) - 1
    }

    /// The head that goes before the body.
    pub fn head(&self) -> Head {
        Head {
            body_length: self.body.len() as u32,
            body_crc: crc32fast::hash(&self.body),
            first_lsn: self.first_lsn,
            count: self.count,
            kind: self.kind as u8,
            received_at: self.received_at,
            organization: self.organization,
        }
    }

    /// The records inside.
    ///
    /// # Errors
    /// If the body is not what was written, which its checksum makes all but impossible.
    pub fn records(&self) -> Result<Vec<Record>, DecodeError> {
        let mut reader = Reader::new(&self.body);
        let records = (0..self.count)
            .map(|_| decode(&mut reader))
            .collect::<Result<Vec<_>, _>>()?;
        if reader.is_empty() {
            Ok(records)
        } else {
            Err(DecodeError::Malformed("frame"))
        }
    }
}
