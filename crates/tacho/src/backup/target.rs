//! The data directory that a backup is restored into: empty before, whole afterwards, and until then not to be mistaken for one.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::bail;
use tacho_ingest::journal::marks::{self, Mark};

use super::folder::Folder;
use super::manifest::Manifest;
use super::{create_folder, failed, sync_folder};
use crate::data_dir::DataDir;
use crate::server_file::running_server;

/// What a restore brings; nothing else of a data directory is removed by it.
const RESTORED: [&str; 4] = ["journal", "store", "identity", "tacho.sqlite"];

/// A data directory being restored. Everything goes into a folder of it first; while that is there, no other command uses
/// the directory, and a restore that was cut off begins again.
pub(crate) struct Target {
    data: DataDir,
    unfinished: PathBuf,
    _lock: File,
}

impl Target {
    /// Takes an empty data directory, or makes one.
    pub(crate) fn begin(data: &DataDir) -> anyhow::Result<Self> {
        let root = &data.0;
        if running_server(data)?.is_some() {
            bail!(
                "a server is running on {}; restore into a new folder",
                root.display()
            );
        }
        let unfinished = data.unfinished_restore();
        let was_cut_off = unfinished.is_dir();
        if !was_cut_off && !is_empty(root).map_err(failed(root))? {
            bail!("{} is not empty; restore into a new folder", root.display());
        }
        create_folder(&unfinished)?;
        let lock = File::open(&unfinished).map_err(failed(&unfinished))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!("another restore into {} is running", root.display()),
            Err(TryLockError::Error(error)) => return Err(failed(&unfinished)(error)),
        }
        // All of it was put there by the one that was cut off.
        for folder in [&unfinished, root] {
            for name in RESTORED.iter().filter(|_| was_cut_off) {
                remove(&folder.join(name)).map_err(failed(folder))?;
            }
        }
        Ok(Self {
            data: data.clone(),
            unfinished,
            _lock: lock,
        })
    }

    /// Leaves the data directory empty again.
    pub(crate) fn give_up(self) {
        // What stays is empty, and the next restore goes on with it.
        let _ = fs::remove_dir(&self.unfinished);
    }

    /// Writes a backup's files, durably.
    pub(crate) fn fill(&self, folder: &Folder, manifest: &Manifest) -> anyhow::Result<()> {
        let journal = self.unfinished.join("journal");
        create_folder(&journal)?;
        let mut folders = BTreeSet::from([self.unfinished.clone(), journal.clone()]);
        for file in &manifest.files {
            let path = self.unfinished.join(&file.path);
            for parent in path.ancestors().skip(1) {
                if parent == self.unfinished || !folders.insert(parent.to_owned()) {
                    break;
                }
                create_folder(parent)?;
            }
            folder.objects.write_out(file, &path)?;
        }
        // Not exact: the one that was backed up may have gone on and given the next ones, too.
        let given = Mark {
            lsn: manifest.given,
            is_exact: false,
        };
        marks::rewrite(&journal, given).map_err(failed(&journal))?;
        folders.iter().try_for_each(|folder| sync_folder(folder))
    }

    /// Makes it a data directory.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        for name in RESTORED {
            let (from, to) = (self.unfinished.join(name), self.data.0.join(name));
            match fs::rename(&from, &to) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&to)(error)),
                _ => {}
            }
        }
        sync_folder(&self.unfinished)?;
        sync_folder(&self.data.0)?;
        fs::remove_dir(&self.unfinished).map_err(failed(&self.unfinished))?;
        sync_folder(&self.data.0)
    }
}

/// Whether nothing is in a folder but what a new file system has.
fn is_empty(folder: &Path) -> io::Result<bool> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    for entry in entries {
        if entry?.file_name() != "lost+found" {
            return Ok(false);
        }
    }
    Ok(true)
}

fn remove(path: &Path) -> io::Result<()> {
    let removed = match path.is_dir() {
        true => fs::remove_dir_all(path),
        false => fs::remove_file(path),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
