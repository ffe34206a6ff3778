//! A cache outside of the process, in which answers are kept too. It may be slow, frozen or gone at any moment: then
//! answers come from this process' own cache or are worked out, and nobody waits for it.

use std::pin::Pin;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tacho_core::time::Timestamp;

use super::{Answered, Answers};
use crate::Lsn;

/// Bytes of a batch of answers above which it is kept in the process alone.
const VALUE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A future that can be made by whoever implements a trait.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A cache outside of the process. What is put under a key by this process is found by this process only: positions of a
/// journal tell nothing across two of them.
pub trait SharedCache: Send + Sync + 'static {
    /// The value under a key; `None` if there is none, and if the cache does not answer at once (50 ms).
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Option<Vec<u8>>>;

    /// Keeps a value for that long. Does not wait, and may not do it.
    fn put(&self, key: String, value: Vec<u8>, life: Duration);

    /// How the cache is, as far as is known without asking it.
    fn status(&self) -> SharedCacheStatus;

    /// Asks the cache whether it is there: how long its answer took, or what is wrong.
    fn check(&self) -> BoxFuture<'_, Result<Duration, String>>;
}

/// How a cache outside of the process is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharedCacheStatus {
    /// Whether it is connected.
    pub is_connected: bool,
    /// How often a connection that was lost, or could not be made, has been tried again.
    pub reconnect_attempts: u64,
    /// What went wrong last, if it is not connected.
    pub error: Option<String>,
}

/// Answers as they are kept outside.
#[derive(Serialize, Deserialize)]
struct KeptAnswers {
    answers: Vec<Answered>,
    as_of: Timestamp,
    as_of_lsn: Lsn,
}

/// Writes answers down; `None` if one is an error, or if they are too long.
pub(super) fn written(answers: &Answers<Answered>) -> Option<Vec<u8>> {
    let all: Result<Vec<_>, _> = answers.answers.iter().cloned().collect();
    let kept = KeptAnswers {
        answers: all.ok()?,
        as_of: answers.as_of,
        as_of_lsn: answers.as_of_lsn,
    };
    let bytes = serde_json::to_vec(&kept).ok()?;
    (bytes.len() <= VALUE_BYTES_MAX).then_some(bytes)
}

/// Reads answers; `None` if they are none.
pub(super) fn read(bytes: &[u8]) -> Option<Answers<Answered>> {
    let kept: KeptAnswers = serde_json::from_slice(bytes).ok()?;
    Some(Answers {
        answers: kept.answers.into_iter().map(Ok).collect(),
        as_of: kept.as_of,
        as_of_lsn: kept.as_of_lsn,
        from_cache: true,
    })
}
