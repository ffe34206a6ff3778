//! Stops ingest before the disk is full, because a full disk breaks more than ingest: DuckDB cannot checkpoint, SQLite
//! cannot write. Starts it again when there is room.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use std::sync::{Mutex, PoisonError};

/// How old a reading of the free space may be.
const READING_MAX_AGE: Duration = Duration::from_millis(500);

/// What the System page says of the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskStatus {
    /// Bytes that Tacho may still use.
    pub free_bytes: u64,
    /// Bytes of the whole file system.
    pub total_bytes: u64,
    /// Below this, nothing more is accepted.
    pub stop_below_bytes: u64,
}

/// Watches the free space of a folder's file system.
#[derive(Debug)]
pub struct DiskGuard {
    directory: PathBuf,
    stop_below_bytes: u64,
    free_bytes: AtomicU64,
    total_bytes: AtomicU64,
    is_stopped: AtomicBool,
    read_at: Mutex<Option<Instant>>,
}

impl DiskGuard {
    /// Watches the file system of a folder.
    pub fn new(directory: PathBuf, stop_below_bytes: u64) -> Self {
        Self {
            directory,
            stop_below_bytes,
            free_bytes: AtomicU64::new(u64::MAX),
            total_bytes: AtomicU64::new(0),
            is_stopped: AtomicBool::new(false),
            read_at: Mutex::new(None),
        }
    }

    /// Whether there is too little room to accept anything.
    pub fn is_full(&self) -> bool {
        self.read();
        self.is_stopped.load(Ordering::Acquire)
    }

    /// The last reading.
    pub fn status(&self) -> DiskStatus {
        self.read();
        DiskStatus {
            free_bytes: self.free_bytes.load(Ordering::Acquire),
            total_bytes: self.total_bytes.load(Ordering::Acquire),
            stop_below_bytes: self.stop_below_bytes,
        }
    }

    fn read(&self) {
        // Whoever comes while another reads takes the last reading.
        let mut read_at = match self.read_at.try_lock() {
            Ok(read_at) => read_at,
            Err(std::sync::TryLockError::Poisoned(poisoned)) => PoisonError::into_inner(poisoned),
            Err(std::sync::TryLockError::WouldBlock) => return,
        };
        if read_at.is_some_and(|at| at.elapsed() < READING_MAX_AGE) {
            return;
        }
        *read_at = Some(Instant::now());
        match (
            fs4::available_space(&self.directory),
            fs4::total_space(&self.directory),
        ) {
            (Ok(free), Ok(total)) => {
                self.free_bytes.store(free, Ordering::Release);
                self.total_bytes.store(total, Ordering::Release);
                let is_full = free < self.stop_below_bytes;
                if is_full != self.is_stopped.swap(is_full, Ordering::AcqRel) {
                    tracing::warn!(
                        free_bytes = free,
                        stop_below_bytes = self.stop_below_bytes,
                        is_full,
                        "ingest stops or starts for want or return of disk space"
                    );
                }
            }
            (Err(error), _) | (_, Err(error)) => {
                tracing::error!(%error, directory = %self.directory.display(), "could not read the free disk space");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stops_below_its_mark_and_says_so() {
        let directory = tempfile::tempdir().unwrap();
        assert!(!DiskGuard::new(directory.path().into(), 0).is_full());
        let guard = DiskGuard::new(directory.path().into(), u64::MAX);
        assert!(guard.is_full());
        assert!(guard.status().free_bytes < guard.status().total_bytes);
    }
}
