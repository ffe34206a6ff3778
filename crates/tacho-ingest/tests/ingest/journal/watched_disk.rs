//! A disk that takes note of everything that the journal does to it, and fails or waits when told to.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};

use tacho_ingest::journal::disk::{Disk, DiskFile, RealDisk};

/// What happened, in order.
#[derive(Clone, Debug)]
pub enum Event {
    /// A file was there before, with these bytes.
    Found(PathBuf, Vec<u8>),
    Created(PathBuf),
    Appended(PathBuf, Vec<u8>),
    Truncated(PathBuf, u64),
    Synced(PathBuf),
    /// The second name is the file's, in place of the first.
    Renamed(PathBuf, PathBuf),
    Removed(PathBuf),
    DirectorySynced(PathBuf),
    /// The test gave a submission to the journal.
    Submitted(u64),
    /// The journal acknowledged it.
    Acknowledged(u64),
}

impl Event {
    /// The file that something was done to.
    fn path(&self) -> Option<&Path> {
        match self {
            Event::Found(path, _)
            | Event::Created(path)
            | Event::Appended(path, _)
            | Event::Truncated(path, _)
            | Event::Synced(path)
            | Event::Renamed(_, path)
            | Event::Removed(path) => Some(path),
            Event::DirectorySynced(_) | Event::Submitted(_) | Event::Acknowledged(_) => None,
        }
    }
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

    /// Takes note of every file that is there and that nothing was done to yet.
    fn find(&self, root: &Path) -> io::Result<()> {
        let mut state = self.0.0.lock().unwrap();
        let known: BTreeSet<PathBuf> = state
            .events
            .iter()
            .filter_map(Event::path)
            .map(Path::to_owned)
            .collect();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                match path.is_dir() {
                    true => folders.push(path),
                    false if known.contains(&path) => {}
                    false => {
                        let bytes = fs::read(&path)?;
                        state.events.push(Event::Found(path, bytes));
                    }
                }
            }
        }
        Ok(())
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
        // The journal opens its marks before it makes anything: until then it has only looked at what was there.
        self.find(path.parent().unwrap())?;
        Ok(Box::new(WatchedFile {
            path: path.into(),
            file,
            disk: self.clone(),
        }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.0.0.lock().unwrap();
        RealDisk.rename(from, to)?;
        state.events.push(Event::Renamed(from.into(), to.into()));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.0.0.lock().unwrap();
        RealDisk.remove(path)?;
        state.events.push(Event::Removed(path.into()));
        Ok(())
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
