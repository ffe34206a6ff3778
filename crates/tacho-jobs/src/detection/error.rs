//! What can go wrong with detection.

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum DetectionError {
    /// The metastore.
    #[error(transparent)]
    Metastore(#[from] tacho_metastore::Error),
    /// What was usual could not be found out.
    #[error(transparent)]
    Engine(#[from] tacho_store::EngineError),
    /// Executions could not be closed.
    #[error(transparent)]
    Ingest(#[from] tacho_ingest::SubmitError),
    /// Too many sets of rows of the organization are watched.
    #[error("too many live states of the organization are watched")]
    TooManyViews,
    /// Judging broke off.
    #[error("judging broke off: {0}")]
    Broken(#[from] tokio::task::JoinError),
}
