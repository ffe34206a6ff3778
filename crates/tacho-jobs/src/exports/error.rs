//! What can go wrong with exports.

use tacho_metastore::ExportState;

/// Why something about exports could not be done.
#[derive(Debug, thiserror::Error)]
pub enum ExportsError {
    /// There is none of that id that the asker may know of.
    #[error("there is no such export")]
    NotFound,
    /// It has no file to fetch.
    #[error("the export is {0}; there is no file")]
    NoFile(ExportState),
    /// The metastore refused.
    #[error(transparent)]
    Metastore(#[from] tacho_metastore::Error),
    /// The folder of the files does not answer.
    #[error("the folder of exports cannot be used")]
    Folder(#[from] std::io::Error),
    /// What is remembered of an export cannot be read.
    #[error("an export's description cannot be read")]
    Task(#[from] serde_json::Error),
    /// A thread is gone: a fault of ours.
    #[error("work on exports was lost")]
    Lost,
}
