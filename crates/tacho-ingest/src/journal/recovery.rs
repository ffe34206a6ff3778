//! What the journal does when it opens: finds its end, and takes away what a crash left half written.
//!
//! Bytes after the last whole frame of the last segment were never acknowledged, for an acknowledgement waits for the sync
//! of everything before it. They are cut off, but reported, and kept beside the segment as `….torn`, since a damaged disk
//! looks the same.

use std::fs::{self, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use tacho_core::OrganizationId;
use tacho_store::Lsn;

use super::JournalError;
use super::layout::{list_active, list_organizations, list_sealed};
use super::marks;
use super::reader::Damage;
use super::segment::{ACTIVE_HEAD_BYTES, ActiveReader, Item};

/// The journal as found.
#[derive(Debug, Default)]
pub struct Recovered {
    /// The position of the last record.
    pub last_lsn: Lsn,
    /// The last position that may have been given to a record; at or above `last_lsn`.
    pub given_lsn: Lsn,
    /// The last position of each organization that has records.
    pub last_by_organization: Vec<(OrganizationId, Lsn)>,
    /// Active segments, all of which can be sealed.
    pub segments: Vec<PathBuf>,
    /// What is damaged.
    pub damages: Vec<Damage>,
}

/// Finds the journal's end and cuts off what was never acknowledged.
///
/// # Errors
/// If files cannot be read or cut.
pub fn recover(root: &Path) -> Result<Recovered, JournalError> {
    let mut found = Recovered::default();
    let mut last_by_organization = std::collections::BTreeMap::<OrganizationId, Lsn>::new();
    for organization in list_organizations(root).map_err(JournalError::io(root))? {
        for segment in list_sealed(root, organization).map_err(JournalError::io(root))? {
            found.last_lsn = found.last_lsn.max(segment.last);
            last_by_organization
                .entry(organization)
                .and_modify(|last| *last = segment.last.max(*last))
                .or_insert(segment.last);
        }
    }
    let mark = marks::read(root, &mut found.damages).map_err(JournalError::io(root))?;
    let segments = list_active(root).map_err(JournalError::io(root))?;
    let last_path = segments.last().map(|(_, path)| path.clone());
    let count = segments.len();
    for (index, (first, path)) in segments.into_iter().enumerate() {
        // A file's name says from where its positions run, even if nothing in it can be read.
        found.given_lsn = found.given_lsn.max(first.saturating_sub(1));
        let is_last = index + 1 == count;
        let mut reader = ActiveReader::open(&path).map_err(JournalError::io(&path))?;
        if index > 0
            && reader
                .previous()
                .is_some_and(|previous| previous > found.last_lsn)
        {
            found.damages.push(Damage {
                path: path.clone(),
                offset: 0,
                reason: "the segment before it ends early",
            });
        }
        let mut torn_bytes = 0;
        let mut is_empty = false;
        while let Some(item) = reader.next_item().map_err(JournalError::io(&path))? {
            match item {
                Item::Frame(frame, _) => {
                    let last = last_by_organization.entry(frame.organization).or_default();
                    *last = (*last).max(frame.last_lsn());
                }
                Item::Skipped { offset, reason } => found.damages.push(Damage {
                    path: path.clone(),
                    offset,
                    reason,
                }),
                Item::Broken { offset, .. } if is_last => {
                    let reason = "its end is not whole and was cut off: never acknowledged, unless the disk is damaged";
                    found.damages.push(Damage {
                        path: path.clone(),
                        offset,
                        reason,
                    });
                    torn_bytes = cut(&path, offset)?;
                    is_empty = offset <= ACTIVE_HEAD_BYTES as u64;
                }
                Item::Broken { offset, reason } => found.damages.push(Damage {
                    path: path.clone(),
                    offset,
                    reason,
                }),
                Item::End(offset) => is_empty = offset == ACTIVE_HEAD_BYTES as u64,
            }
        }
        found.last_lsn = found.last_lsn.max(reader.last_lsn());
        // Should the bytes have been damaged after all and not torn, then the store may know the positions in them. A
        // record takes at least a byte, so none of those is given out again, even if the marks are lost too.
        found.given_lsn = found.given_lsn.max(found.last_lsn).saturating_add(torn_bytes);
        if is_empty {
            fs::remove_file(&path).map_err(JournalError::io(&path))?;
        } else {
            found.segments.push(path);
        }
    }
    found.given_lsn = found.given_lsn.max(found.last_lsn).max(mark.lsn);
    if let Some(path) = last_path
        && mark.is_exact
        && mark.lsn > found.last_lsn
    {
        found.damages.push(Damage {
            path,
            offset: 0,
            reason: "the journal ends before what was its end when it was closed",
        });
    }
    found.last_by_organization = last_by_organization.into_iter().collect();
    Ok(found)
}

/// Cuts a segment at `offset`, keeping what is cut off. Returns how many bytes that is.
fn cut(path: &Path, offset: u64) -> Result<u64, JournalError> {
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .map_err(JournalError::io(path))?;
    let mut torn = Vec::new();
    file.seek(SeekFrom::Start(offset))
        .map_err(JournalError::io(path))?;
    file.read_to_end(&mut torn).map_err(JournalError::io(path))?;
    tracing::warn!(segment = %path.display(), offset, bytes = torn.len(), "cut off what was written but never acknowledged");
    let aside = path.with_extension("torn");
    fs::write(&aside, &torn).map_err(JournalError::io(&aside))?;
    file.set_len(offset)
        .and_then(|()| file.sync_all())
        .map_err(JournalError::io(path))?;
    Ok(torn.len() as u64)
}
