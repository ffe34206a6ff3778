//! Why there is no answer.

use std::sync::Arc;
use std::time::Duration;

use tacho_query::QueryError;
use tacho_query::shape::ShapeError;

use super::QUERIES_MAX;
use crate::StoreError;

/// Why there is no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EngineError {
    /// The question cannot be answered as it was asked.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// A batch of more questions than one may have.
    #[error("{0} queries are too many; send at most {QUERIES_MAX} at once")]
    TooManyQueries(usize),
    /// The answers to a batch have more values than they may have together.
    #[error("the answer has {cells} values, and one may have {max}")]
    AnswerTooLarge {
        /// How many there are.
        cells: usize,
        /// How many there may be.
        max: usize,
    },
    /// Too many others are asking.
    #[error("too many queries are waiting; ask again in {} s", .retry_after.as_secs())]
    Overloaded {
        /// When it is worth asking again.
        retry_after: Duration,
    },
    /// The store could not answer.
    #[error("the store could not answer")]
    Store(#[source] Arc<StoreError>),
    /// The store answered something else than was asked: a fault of ours.
    #[error("the store's answer is not as asked")]
    Shape(#[from] ShapeError),
    /// The thread that asked is gone: a fault of ours.
    #[error("the query was lost")]
    Lost,
}

pub(super) fn store_error(error: StoreError) -> EngineError {
    EngineError::Store(Arc::new(error))
}

/// Whether the fault may lie in one statement and not in the store.
pub(super) fn is_of_one(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Engine(_) | StoreError::OutOfMemory | StoreError::TimedOut(_)
    )
}
