//! Frames and segments with right checksums, made of an input, so that what lies behind the checksums is reached too.

use tacho_core::OrganizationId;
use tacho_core::record::codec::{Reader, decode, encode};
use tacho_core::time::Timestamp;
use tacho_ingest::journal::frame::{Frame, FrameKind, Head};
use tacho_ingest::journal::segment::{SEALED_MAGIC, active_head, block_head};
use tacho_store::Lsn;

use crate::cut::Cut;

const BODY_BYTES_MAX: usize = 1_024;
/// A gap between positions that stands for one that leads to the last of all positions.
const GAP_TO_THE_END: u8 = 255;

/// Frames as the input describes them, positions ascending from `next`. A frame may claim more records than it holds.
pub(super) fn frames(cut: &mut Cut<'_>, mut next: Lsn, count_max: usize) -> Vec<Frame> {
    let mut frames = Vec::new();
    while !cut.is_empty() && frames.len() < count_max {
        let organization = OrganizationId::from_bytes([cut.byte() % 3; 16]);
        let gap = match cut.byte() {
            GAP_TO_THE_END => (Lsn::MAX - 300).saturating_sub(next),
            gap => Lsn::from(gap),
        };
        let count = u32::from(cut.byte().max(1));
        let length = cut.number() % BODY_BYTES_MAX;
        let Some((first_lsn, end)) = next
            .checked_add(gap)
            .and_then(|first| Some((first, first.checked_add(count.into())?)))
        else {
            break;
        };
        next = end;
        frames.push(Frame {
            organization,
            first_lsn,
            count,
            received_at: Timestamp::from_micros(7),
            kind: FrameKind::Records,
            body: cut.bytes(length).to_vec(),
        });
    }
    frames
}

fn written<'a>(frames: impl IntoIterator<Item = &'a Frame>) -> Vec<u8> {
    frames
        .into_iter()
        .flat_map(|frame| [&frame.head().encode()[..], &frame.body].concat())
        .collect()
}

/// An active segment of these frames.
pub(super) fn active(first: Lsn, frames: &[Frame]) -> Vec<u8> {
    let head = active_head(first, first.saturating_sub(1));
    [&head[..], &written(frames)].concat()
}

/// A sealed segment of these frames, with so many in a block.
pub(super) fn sealed(frames: &[&Frame], in_block: usize) -> Vec<u8> {
    let mut bytes = SEALED_MAGIC.to_vec();
    for block in frames.chunks(in_block.max(1)) {
        let plain = written(block.iter().copied());
        let compressed = zstd::bulk::compress(&plain, 1).unwrap();
        bytes.extend_from_slice(&block_head(&compressed, plain.len()));
        bytes.extend_from_slice(&compressed);
    }
    bytes
}

/// Changes a byte, wherever it lies. Returns whether there was one to change.
pub(super) fn damage(bytes: &mut [u8], at: usize, change: u8) -> bool {
    let length = bytes.len();
    match bytes.get_mut(at.checked_rem(length).unwrap_or(0)) {
        Some(byte) => *byte ^= change,
        None => return false,
    }
    change != 0
}

/// Laws of a frame: its head reads back, and so do the records that can be read.
pub(super) fn check_frame(frame: &Frame) {
    let head = frame.head();
    assert_eq!(Head::decode(&head.encode()), Some(head));
    let Ok(records) = frame.records() else { return };
    assert_eq!(records.len(), frame.count as usize);
    for record in records {
        let mut bytes = Vec::new();
        encode(&record, &mut bytes);
        let again = decode(&mut Reader::new(&bytes)).unwrap();
        // As bytes, because a number may be none.
        let mut bytes_again = Vec::new();
        encode(&again, &mut bytes_again);
        assert_eq!(bytes, bytes_again, "{record:?}");
    }
}
