//! What a power cut leaves of a folder: everything that was synced, and of the rest whatever the disk came to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::watched_disk::Event;

/// Bytes that a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// What is there of everything that was not synced.
#[derive(Clone, Copy, Debug)]
pub enum Unsynced {
    /// Nothing.
    Lost,
    /// All names, and that many percent of each file's new bytes.
    Torn(usize),
    /// Everything but the first hundred of each file's new bytes, which are zeros.
    Holed,
    /// Any of the names, and any of the sectors, each as one of the writes to it left it; which ones is told by a seed.
    Sectors(u64),
}

/// A file's bytes: as they were synced last, and after each thing that was done to them since.
struct Content(Vec<Vec<u8>>);

/// What was done to the names in a folder and is not synced.
struct Renaming {
    put: Option<(PathBuf, usize)>,
    gone: Option<PathBuf>,
}

impl Renaming {
    fn folder(&self) -> Option<&Path> {
        let put = self.put.as_ref().map(|(path, _)| path);
        put.or(self.gone.as_ref())?.parent()
    }

    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        if let Some(path) = &self.gone {
            names.remove(path);
        }
        if let Some((path, file)) = &self.put {
            names.insert(path.clone(), *file);
        }
    }
}

/// A folder as the kernel has it, and as the disk does.
#[derive(Default)]
struct Folder {
    files: Vec<Content>,
    names: BTreeMap<PathBuf, usize>,
    synced_names: BTreeMap<PathBuf, usize>,
    renamings: Vec<Renaming>,
    /// Folders in it that are sure to be there.
    synced_folders: BTreeSet<PathBuf>,
}

impl Folder {
    fn after(events: &[Event]) -> Self {
        let mut folder = Self::default();
        for event in events {
            folder.apply(event);
        }
        folder
    }

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Found(path, bytes) => {
                self.files.push(Content(vec![bytes.clone()]));
                let file = self.files.len() - 1;
                self.names.insert(path.clone(), file);
                self.synced_names.insert(path.clone(), file);
                self.synced_folders.extend(path.parent().map(Path::to_owned));
            }
            Event::Created(path) => {
                self.files.push(Content(vec![Vec::new()]));
                self.rename(Some((path.clone(), self.files.len() - 1)), None);
            }
            Event::Appended(path, bytes) => {
                let content = self.content(path);
                let appended = [content.newest(), bytes].concat();
                content.0.push(appended);
            }
            Event::Truncated(path, length) => {
                let content = self.content(path);
                let kept = content.newest()[..*length as usize].to_vec();
                content.0.push(kept);
            }
            Event::Synced(path) => {
                let content = self.content(path);
                content.0.drain(..content.0.len() - 1);
            }
            Event::Renamed(from, to) => {
                self.rename(Some((to.clone(), self.names[from])), Some(from.clone()));
            }
            Event::Removed(path) => self.rename(None, Some(path.clone())),
            Event::DirectorySynced(synced) => self.sync_names(synced),
            Event::Submitted(_) | Event::Acknowledged(_) => {}
        }
    }

    fn content(&mut self, path: &Path) -> &mut Content {
        &mut self.files[self.names[path]]
    }

    fn rename(&mut self, put: Option<(PathBuf, usize)>, gone: Option<PathBuf>) {
        let renaming = Renaming { put, gone };
        renaming.apply(&mut self.names);
        self.renamings.push(renaming);
    }

    fn sync_names(&mut self, synced: &Path) {
        let renamings = std::mem::take(&mut self.renamings).into_iter();
        let (inside, elsewhere): (Vec<_>, Vec<_>) =
            renamings.partition(|renaming| renaming.folder() == Some(synced));
        self.renamings = elsewhere;
        for renaming in inside {
            renaming.apply(&mut self.synced_names);
        }
        let folders = self.names.keys().filter_map(|path| path.parent());
        let inside = folders.filter(|folder| folder.parent() == Some(synced));
        self.synced_folders.extend(inside.map(Path::to_owned));
    }

    /// The names that the disk has if it came to some of the renamings, in whatever order.
    fn names(&self, mut is_done: impl FnMut() -> bool) -> BTreeMap<PathBuf, usize> {
        let mut names = self.synced_names.clone();
        for renaming in &self.renamings {
            if is_done() {
                renaming.apply(&mut names);
            }
        }
        let mut folders: BTreeMap<PathBuf, bool> = BTreeMap::new();
        names.retain(|path, _| {
            let folder = path.parent().unwrap();
            self.synced_folders.contains(folder) || *folders.entry(folder.into()).or_insert_with(&mut is_done)
        });
        names
    }
}

impl Content {
    fn newest(&self) -> &[u8] {
        self.0.last().unwrap()
    }

    /// The newest bytes, how many of them are synced, and how many are not.
    fn pending(&self) -> (Vec<u8>, usize, usize) {
        let newest = self.newest();
        let synced = self.0[0].len().min(newest.len());
        (newest.to_vec(), synced, newest.len() - synced)
    }

    /// Sectors, each as it ever was since the last sync, up to a length that the file may have had.
    fn sectors(&self, chance: &mut StdRng) -> Vec<u8> {
        let lengths = || self.0.iter().map(Vec::len);
        let length = match chance.random_bool(0.5) {
            true => self.0[chance.random_range(0..self.0.len())].len(),
            false => chance.random_range(lengths().min().unwrap()..=lengths().max().unwrap()),
        };
        let mut bytes = vec![0; length];
        for (number, sector) in bytes.chunks_mut(SECTOR_BYTES).enumerate() {
            let left = &self.0[chance.random_range(0..self.0.len())];
            let left = left.get(number * SECTOR_BYTES..).unwrap_or_default();
            let count = left.len().min(sector.len());
            sector[..count].copy_from_slice(&left[..count]);
        }
        bytes
    }
}

/// Makes the folder as a power cut after these events would leave it.
pub fn restore(events: &[Event], from: &Path, to: &Path, unsynced: Unsynced) {
    let mut folder = Folder::after(events);
    // These three are made and synced before anything is in them.
    let made_at_start = [from.to_owned(), from.join("active"), from.join("sealed")];
    folder.synced_folders.extend(made_at_start);
    let mut chance = StdRng::seed_from_u64(match unsynced {
        Unsynced::Sectors(seed) => seed,
        _ => 0,
    });
    let names = match unsynced {
        Unsynced::Lost => folder.names(|| false),
        Unsynced::Torn(_) | Unsynced::Holed => folder.names(|| true),
        Unsynced::Sectors(_) => folder.names(|| chance.random_bool(0.5)),
    };
    for (path, file) in names {
        let content = &folder.files[file];
        let bytes = match unsynced {
            Unsynced::Lost => content.0[0].clone(),
            Unsynced::Torn(percent) => {
                let (mut bytes, synced, pending) = content.pending();
                bytes.truncate(synced + pending * percent / 100);
                bytes
            }
            Unsynced::Holed => {
                let (mut bytes, synced, pending) = content.pending();
                bytes[synced..][..pending.min(100)].fill(0);
                bytes
            }
            Unsynced::Sectors(_) => content.sectors(&mut chance),
        };
        let target = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, bytes).unwrap();
    }
}
