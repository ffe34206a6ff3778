//! What only this crate reads of what strangers send, for the fuzz targets (`fuzz/`). No part of the API.

use bytes::Bytes;
use tacho_core::OrganizationId;

use crate::budget::ByteBudget;
pub use crate::extract::Encoding;
pub use crate::live::{Heard, HeardChannel, Overheard, hear};

/// Unpacks a body that may have that many bytes. The status if it is refused.
///
/// # Errors
/// If it cannot be unpacked, or is too long.
pub fn unpack(encoding: Encoding, sent: &[u8], bytes_max: usize) -> Result<Bytes, u16> {
    // Room enough, so that only the body's own bound counts.
    let budget = ByteBudget::new(bytes_max.saturating_mul(8));
    let mut reservation = budget.reserve(OrganizationId::from_bytes([1; 16]));
    crate::extract::unpack(encoding, sent, bytes_max, &mut reservation)
        .map_err(|problem| problem.status.as_u16())
}
