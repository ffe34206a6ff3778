//! A cache outside of the process, in which answers are kept too. It may be slow, frozen or gone at any moment: then
//! answers come from this process' own cache or are worked out, and nobody waits for it.

use std::pin::Pin;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tacho_core::time::Timestamp;

use super::{Answered, Answers};
use crate::Lsn;

/// Bytes of a batch of answers above which it is kept in the process alone.
const VALUE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Bytes of the seal before every value.
const SEAL_BYTES: usize = 32;

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

/// What binds a value to its key. A damaged value, or that of another question or organization, may well be read as answers:
/// it would be a wrong number.
fn seal(key: &str, value: &[u8]) -> [u8; SEAL_BYTES] {
    Sha256::new()
        .chain_update(key)
        .chain_update(value)
        .finalize()
        .into()
}

/// Writes answers down for that key; `None` if one is an error, or if they are too long.
pub(super) fn value_of(key: &str, answers: &Answers<Answered>) -> Option<Vec<u8>> {
    let all: Result<Vec<_>, _> = answers.answers.iter().cloned().collect();
    let kept = KeptAnswers {
        answers: all.ok()?,
        as_of: answers.as_of,
        as_of_lsn: answers.as_of_lsn,
    };
    let mut bytes = vec![0; SEAL_BYTES];
    serde_json::to_writer(&mut bytes, &kept).ok()?;
    let (head, value) = bytes.split_at_mut(SEAL_BYTES);
    head.copy_from_slice(&seal(key, value));
    (bytes.len() <= VALUE_BYTES_MAX).then_some(bytes)
}

/// Reads answers; `None` if they are none, or not those that were written for that key.
pub(super) fn read(key: &str, bytes: &[u8]) -> Option<Answers<Answered>> {
    let (head, value) = bytes.split_first_chunk::<SEAL_BYTES>()?;
    if *head != seal(key, value) {
        return None;
    }
    let kept: KeptAnswers = serde_json::from_slice(value).ok()?;
    Some(Answers {
        answers: kept.answers.into_iter().map(Ok).collect(),
        as_of: kept.as_of,
        as_of_lsn: kept.as_of_lsn,
        from_cache: true,
    })
}
