//! Answers that are kept: the same questions of people who see the same rows are answered once.
//!
//! A page asks its questions in one batch and as of one moment, so that a batch is what is kept. Its answers are good
//!
//! * for as long as nothing on which they depend has changed in the store since (see [`super::epochs`]): until then they
//!   are what would be read, however much else is recorded;
//! * and as long as they hold all that was committed when the present hold began (see [`super::holds`]).
//!
//! Both come down to one position, the batch's epoch: that of the last change or that of the hold, whichever is earlier.
//! It is in the key, and answers that do not reach it are not kept: those read while the store lags.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use moka::future::Cache;
use sha2::{Digest as _, Sha256};
use tacho_core::scope::Rows;
use tacho_core::{OrganizationId, Scope};
use tacho_query::WrittenAnswer;

use super::epochs::Epoch;
use super::found::written;
use super::holds::Held;
use super::shared_cache::{SharedCache, read, value_of};
use super::{Answered, Answers, EngineError};

/// What tells batches of questions apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    organization: OrganizationId,
    epoch: Epoch,
    /// How often the organization's answers have been thrown away.
    generation: u64,
    /// Who sees what, and the questions.
    text: String,
}

impl Key {
    /// The same in a few characters, for a cache outside.
    fn digest(&self) -> String {
        let whole = format!(
            "{} {} {} {} {}",
            self.organization, self.epoch.rebuilds, self.epoch.lsn, self.generation, self.text
        );
        let digest = Sha256::digest(whole.as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// How often the cache has helped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// Batches that were answered from it, or together with another that was under way.
    pub hits: u64,
    /// Those of them that came from a cache outside of the process.
    pub shared_hits: u64,
    /// Batches that were not.
    pub misses: u64,
    /// Batches that are kept.
    pub entries: u64,
    /// About how many bytes they take.
    pub bytes: u64,
    /// For how long one is kept at most.
    pub life: Duration,
}

/// A batch of answers that is kept.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) answers: Answers<Answered>,
    /// Those that are numbers, as they are sent; made when somebody wants them so.
    written: OnceLock<Answers<WrittenAnswer>>,
}

impl Kept {
    fn new(answers: Answers<Answered>) -> Arc<Self> {
        Arc::new(Self {
            answers,
            written: OnceLock::new(),
        })
    }

    /// The answers as they are sent, but for how they came about this time.
    pub(super) fn written(&self) -> &Answers<WrittenAnswer> {
        self.written.get_or_init(|| written(&self.answers))
    }
}

pub(super) struct AnswerCache {
    answers: Cache<Key, Arc<Kept>>,
    hits: AtomicU64,
    shared_hits: AtomicU64,
    misses: AtomicU64,
    life: Duration,
    /// Where answers are kept beside.
    shared: OnceLock<Arc<dyn SharedCache>>,
}

impl AnswerCache {
    /// A cache of so many bytes, about, in which answers are kept for that long at most.
    pub(super) fn new(bytes_max: u64, life: Duration) -> Self {
        Self {
            answers: Cache::builder()
                .max_capacity(bytes_max)
                .weigher(|key: &Key, kept: &Arc<Kept>| weight(key, &kept.answers))
                .time_to_live(life)
                .build(),
            hits: AtomicU64::new(0),
            shared_hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            life,
            shared: OnceLock::new(),
        }
    }

    /// The key of a batch. `questions` is the same text for the same questions, and `changed` is where anything on which their
    /// answers depend has last changed.
    pub(super) fn key(&self, scope: &Scope, questions: &str, changed: Epoch, held: Held) -> Key {
        let seen = match scope.rows() {
            Rows::All => "all".to_owned(),
            Rows::Owned { subjects } => format!("{subjects:?}"),
        };
        Key {
            organization: scope.organization(),
            epoch: Epoch {
                lsn: changed.lsn.min(held.lsn),
                ..changed
            },
            generation: held.generation,
            text: format!("{seen} {questions}"),
        }
    }

    /// Keeps answers there, too.
    pub(super) fn share(&self, shared: Arc<dyn SharedCache>) {
        let _ = self.shared.set(shared);
    }

    /// Where answers are kept beside.
    pub(super) fn shared(&self) -> Option<&Arc<dyn SharedCache>> {
        self.shared.get()
    }

    /// The answers under a key; if there are none, has them read, once for all who ask meanwhile. The flag says whether
    /// they were read for this asker.
    pub(super) async fn get(
        &self,
        key: Key,
        reading: impl Future<Output = Result<Answers<Answered>, EngineError>>,
    ) -> Result<(Arc<Kept>, bool), EngineError> {
        let is_read = AtomicBool::new(false);
        let reading = async {
            if let Some(shared) = self.shared.get() {
                let digest = key.digest();
                let value = shared.get(&digest).await;
                if let Some(answers) = value.and_then(|value| read(&digest, &value)) {
                    self.shared_hits.fetch_add(1, Ordering::Relaxed);
                    return Ok(Kept::new(answers));
                }
            }
            is_read.store(true, Ordering::Release);
            reading.await.map(Kept::new)
        };
        let epoch = key.epoch.lsn;
        let kept = self
            .answers
            .try_get_with(key.clone(), reading)
            .await
            .map_err(|error: Arc<EngineError>| EngineError::clone(&error))?;
        let is_read = is_read.into_inner();
        let counter = if is_read { &self.misses } else { &self.hits };
        counter.fetch_add(1, Ordering::Relaxed);
        let answers = &kept.answers;
        let has_failed = answers
            .answers
            .iter()
            .any(|answer| matches!(answer, Err(error) if !matches!(error, EngineError::Query(_))));
        if is_read && (answers.as_of_lsn < epoch || has_failed) {
            self.answers.invalidate(&key).await;
        } else if let Some(shared) = self.shared.get().filter(|_| is_read) {
            let digest = key.digest();
            if let Some(bytes) = value_of(&digest, answers) {
                shared.put(digest, bytes, self.life);
            }
        }
        Ok((kept, is_read))
    }

    pub(super) fn stats(&self) -> CacheStats {
        CacheStats {
            hits: self.hits.load(Ordering::Relaxed),
            shared_hits: self.shared_hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            entries: self.answers.entry_count(),
            bytes: self.answers.weighted_size(),
            life: self.life,
        }
    }
}

/// About how many bytes an entry takes.
fn weight(key: &Key, answers: &Answers<Answered>) -> u32 {
    let of_answers = answers.answers.iter().flatten().map(Answered::weight);
    u32::try_from(key.text.len() + of_answers.sum::<usize>()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
