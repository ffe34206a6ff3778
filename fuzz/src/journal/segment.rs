//! One segment, from its bytes.

use std::io::{self, Cursor};

use tacho_ingest::journal::frame::{Frame, HEAD_BYTES};
use tacho_ingest::journal::segment::{ActiveReader, BLOCK_HEAD_BYTES, Item, SealedReader};

use super::frames::{active, check_frame, damage, frames, sealed};
use crate::cut::Cut;

/// Frames that a made segment has.
const FRAMES_MAX: usize = 64;

/// A segment's file. The first byte says what the rest is: 0 the bytes of an active segment, 1 those of a sealed one, 2 and 3 the
/// description of such a segment and of a byte that is changed in it.
///
/// Laws: reading ends, and gives no more than the bytes hold; every frame that it gives lies there with its checksums; a segment
/// as it was written gives all its frames, and one with a changed byte only such as were written, in their order.
pub fn journal_segment(input: &[u8]) {
    let mut cut = Cut::new(input);
    let kind = cut.byte() % 4;
    if kind < 2 {
        let bytes = cut.rest();
        let (found, _) = match kind {
            0 => read_active(bytes),
            _ => read_sealed(bytes),
        };
        // Without luck with a checksum there is none that was not written as it is read.
        for (frame, offset) in found.iter().filter(|_| kind == 0) {
            let written = [&frame.head().encode()[..], &frame.body].concat();
            assert!(bytes[*offset as usize..].starts_with(&written));
        }
        return;
    }
    let (at, change, in_block) = (cut.number(), cut.byte(), usize::from(cut.byte()));
    let written = frames(&mut cut, 1, FRAMES_MAX);
    let mut bytes = match kind {
        2 => active(1, &written),
        _ => sealed(&written.iter().collect::<Vec<_>>(), in_block),
    };
    let is_damaged = damage(&mut bytes, at, change);
    let (found, is_whole) = match kind {
        2 => read_active(&bytes),
        _ => read_sealed(&bytes),
    };
    let found: Vec<&Frame> = found.iter().map(|(frame, _)| frame).collect();
    if is_damaged {
        let mut written = written.iter();
        assert!(
            found.iter().all(|found| written.any(|frame| frame == *found)),
            "a frame that was not written there"
        );
        assert!(!is_whole, "the damage is not noticed");
    } else {
        assert!(is_whole);
        assert_eq!(found, written.iter().collect::<Vec<_>>());
    }
}

/// The frames with their offsets, and whether there is nothing wrong.
fn read_active(bytes: &[u8]) -> (Vec<(Frame, u64)>, bool) {
    let mut reader = ActiveReader::new(Box::new(Cursor::new(bytes.to_vec()))).unwrap();
    read(|| reader.next_item(), bytes.len() / HEAD_BYTES + 2)
}

fn read_sealed(bytes: &[u8]) -> (Vec<(Frame, u64)>, bool) {
    let mut reader = SealedReader::new(Box::new(Cursor::new(bytes.to_vec()))).unwrap();
    // A block's content is not bounded by its size, so the frames of made segments bound it.
    read(
        || reader.next_item(),
        bytes.len() / BLOCK_HEAD_BYTES + FRAMES_MAX + 2,
    )
}

fn read(
    mut next_item: impl FnMut() -> io::Result<Option<Item>>,
    items_max: usize,
) -> (Vec<(Frame, u64)>, bool) {
    let mut found: Vec<(Frame, u64)> = Vec::new();
    let mut is_whole = true;
    let mut items = 0;
    while let Some(item) = next_item().unwrap() {
        items += 1;
        assert!(items <= items_max, "more items than there can be");
        match item {
            Item::Frame(frame, offset) => {
                check_frame(&frame);
                let last = found.last().map_or(0, |(last, _)| last.last_lsn());
                assert!(frame.first_lsn > last, "positions run backwards");
                found.push((frame, offset));
            }
            Item::Skipped { .. } | Item::Broken { .. } => is_whole = false,
            Item::End(_) => {}
        }
    }
    (found, is_whole)
}
