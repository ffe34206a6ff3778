//! A journal's folder, as it is found at a start.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tacho_core::OrganizationId;
use tacho_ingest::journal::disk::RealDisk;
use tacho_ingest::journal::frame::Frame;
use tacho_ingest::journal::layout::{active_dir, active_path, sealed_dir, sealed_path};
use tacho_ingest::journal::marks::{Mark, marks_path, rewrite};
use tacho_ingest::journal::reader::Next;
use tacho_ingest::journal::recovery::recover;
use tacho_ingest::journal::seal::seal;
use tacho_ingest::journal::{Damage, JournalError, JournalReader};
use tacho_store::Lsn;

use super::frames::{active, check_frame, damage, frames, sealed};
use crate::cut::Cut;

/// Where folders are made: in memory if there is such a place, since the journal syncs.
const MEMORY: &str = "/dev/shm";

/// The journal's folder: a description of up to four segments, sealed ones first, of what is damaged in them, and of the marks of
/// positions.
///
/// Laws: recovering never fails, and recovering again finds the same end; readers give only what was written, in
/// its order, and all of it where nothing is damaged; sealing changes nothing of what they give.
pub fn journal_directory(input: &[u8]) {
    let root = match Path::new(MEMORY).is_dir() {
        true => tempfile::tempdir_in(MEMORY).unwrap(),
        false => tempfile::tempdir().unwrap(),
    };
    let root = root.path();
    let made = make(&mut Cut::new(input), root);
    let recovered = recover(root).unwrap();
    assert!(recovered.last_lsn <= recovered.given_lsn);
    let organizations: Vec<OrganizationId> = (0..3)
        .map(|number| OrganizationId::from_bytes([number; 16]))
        .collect();
    let read = |up_to| -> Vec<(Vec<Frame>, Vec<Damage>)> {
        let all = organizations.iter();
        all.map(|organization| frames_of(root, *organization, up_to))
            .collect()
    };
    let found = read(recovered.last_lsn);
    for (organization, (found, damages)) in organizations.iter().zip(&found) {
        let written = made.written.get(organization).map_or(&[][..], Vec::as_slice);
        if !made.is_damaged {
            assert_eq!(found, written);
            assert_eq!(damages, &[]);
        }
        let mut written = written.iter();
        assert!(
            found.iter().all(|found| written.any(|frame| frame == found)),
            "a frame that was not written there"
        );
    }
    let again = recover(root).unwrap();
    assert_eq!(again.last_lsn, recovered.last_lsn);
    for segment in &again.segments {
        seal(&RealDisk, root, segment).unwrap();
    }
    let sealed = read(recovered.last_lsn);
    for ((before, _), (after, _)) in found.iter().zip(&sealed) {
        assert_eq!(before, after, "sealing changed what is read");
    }
}

struct Made {
    written: BTreeMap<OrganizationId, Vec<Frame>>,
    is_damaged: bool,
}

fn make(cut: &mut Cut<'_>, root: &Path) -> Made {
    let mut made = Made {
        written: BTreeMap::new(),
        is_damaged: false,
    };
    fs::create_dir_all(active_dir(root)).unwrap();
    let segments = 1 + cut.byte() % 4;
    let mut next: Lsn = 1;
    let mut has_active = false;
    for _ in 0..segments {
        let kind = cut.byte();
        let (at, change) = (cut.number(), cut.byte());
        let frames = frames(cut, next, 1 + usize::from(kind >> 4));
        let mut put = |path: &Path, mut bytes: Vec<u8>| {
            // Cut short, changed, or both.
            if kind & 2 != 0 && !bytes.is_empty() {
                bytes.truncate(at % bytes.len());
                made.is_damaged = true;
            }
            if kind & 4 != 0 {
                made.is_damaged |= damage(&mut bytes, at, change);
            }
            fs::write(path, bytes).unwrap();
        };
        has_active |= kind & 1 == 0;
        if has_active {
            put(&active_path(root, next), active(next, &frames));
        } else {
            let mut parts: BTreeMap<OrganizationId, Vec<&Frame>> = BTreeMap::new();
            for frame in &frames {
                parts.entry(frame.organization).or_default().push(frame);
            }
            for (organization, frames) in parts {
                fs::create_dir_all(sealed_dir(root, organization)).unwrap();
                let (first, last) = (frames[0].first_lsn, frames[frames.len() - 1].last_lsn());
                let path = sealed_path(root, organization, first, last);
                put(&path, sealed(&frames, 1 + usize::from(kind >> 6)));
            }
        }
        for frame in frames {
            next = frame.last_lsn() + 1;
            made.written.entry(frame.organization).or_default().push(frame);
        }
    }
    match cut.byte() % 3 {
        0 => {}
        1 => rewrite(
            root,
            Mark {
                lsn: next - 1,
                is_exact: true,
            },
        )
        .unwrap(),
        _ => fs::write(marks_path(root), cut.rest()).unwrap(),
    }
    made
}

fn frames_of(root: &Path, organization: OrganizationId, up_to: Lsn) -> (Vec<Frame>, Vec<Damage>) {
    let mut found = Vec::new();
    let damages = JournalReader::new(root)
        .visit::<JournalError>(organization, 0, up_to, |frame| {
            check_frame(&frame);
            found.push(frame);
            Ok(Next::Continue)
        })
        .unwrap();
    (found, damages)
}
