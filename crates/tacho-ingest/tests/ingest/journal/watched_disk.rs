//! A disk that takes note of everything that the journal does to it, and fails or waits when told to.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};

use tacho_ingest::journal::disk::{Disk, DiskFile, RealDisk};

/// What happened, in order.
#[derive(Clone, Debug)]
pub enum Event {
    /// A file was there already, with these bytes.
    Opened(PathBuf, Vec<u8>),
    Created(PathBuf),
    Appended(PathBuf, Vec<u8>),
    Truncated(PathBuf, u64),
    Synced(PathBuf),
    DirectorySynced(PathBuf),
    /// The test gave a submission to the journal.
    Submitted(u64),
    /// The journal acknowledged it.
    Acknowledged(u64),
}

#[derive(Default)]
struct State {
    events: Vec<Event>,
    failing_append: Option<io::ErrorKind>,
    failing_sync: Option<io::ErrorKind>,
    is_out_of_handles: bool,
    is_gate_closed: bool,
    waiting_at_gate: usize,
    syncs: usize,
}

#[derive(Clone, Default)]
pub struct WatchedDisk(Arc<(Mutex<State>, Condvar)>);

struct WatchedFile {
    path: PathBuf,
    file: Box<dyn DiskFile>,
    disk: WatchedDisk,
}

impl WatchedDisk {
    pub fn note(&self, event: Event) {
        self.0.0.lock().unwrap().events.push(event);
    }

    pub fn events(&self) -> Vec<Event> {
        self.0.0.lock().unwrap().events.clone()
    }

    /// From now on, appends write half of their bytes and fail.
    pub fn fail_appends(&self, kind: Option<io::ErrorKind>) {
        self.0.0.lock().unwrap().failing_append = kind;
    }

    /// From now on, syncs fail.
    pub fn fail_syncs(&self, kind: Option<io::ErrorKind>) {
        self.0.0.lock().unwrap().failing_sync = kind;
    }

    /// From now on, or no longer, no file can be made.
    pub fn run_out_of_handles(&self, is_out: bool) {
        self.0.0.lock().unwrap().is_out_of_handles = is_out;
    }

    /// Syncs wait until the gate is dropped, by a failing test too.
    pub fn close_gate(&self) -> Gate {
        self.0.0.lock().unwrap().is_gate_closed = true;
        Gate(self.clone())
    }

    pub fn waiting_at_gate(&self) -> usize {
        self.0.0.lock().unwrap().waiting_at_gate
    }

    /// Syncs of files so far.
    pub fn syncs(&self) -> usize {
        self.0.0.lock().unwrap().syncs
    }
}

/// Syncs wait while it is there.
pub struct Gate(WatchedDisk);

impl Drop for Gate {
    fn drop(&mut self) {
        self.0.0.0.lock().unwrap().is_gate_closed = false;
        self.0.0.1.notify_all();
    }
}

impl Disk for WatchedDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        if self.0.0.lock().unwrap().is_out_of_handles {
            return Err(rustix::io::Errno::MFILE.into());
        }
        let file = RealDisk.create(path)?;
        self.note(Event::Created(path.into()));
        Ok(Box::new(WatchedFile {
            path: path.into(),
            file,
            disk: self.clone(),
        }))
    }

    fn open_end(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = RealDisk.open_end(path)?;
        self.note(Event::Opened(path.into(), fs::read(path)?));
        Ok(Box::new(WatchedFile {
            path: path.into(),
            file,
            disk: self.clone(),
        }))
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        self.note(Event::DirectorySynced(path.into()));
        Ok(())
    }
}

impl DiskFile for WatchedFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let failing = self.disk.0.0.lock().unwrap().failing_append;
        let written = if failing.is_some() {
            &bytes[..bytes.len() / 2]
        } else {
            bytes
        };
        self.disk
            .note(Event::Appended(self.path.clone(), written.to_vec()));
        self.file.append(written)?;
        failing.map_or(Ok(()), |kind| Err(kind.into()))
    }

    fn sync(&mut self) -> io::Result<()> {
        let (state, changed) = &*self.disk.0;
        let mut state = state.lock().unwrap();
        state.syncs += 1;
        state.waiting_at_gate += 1;
        while state.is_gate_closed {
            state = changed.wait(state).unwrap();
        }
        state.waiting_at_gate -= 1;
        if let Some(kind) = state.failing_sync {
            return Err(kind.into());
        }
        state.events.push(Event::Synced(self.path.clone()));
        Ok(())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.disk.note(Event::Truncated(self.path.clone(), length));
        self.file.truncate(length)
    }
}

/// What of a file that was not synced when the power went.
#[derive(Clone, Copy, Debug)]
pub enum Unsynced {
    Lost,
    /// That many percent of the bytes came to the disk all the same.
    Torn(usize),
    /// All came to the disk but the first page of them, which holds nothing.
    Holed,
}

#[derive(Default)]
struct Image {
    bytes: Vec<u8>,
    synced: usize,
    is_in_directory: bool,
}

/// Makes the folder as a power cut after these events would leave it.
pub fn restore(events: &[Event], from: &Path, to: &Path, unsynced: Unsynced) {
    let mut files: BTreeMap<PathBuf, Image> = BTreeMap::new();
    for event in events {
        match event {
            Event::Opened(path, bytes) => {
                let image = Image {
                    bytes: bytes.clone(),
                    synced: bytes.len(),
                    is_in_directory: true,
                };
                files.insert(path.clone(), image);
            }
            Event::Created(path) => {
                files.insert(path.clone(), Image::default());
            }
            Event::Appended(path, bytes) => files.get_mut(path).unwrap().bytes.extend(bytes),
            Event::Truncated(path, length) => {
                let image = files.get_mut(path).unwrap();
                image.bytes.truncate(*length as usize);
                image.synced = image.synced.min(*length as usize);
            }
            Event::Synced(path) => {
                let image = files.get_mut(path).unwrap();
                image.synced = image.bytes.len();
            }
            Event::DirectorySynced(directory) => {
                for (_, image) in files
                    .iter_mut()
                    .filter(|(path, _)| path.parent() == Some(directory))
                {
                    image.is_in_directory = true;
                }
            }
            Event::Submitted(_) | Event::Acknowledged(_) => {}
        }
    }
    for (path, mut image) in files {
        let target = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        let pending = image.bytes.len() - image.synced;
        match unsynced {
            Unsynced::Lost if !image.is_in_directory => continue,
            Unsynced::Lost => image.bytes.truncate(image.synced),
            Unsynced::Torn(percent) => image.bytes.truncate(image.synced + pending * percent / 100),
            Unsynced::Holed => image.bytes[image.synced..]
                .iter_mut()
                .take(pending.min(100))
                .for_each(|byte| *byte = 0),
        }
        fs::write(target, image.bytes).unwrap();
    }
}
