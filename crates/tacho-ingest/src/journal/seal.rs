//! Sealing: a full active segment is split per organization and compressed; then it is removed.
//!
//! Each step can be repeated: a crash in the middle leaves the active segment, and sealing it again writes the same files.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tacho_core::OrganizationId;
use tacho_fail::{Point, reach};
use tacho_store::Lsn;

use super::JournalError;
use super::disk::{Disk, DiskFile};
use super::layout::{active_dir, sealed_dir, sealed_path};
use super::segment::{ActiveReader, BLOCK_BYTES, Item, SEALED_MAGIC, block_head};

const ZSTD_LEVEL: i32 = 3;

/// An organization's part of the segment being sealed.
struct Part {
    temporary: PathBuf,
    file: Box<dyn DiskFile>,
    block: Vec<u8>,
    first: Lsn,
    last: Lsn,
}

impl Part {
    /// One that begins at a position; what an attempt that was cut off has left of it is gone.
    fn begin(disk: &dyn Disk, directory: &Path, first: Lsn) -> Result<Self, JournalError> {
        let temporary = directory.join(format!("{first:020}.tmp"));
        let removed = match disk.remove(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
        let file = removed.and_then(|()| {
            let mut file = disk.create(&temporary)?;
            file.append(SEALED_MAGIC)?;
            Ok(file)
        });
        Ok(Self {
            file: file.map_err(JournalError::io(&temporary))?,
            temporary,
            block: Vec::new(),
            first,
            last: 0,
        })
    }

    fn flush_block(&mut self) -> io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        let compressed = zstd::bulk::compress(&self.block, ZSTD_LEVEL)?;
        self.file.append(&block_head(&compressed, self.block.len()))?;
        self.file.append(&compressed)?;
        self.block.clear();
        Ok(())
    }
}

/// Seals an active segment that no longer grows. A segment with damage in it is sealed as far as it can be read and then
/// kept under the name `….damaged`, never removed.
///
/// # Errors
/// If a file cannot be read or written; nothing is lost then, and sealing can be tried again.
pub fn seal(disk: &dyn Disk, root: &Path, segment: &Path) -> Result<(), JournalError> {
    let mut parts: BTreeMap<OrganizationId, Part> = BTreeMap::new();
    let mut reader = ActiveReader::open(segment).map_err(JournalError::io(segment))?;
    let mut is_damaged = false;
    while let Some(item) = reader.next_item().map_err(JournalError::io(segment))? {
        let frame = match item {
            Item::Frame(frame, _) => frame,
            Item::End(_) => break,
            Item::Skipped { offset, reason } | Item::Broken { offset, reason } => {
                tracing::error!(segment = %segment.display(), offset, reason, "the journal is damaged");
                is_damaged = true;
                continue;
            }
        };
        let part = match parts.entry(frame.organization) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let directory = sealed_dir(root, frame.organization);
                fs::create_dir_all(&directory).map_err(JournalError::io(&directory))?;
                entry.insert(Part::begin(disk, &directory, frame.first_lsn)?)
            }
        };
        part.last = frame.last_lsn();
        part.block.extend_from_slice(&frame.head().encode());
        part.block.extend_from_slice(&frame.body);
        if part.block.len() >= BLOCK_BYTES {
            part.flush_block().map_err(JournalError::io(&part.temporary))?;
        }
    }
    for (organization, mut part) in parts {
        part.flush_block()
            .and_then(|()| part.file.sync())
            .and_then(|()| reach(Point::JournalSeal))
            .map_err(JournalError::io(&part.temporary))?;
        let path = sealed_path(root, organization, part.first, part.last);
        disk.rename(&part.temporary, &path)
            .map_err(JournalError::io(&path))?;
        for directory in [
            sealed_dir(root, organization),
            root.join("sealed"),
            root.to_owned(),
        ] {
            disk.sync_directory(&directory)
                .map_err(JournalError::io(&directory))?;
        }
    }
    reach(Point::JournalTrim).map_err(JournalError::io(segment))?;
    let trimmed = match is_damaged {
        true => disk.rename(segment, &segment.with_extension("damaged")),
        false => disk.remove(segment),
    };
    trimmed
        .and_then(|()| disk.sync_directory(&active_dir(root)))
        .map_err(JournalError::io(segment))
}
