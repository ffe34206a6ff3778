//! The folder of backups: who may use it at a time, which there are, and what none of them needs any more.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::manifest::Manifest;
use super::objects::Objects;
use super::{create_file, create_folder, failed, sync_folder};
use crate::data_dir::write_private;

/// A folder of backups, for as long as it is used.
pub(crate) struct Folder {
    root: PathBuf,
    pub(super) objects: Objects,
    /// Held until this is dropped. None of a folder that cannot be written to, whose files nobody removes.
    _lock: Option<File>,
}

/// A backup of the folder.
pub(crate) struct StoredManifest {
    /// What it is called: its number and when it was made.
    pub(crate) name: String,
    path: PathBuf,
    /// What it consists of, or why that cannot be read.
    pub(crate) manifest: anyhow::Result<Manifest>,
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pruned {
    /// Backups.
    pub(crate) backups: usize,
    /// Bytes that only they needed, or none did.
    pub(crate) bytes: u64,
}

impl Folder {
    /// Opens a folder to add to it, or makes it.
    pub(crate) fn open_to_write(root: &Path) -> anyhow::Result<Self> {
        let is_new = !root.join("objects").is_dir();
        if is_new && fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_some()) {
            bail!(
                "{} is not empty and holds no backups; choose a folder of its own",
                root.display()
            );
        }
        create_folder(&root.join("manifests"))?;
        let lock = create_file(&root.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!(
                "another command is using {}; run this one when it has ended",
                root.display()
            ),
            Err(TryLockError::Error(error)) => return Err(failed(root)(error)),
        }
        create_folder(&root.join("objects"))?;
        let folder = Self::locked(root, Some(lock));
        folder.objects.remove_unfinished()?;
        Ok(folder)
    }

    /// Opens a folder to read what is in it.
    pub(crate) fn open_to_read(root: &Path) -> anyhow::Result<Self> {
        if !root.join("manifests").is_dir() {
            bail!("{} holds no backups", root.display());
        }
        let lock = File::open(root.join("lock")).ok();
        if let Some(lock) = &lock
            && matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock))
        {
            bail!("a backup into {} is running; wait for it to end", root.display());
        }
        Ok(Self::locked(root, lock))
    }

    fn locked(root: &Path, lock: Option<File>) -> Self {
        Self {
            root: root.to_owned(),
            objects: Objects::new(root.join("objects")),
            _lock: lock,
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.root
    }

    /// The backups, the oldest first.
    pub(crate) fn manifests(&self) -> anyhow::Result<Vec<StoredManifest>> {
        let folder = self.root.join("manifests");
        let mut found = Vec::new();
        for entry in fs::read_dir(&folder).map_err(failed(&folder))? {
            let path = entry.map_err(failed(&folder))?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            if let Some(name) = name.as_deref().and_then(|name| name.strip_suffix(".json")) {
                let text = fs::read(&path).with_context(|| path.display().to_string());
                found.push(StoredManifest {
                    name: name.to_owned(),
                    manifest: text.and_then(|text| {
                        Manifest::decode(&text).with_context(|| format!("the backup {name} cannot be used"))
                    }),
                    path,
                });
            }
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    /// The newest backup, or the one that is called so or whose name begins so.
    pub(crate) fn find(&self, name: Option<&str>) -> anyhow::Result<StoredManifest> {
        let mut found = self.manifests()?;
        if found.is_empty() {
            bail!(
                "{} holds no whole backup: the first one was cut off; run `tacho backup` again",
                self.root.display()
            );
        }
        let names: Vec<String> = found.iter().map(|stored| stored.name.clone()).collect();
        if let Some(name) = name {
            found.retain(|stored| stored.name.starts_with(name));
        }
        match (found.pop(), name) {
            (Some(newest), None) => Ok(newest),
            (Some(only), Some(_)) if found.is_empty() => Ok(only),
            (_, name) => bail!(
                "{} backups are called {}; there are: {}",
                if found.is_empty() { "no" } else { "several" },
                name.unwrap_or_default(),
                names.join(", ")
            ),
        }
    }

    /// Adds a backup, durably. All of its objects must be durable. Returns its name.
    pub(super) fn publish(&self, manifest: &Manifest) -> anyhow::Result<String> {
        let number = |stored: &StoredManifest| stored.name.split('-').next()?.parse::<u64>().ok();
        let newest = self.manifests()?.iter().filter_map(number).max().unwrap_or(0);
        // By number, so that clocks that are set back do not turn the order.
        let name = format!(
            "{:06}-{}",
            newest + 1,
            manifest.made_at.strftime("%Y%m%dT%H%M%SZ")
        );
        let path = self.root.join("manifests").join(format!("{name}.json"));
        write_private(&path, &manifest.encode()?).map_err(failed(&path))?;
        sync_folder(&self.root.join("manifests"))?;
        sync_folder(&self.root)?;
        Ok(name)
    }

    /// Removes all but the newest `keep` backups, and the objects that no backup needs.
    pub(crate) fn prune(&self, keep: Option<usize>) -> anyhow::Result<Pruned> {
        let mut kept = self.manifests()?;
        let excess = keep.map_or(0, |keep| kept.len().saturating_sub(keep));
        let mut pruned = Pruned::default();
        for outdated in kept.drain(..excess) {
            fs::remove_file(&outdated.path).map_err(failed(&outdated.path))?;
            pruned.backups += 1;
        }
        sync_folder(&self.root.join("manifests"))?;
        let mut needed = HashSet::new();
        for stored in kept {
            let manifest = stored
                .manifest
                .context("what is not needed any more stays, since it cannot be told")?;
            let pieces = manifest.files.iter().flat_map(|file| &file.pieces);
            needed.extend(pieces.map(|piece| self.objects.path(piece)));
        }
        for path in self.objects.list()? {
            if !needed.contains(&path) {
                pruned.bytes += fs::metadata(&path).map_or(0, |metadata| metadata.len());
                match fs::remove_file(&path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(failed(&path)(error));
                    }
                    _ => {}
                }
            }
        }
        self.objects.sync()?;
        Ok(pruned)
    }
}
