//! Sealing: a full active segment is split per organization and compressed; then it is removed.
//!
//! Each step can be repeated: a crash in the middle leaves the active segment, and sealing it again writes the same files.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use tacho_core::OrganizationId;
use tacho_fail::{Point, reach};
use tacho_store::Lsn;

use super::JournalError;
use super::layout::{active_dir, sealed_dir, sealed_path};
use super::segment::{ActiveReader, BLOCK_BYTES, Item, SEALED_MAGIC, block_head};

const ZSTD_LEVEL: i32 = 3;

/// An organization's part of the segment being sealed.
struct Part {
    temporary: PathBuf,
    file: BufWriter<File>,
    block: Vec<u8>,
    first: Lsn,
    last: Lsn,
}

impl Part {
    fn flush_block(&mut self) -> std::io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        let compressed = zstd::bulk::compress(&self.block, ZSTD_LEVEL)?;
        self.file.write_all(&block_head(&compressed, self.block.len()))?;
        self.file.write_all(&compressed)?;
        self.block.clear();
        Ok(())
    }
}

/// Seals an active segment that no longer grows. A segment with damage in it is sealed as far as it can be read and then
/// kept under the name `….damaged`, never removed.
///
/// # Errors
/// If a file cannot be read or written; nothing is lost then, and sealing can be tried again.
pub fn seal(root: &Path, segment: &Path) -> Result<(), JournalError> {
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
                let temporary = directory.join(format!("{:020}.tmp", frame.first_lsn));
                let mut file =
                    BufWriter::new(File::create(&temporary).map_err(JournalError::io(&temporary))?);
                file.write_all(SEALED_MAGIC)
                    .map_err(JournalError::io(&temporary))?;
                entry.insert(Part {
                    temporary,
                    file,
                    block: Vec::new(),
                    first: frame.first_lsn,
                    last: 0,
                })
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
            .and_then(|()| part.file.flush())
            .and_then(|()| part.file.get_ref().sync_all())
            .and_then(|()| reach(Point::JournalSeal))
            .map_err(JournalError::io(&part.temporary))?;
        let path = sealed_path(root, organization, part.first, part.last);
        fs::rename(&part.temporary, &path).map_err(JournalError::io(&path))?;
        for directory in [
            sealed_dir(root, organization),
            root.join("sealed"),
            root.to_owned(),
        ] {
            sync_directory(&directory)?;
        }
    }
    reach(Point::JournalTrim).map_err(JournalError::io(segment))?;
    if is_damaged {
        fs::rename(segment, segment.with_extension("damaged")).map_err(JournalError::io(segment))?;
    } else {
        fs::remove_file(segment).map_err(JournalError::io(segment))?;
    }
    sync_directory(&active_dir(root))
}

fn sync_directory(path: &Path) -> Result<(), JournalError> {
    File::open(path)
        .and_then(|directory| directory.sync_all())
        .map_err(JournalError::io(path))
}
