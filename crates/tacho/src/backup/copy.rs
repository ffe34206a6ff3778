//! Making a backup.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, bail};
use tacho_ingest::journal::snapshot::{self, ActivePart, Snapshot};
use tacho_metastore::Metastore;

use super::folder::Folder;
use super::manifest::{FileEntry, Manifest, OrganizationEntry, Piece};
use super::{failed, objects};
use crate::data_dir::DataDir;

/// Pieces of a growing file before they become one: an object each would be many small files.
const PIECES_MAX: usize = 64;
/// How often the journal's files are listed anew because one of them is gone.
const LISTINGS_MAX: usize = 100;

/// What was done.
#[derive(Debug, Default)]
pub(crate) struct Copied {
    /// The backup's name.
    pub(crate) name: String,
    /// Bytes that were copied.
    pub(crate) new_bytes: u64,
    /// Bytes that an earlier backup had.
    pub(crate) kept_bytes: u64,
    /// Bytes that a backup which was cut off had brought.
    pub(crate) found_bytes: u64,
    /// Places of the journal that cannot be read; copied as they are.
    pub(crate) damages: Vec<tacho_ingest::journal::Damage>,
}

struct Copying<'a> {
    folder: &'a Folder,
    data: &'a DataDir,
    /// Files as the newest backup that has them knows them.
    known: HashMap<String, FileEntry>,
    /// What backups need, and what this one has copied.
    expected: HashSet<Piece>,
    copied: Copied,
}

/// Copies what a data directory needs to be made again. `up_to` is a position of its journal known to be durable; `None`
/// if nobody writes to it.
pub(crate) async fn back_up(
    folder: &Folder,
    data: &DataDir,
    up_to: Option<u64>,
    with_store: bool,
) -> anyhow::Result<(Manifest, Copied)> {
    let mut known = HashMap::new();
    for stored in folder.manifests()? {
        // One that cannot be read makes this backup longer, not wrong.
        let files = stored.manifest.map(|manifest| manifest.files).unwrap_or_default();
        known.extend(files.into_iter().map(|file| (file.path.clone(), file)));
    }
    let expected = known.values().flat_map(|file| file.pieces.clone()).collect();
    let mut copying = Copying {
        folder,
        data,
        known,
        expected,
        copied: Copied::default(),
    };
    let mut manifest = Manifest::begun_at(jiff::Timestamp::now());
    let journal = copying.copy_journal(up_to, &mut manifest.files)?;
    if with_store {
        manifest.has_store = true;
        copying.copy_folder(&data.store(), &mut manifest.files)?;
        copying.copy_folder(&data.identity(), &mut manifest.files)?;
    }
    // After the journal, so that it has the organization of every record there.
    let organizations = copying.copy_metastore(&mut manifest.files).await?;
    manifest.position = journal.up_to;
    manifest.given = journal.given;
    manifest.organizations = organizations
        .into_iter()
        .map(|(id, name)| OrganizationEntry {
            id,
            name,
            position: journal.last_by_organization.get(&id).copied().unwrap_or(0),
        })
        .collect();
    folder.objects.sync()?;
    copying.copied.damages = journal.damages;
    copying.copied.name = folder.publish(&manifest)?;
    Ok((manifest, copying.copied))
}

impl Copying<'_> {
    fn copy_journal(&mut self, up_to: Option<u64>, files: &mut Vec<FileEntry>) -> anyhow::Result<Snapshot> {
        'listing: for _ in 0..LISTINGS_MAX {
            files.clear();
            let mut journal = snapshot::take(&self.data.journal(), up_to)?;
            for path in &journal.sealed {
                match self.copy_whole(path)? {
                    Some(entry) => files.push(entry),
                    // Retention has removed it, or put another one in its place.
                    None => continue 'listing,
                }
            }
            for part in &mut journal.active {
                files.push(self.copy_grown(part)?);
            }
            return Ok(journal);
        }
        bail!("the journal's files come and go faster than they can be copied; run the command again later")
    }

    /// A file that nobody changes; `None` if it is not there any more.
    fn copy_whole(&mut self, path: &Path) -> anyhow::Result<Option<FileEntry>> {
        let name = self.name(path)?;
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(path)(error)),
        };
        let metadata = file.metadata().map_err(failed(path))?;
        let modified = metadata.modified().map_err(failed(path))?;
        let modified_ns = modified
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|since| u64::try_from(since.as_nanos()).ok());
        if let Some(known) = self.known.get(&name)
            && known.modified_ns.is_some()
            && known.modified_ns == modified_ns
            && known.bytes() == metadata.len()
            && known.pieces.iter().all(|piece| self.folder.objects.has(piece))
        {
            self.copied.kept_bytes += metadata.len();
            return Ok(Some(known.clone()));
        }
        let piece = self.copy_part(&mut file, path, 0, metadata.len())?;
        let entry = FileEntry {
            path: name.clone(),
            modified_ns,
            pieces: vec![piece],
        };
        // Should the journal be listed again.
        self.known.insert(name, entry.clone());
        Ok(Some(entry))
    }

    /// A file of which an earlier backup may have the beginning.
    fn copy_grown(&mut self, part: &mut ActivePart) -> anyhow::Result<FileEntry> {
        let name = self.name(&part.path)?;
        let known = self.known.get(&name).map_or(&[][..], |known| &known.pieces);
        let mut pieces: Vec<Piece> = Vec::new();
        let mut offset = 0;
        if known.len() < PIECES_MAX {
            for piece in known {
                if offset + piece.bytes > part.bytes
                    || !self.folder.objects.has(piece)
                    || objects::hash(&mut part.file, offset, piece.bytes).map_err(failed(&part.path))?
                        != *piece
                {
                    break;
                }
                offset += piece.bytes;
                pieces.push(piece.clone());
            }
        }
        self.copied.kept_bytes += offset;
        if offset < part.bytes {
            pieces.push(self.copy_part(&mut part.file, &part.path, offset, part.bytes - offset)?);
        }
        Ok(FileEntry {
            path: name,
            modified_ns: None,
            pieces,
        })
    }

    fn copy_folder(&mut self, folder: &Path, files: &mut Vec<FileEntry>) -> anyhow::Result<()> {
        for path in files_below(folder).map_err(failed(folder))? {
            // A store that was set aside is of no use to a restore.
            if !path.to_string_lossy().contains(".set-aside-") {
                let copied = self.copy_whole(&path)?;
                files.push(copied.with_context(|| format!("{} is gone", path.display()))?);
            }
        }
        Ok(())
    }

    async fn copy_metastore(
        &mut self,
        files: &mut Vec<FileEntry>,
    ) -> anyhow::Result<Vec<(tacho_core::OrganizationId, String)>> {
        let copy = self.folder.path().join("metastore");
        match fs::remove_file(&copy) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&copy)(error)),
            _ => {}
        }
        let source = self.data.metastore();
        Metastore::copy(&source, &copy)
            .await
            .with_context(|| format!("could not copy {} to {}", source.display(), copy.display()))?;
        let organizations = Metastore::inspect(&copy)
            .await
            .with_context(|| format!("{} cannot be read", source.display()))?
            .organizations;
        let mut file = File::open(&copy).map_err(failed(&copy))?;
        let bytes = file.metadata().map_err(failed(&copy))?.len();
        let piece = self.copy_part(&mut file, &copy, 0, bytes)?;
        files.push(FileEntry {
            path: self.name(&source)?,
            modified_ns: None,
            pieces: vec![piece],
        });
        fs::remove_file(&copy).map_err(failed(&copy))?;
        Ok(organizations)
    }

    fn copy_part(&mut self, file: &mut File, path: &Path, offset: u64, bytes: u64) -> anyhow::Result<Piece> {
        let piece = objects::hash(file, offset, bytes).map_err(failed(path))?;
        if !self.folder.objects.has(&piece) {
            self.folder.objects.put(file, offset, &piece)?;
            self.copied.new_bytes += piece.bytes;
        } else if self.expected.contains(&piece) {
            self.copied.kept_bytes += piece.bytes;
        } else {
            self.copied.found_bytes += piece.bytes;
        }
        self.expected.insert(piece.clone());
        Ok(piece)
    }

    /// A file's path in the data directory.
    fn name(&self, path: &Path) -> anyhow::Result<String> {
        let inside = path.strip_prefix(&self.data.0)?;
        Ok(inside.to_str().context("a path is not UTF-8")?.to_owned())
    }
}

fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => folders.push(entry.path()),
                false => found.push(entry.path()),
            }
        }
    }
    found.sort();
    Ok(found)
}
