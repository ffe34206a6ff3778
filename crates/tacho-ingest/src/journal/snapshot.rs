//! The files that together hold everything up to a position, while the journal is being written: what a backup copies.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tacho_core::OrganizationId;
use tacho_store::Lsn;

use super::layout::{list_active, list_organizations, list_sealed};
use super::segment::{ACTIVE_HEAD_BYTES, ActiveReader, Item};
use super::{Damage, JournalError, marks};

/// How often the lists are taken anew before something else must be wrong.
const LISTINGS_MAX: usize = 100;

/// An active segment as far as it belongs to a snapshot. Open, because sealing removes its file.
#[derive(Debug)]
pub struct ActivePart {
    /// Its file.
    pub path: PathBuf,
    /// The same, open; where in it is left open.
    pub file: File,
    /// Bytes of it that belong to the snapshot. They do not change any more.
    pub bytes: u64,
}

/// Files that hold everything up to a position, and the records of some organizations a little beyond.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// Everything up to here is in it.
    pub up_to: Lsn,
    /// No position above it was given before the snapshot.
    pub given: Lsn,
    /// Sealed segments. They never change; retention may remove them.
    pub sealed: Vec<PathBuf>,
    /// Active ones.
    pub active: Vec<ActivePart>,
    /// The last position of each organization that has records.
    pub last_by_organization: BTreeMap<OrganizationId, Lsn>,
    /// What cannot be read of active segments. It is in the snapshot as it is.
    pub damages: Vec<Damage>,
}

/// Finds the files. `up_to` is a position known to be durable; `None` if nobody writes the journal, and then everything
/// that is whole belongs to the snapshot.
///
/// # Errors
/// If files cannot be listed or read.
pub fn take(root: &Path, up_to: Option<Lsn>) -> Result<Snapshot, JournalError> {
    for _ in 0..LISTINGS_MAX {
        if let Some(snapshot) = try_take(root, up_to)? {
            return Ok(snapshot);
        }
    }
    let error = io::Error::other("segments come and go faster than they can be listed");
    Err(JournalError::io(root)(error))
}

/// `None` if an active segment was sealed between listing and opening.
fn try_take(root: &Path, up_to: Option<Lsn>) -> Result<Option<Snapshot>, JournalError> {
    let mut snapshot = Snapshot::default();
    let limit = up_to.unwrap_or(Lsn::MAX);
    // Active ones are listed first: one that is sealed in between then shows in both lists, never in none.
    let mut active = Vec::new();
    for (first, path) in list_active(root).map_err(JournalError::io(root))? {
        match File::open(&path) {
            Ok(file) if first <= limit => active.push((path, file)),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(JournalError::io(path)(error)),
        }
    }
    for organization in list_organizations(root).map_err(JournalError::io(root))? {
        for segment in list_sealed(root, organization).map_err(JournalError::io(root))? {
            if segment.first <= limit {
                snapshot.note(organization, segment.last);
                snapshot.sealed.push(segment.path);
            }
        }
    }
    let count = active.len();
    for (index, (path, file)) in active.into_iter().enumerate() {
        let may_be_torn = up_to.is_none() && index + 1 == count;
        let bytes = snapshot
            .measure(&path, &file, limit, may_be_torn)
            .map_err(JournalError::io(&path))?;
        if bytes > ACTIVE_HEAD_BYTES as u64 {
            snapshot.active.push(ActivePart { path, file, bytes });
        }
    }
    let found = snapshot.last_by_organization.values().max();
    snapshot.up_to = up_to.unwrap_or(found.copied().unwrap_or(0));
    // A mark that is being written may be half there; the one before it says enough.
    let mark = marks::read(root, &mut Vec::new()).map_err(JournalError::io(root))?;
    snapshot.given = found.copied().unwrap_or(0).max(snapshot.up_to).max(mark.lsn);
    Ok(Some(snapshot))
}

impl Snapshot {
    fn note(&mut self, organization: OrganizationId, last: Lsn) {
        let known = self.last_by_organization.entry(organization).or_default();
        *known = last.max(*known);
    }

    /// How many bytes of an active segment belong to the snapshot.
    fn measure(&mut self, path: &Path, file: &File, limit: Lsn, may_be_torn: bool) -> io::Result<u64> {
        let mut reader = ActiveReader::new(Box::new(file.try_clone()?))?;
        let mut bytes = reader.offset();
        while reader.last_lsn() < limit
            && let Some(item) = reader.next_item()?
        {
            let (offset, reason, is_end) = match item {
                Item::Frame(frame, _) if frame.last_lsn() > limit => break,
                Item::Frame(frame, _) => {
                    self.note(frame.organization, frame.last_lsn());
                    bytes = reader.offset();
                    continue;
                }
                Item::End(_) => break,
                // Written and never acknowledged, as recovery will find.
                Item::Broken { .. } if may_be_torn => break,
                Item::Skipped { offset, reason } => (offset, reason, false),
                Item::Broken { offset, reason } => (offset, reason, true),
            };
            bytes = if is_end {
                file.metadata()?.len()
            } else {
                reader.offset()
            };
            self.damages.push(Damage {
                path: path.to_owned(),
                offset,
                reason,
            });
        }
        Ok(bytes)
    }
}
