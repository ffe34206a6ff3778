//! Whether a backup could be restored: every byte is what was written, and what it says can be read.

use std::collections::{BTreeMap, HashSet};
use std::io;

use tacho_core::OrganizationId;
use tacho_ingest::journal::segment::{ActiveReader, Item, SealedReader};
use tacho_metastore::Metastore;

use super::folder::Folder;
use super::manifest::{FileEntry, Manifest, Piece};

/// Checks of the backups of a folder. What several of them need is read once.
pub(crate) struct Check<'a> {
    folder: &'a Folder,
    sound: HashSet<Piece>,
}

/// What the journal of a backup says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct JournalRead {
    /// Records, each counted once.
    pub(crate) records: u64,
    /// Places that cannot be read. They were so when they were backed up, if the bytes are what was written.
    pub(crate) damages: Vec<String>,
}

impl<'a> Check<'a> {
    pub(crate) fn new(folder: &'a Folder) -> Self {
        Self {
            folder,
            sound: HashSet::new(),
        }
    }

    /// What is missing or is not what was written. Nothing if all is well.
    pub(crate) fn problems(&mut self, manifest: &Manifest) -> Vec<String> {
        let mut problems = Vec::new();
        for file in &manifest.files {
            for piece in &file.pieces {
                if self.sound.contains(piece) {
                    continue;
                }
                match self.folder.objects.check(piece) {
                    Ok(()) => drop(self.sound.insert(piece.clone())),
                    Err(error) => problems.push(format!("{}: {error:#}", file.path)),
                }
            }
        }
        problems
    }

    /// What is wrong with people and configuration. Nothing if all is well.
    pub(crate) async fn metastore_problem(&self, manifest: &Manifest) -> Option<String> {
        let found = manifest.files.iter().find(|file| file.path == "tacho.sqlite");
        let Some(piece) = found.and_then(|file| file.pieces.first()) else {
            return Some("people and configuration are missing".into());
        };
        match Metastore::inspect(&self.folder.objects.path(piece)).await {
            Ok(copy) if copy.is_newer => Some(format!(
                "it was made by Tacho {}, whose people and configuration this version cannot read; use that version or a later one",
                manifest.tacho
            )),
            Ok(_) => None,
            Err(error) => Some(format!(
                "people and configuration cannot be read: {:#}",
                anyhow::Error::new(error)
            )),
        }
    }

    /// Reads the whole journal.
    pub(crate) fn read_journal(&self, manifest: &Manifest) -> anyhow::Result<JournalRead> {
        let mut read = JournalRead::default();
        let mut last: BTreeMap<OrganizationId, u64> = BTreeMap::new();
        // An active segment may hold what was sealed already, never the other way round.
        for is_sealed in [true, false] {
            let prefix = if is_sealed {
                "journal/sealed/"
            } else {
                "journal/active/"
            };
            for file in manifest.files.iter().filter(|file| file.path.starts_with(prefix)) {
                let mut next = self.items(file, is_sealed)?;
                while let Some(item) = next()? {
                    let frame = match item {
                        Item::Frame(frame, _) => frame,
                        Item::End(_) => break,
                        Item::Skipped { offset, reason } | Item::Broken { offset, reason } => {
                            read.damages
                                .push(format!("{} at byte {offset}: {reason}", file.path));
                            continue;
                        }
                    };
                    let last = last.entry(frame.organization).or_default();
                    if frame.last_lsn() <= *last {
                        continue;
                    }
                    *last = frame.last_lsn();
                    match frame.records() {
                        Ok(records) => read.records += records.len() as u64,
                        Err(error) => {
                            let place = format!("{} at position {}", file.path, frame.first_lsn);
                            read.damages.push(format!("{place}: {error}"));
                        }
                    }
                }
            }
        }
        for organization in &manifest.organizations {
            let last = last.get(&organization.id).copied().unwrap_or(0);
            if last < organization.position {
                read.damages.push(format!(
                    "the records of {} end at position {last}, not at {}",
                    organization.name, organization.position
                ));
            }
        }
        Ok(read)
    }

    fn items(
        &self,
        file: &FileEntry,
        is_sealed: bool,
    ) -> anyhow::Result<Box<dyn FnMut() -> io::Result<Option<Item>>>> {
        let source = self.folder.objects.read(file)?;
        Ok(if is_sealed {
            let mut reader = SealedReader::new(source)?;
            Box::new(move || reader.next_item())
        } else {
            let mut reader = ActiveReader::new(source)?;
            Box::new(move || reader.next_item())
        })
    }
}
