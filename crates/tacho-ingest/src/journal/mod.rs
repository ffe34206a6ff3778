//! The journal: one durable log of everything that was accepted. It is the truth; the store can be made from it again.
//!
//! ```text
//! journal/active/<first LSN>.log            frames of all organizations, in the order of their positions; the last one grows
//! journal/sealed/<organization>/<first>-<last>.seg   compressed frames of one organization; kept
//! journal/positions                         up to where positions were given, so that none is given twice
//! ```
//! A frame is what one submission brought: some records of one organization. [`Journal::append`] returns after its frame
//! is on the disk (`fdatasync` returned). Appends that wait at the same time share one sync (group commit). A full segment
//! is sealed: split per organization, compressed, synced, and only then removed.
//!
//! A failed sync is fatal for the journal: the kernel may have dropped the pages, so nothing is retried and nothing more
//! is accepted until the process starts anew.

pub mod disk;
pub mod frame;
pub mod layout;
pub mod marks;
pub mod reader;
pub mod recovery;
pub mod seal;
pub mod segment;
pub mod snapshot;
pub mod stats;
mod writer;

use std::path::PathBuf;

pub use frame::{Frame, FrameKind};
pub use reader::{Damage, JournalReader};
pub use writer::{Append, Committed, Journal, JournalConfig, JournalStatus};

/// Why the journal could not take something or could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The queue before it is full.
    #[error("the journal's queue is full")]
    Overloaded,
    /// The disk has no room for it. Nothing was accepted.
    #[error("the disk is full")]
    DiskFull,
    /// The process has as many files open as it may. Nothing was accepted.
    #[error("there is no file handle left")]
    OutOfHandles,
    /// A sync failed; nothing is accepted any more.
    #[error("the journal has failed and accepts nothing until Tacho is restarted: {0}")]
    Failed(String),
    /// The journal is being closed.
    #[error("the journal is closing")]
    Closing,
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl JournalError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| JournalError::Io { path, source }
    }
}
