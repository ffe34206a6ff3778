//! Answers that are kept: the same questions of people who see the same rows are answered once.
//!
//! A page asks its questions in one batch and as of one moment, so that a batch is what is kept. Its answers are good
//!
//! * for as long as nothing on which they depend has changed in the store since (see [`super::epochs`]): until then they
//!   are what would be read, however much else is recorded;
//! * and as long as they hold all that was committed when the present [`HOLD`] began. A hold is a position of the
//!   organization's journal that moves on with what is committed, at most once in that time. So what is recorded all the
//!   time does not have the same read all the time.
//!
//! Both come down to one position, the batch's epoch: that of the last change or that of the hold, whichever is earlier.
//! It is in the key, and answers that do not reach it are not kept: those read while the store lags.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use moka::future::Cache;
use tacho_core::scope::Rows;
use tacho_core::{OrganizationId, Scope};

use super::epochs::Epoch;
use super::{Answered, Answers, EngineError};
use crate::Lsn;

/// How long an answer may be kept although something on which it depends has changed.
pub const HOLD: Duration = Duration::from_secs(5);

/// What tells batches of questions apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    organization: OrganizationId,
    epoch: Epoch,
    /// Who sees what, and the questions.
    text: String,
}

/// How often the cache has helped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// Batches that were answered from it, or together with another that was under way.
    pub hits: u64,
    /// Batches that were not.
    pub misses: u64,
    /// Batches that are kept.
    pub entries: u64,
    /// About how many bytes they take.
    pub bytes: u64,
    /// For how long one is kept at most.
    pub life: Duration,
}

struct Hold {
    lsn: Lsn,
    since: Option<Instant>,
}

pub(super) struct AnswerCache {
    answers: Cache<Key, Arc<Answers<Answered>>>,
    holds: Mutex<HashMap<OrganizationId, Hold>>,
    hits: AtomicU64,
    misses: AtomicU64,
    life: Duration,
}

impl AnswerCache {
    /// A cache of so many bytes, about, in which answers are kept for that long at most.
    pub(super) fn new(bytes_max: u64, life: Duration) -> Self {
        Self {
            answers: Cache::builder()
                .max_capacity(bytes_max)
                .weigher(|key: &Key, answers: &Arc<Answers<Answered>>| weight(key, answers))
                .time_to_live(life)
                .build(),
            holds: Mutex::default(),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            life,
        }
    }

    /// The key of a batch. `questions` is the same text for the same questions, `changed` is where anything on which their
    /// answers depend has last changed, and `committed` is up to where the organization's journal goes.
    pub(super) fn key(
        &self,
        scope: &Scope,
        questions: &str,
        changed: Epoch,
        committed: Lsn,
        at: Instant,
    ) -> Key {
        let seen = match scope.rows() {
            Rows::All => "all".to_owned(),
            Rows::Owned { subjects } => format!("{subjects:?}"),
        };
        let held = self.held(scope.organization(), committed, at);
        Key {
            organization: scope.organization(),
            epoch: Epoch {
                lsn: changed.lsn.min(held),
                ..changed
            },
            text: format!("{seen} {questions}"),
        }
    }

    /// Where the organization's journal was when the present hold began, which is less than [`HOLD`] ago if it has moved on.
    fn held(&self, organization: OrganizationId, committed: Lsn, at: Instant) -> Lsn {
        let mut holds = self.holds.lock().unwrap_or_else(PoisonError::into_inner);
        let hold = holds.entry(organization).or_insert(Hold {
            lsn: committed,
            since: None,
        });
        let is_over = hold
            .since
            .is_none_or(|since| at.saturating_duration_since(since) >= HOLD);
        if committed != hold.lsn && is_over {
            hold.lsn = committed;
            hold.since = Some(at);
        }
        hold.lsn
    }

    /// The answers under a key; if there are none, has them read, once for all who ask meanwhile. The flag says whether
    /// they were read for this asker.
    pub(super) async fn get(
        &self,
        key: Key,
        read: impl Future<Output = Result<Answers<Answered>, EngineError>>,
    ) -> Result<(Arc<Answers<Answered>>, bool), EngineError> {
        let is_read = AtomicBool::new(false);
        let reading = async {
            is_read.store(true, Ordering::Release);
            read.await.map(Arc::new)
        };
        let epoch = key.epoch.lsn;
        let answers = self
            .answers
            .try_get_with(key.clone(), reading)
            .await
            .map_err(|error: Arc<EngineError>| EngineError::clone(&error))?;
        let is_read = is_read.into_inner();
        let counter = if is_read { &self.misses } else { &self.hits };
        counter.fetch_add(1, Ordering::Relaxed);
        let has_failed = answers
            .answers
            .iter()
            .any(|answer| matches!(answer, Err(error) if !matches!(error, EngineError::Query(_))));
        if is_read && (answers.as_of_lsn < epoch || has_failed) {
            self.answers.invalidate(&key).await;
        }
        Ok((answers, is_read))
    }

    pub(super) fn stats(&self) -> CacheStats {
        CacheStats {
            hits: self.hits.load(Ordering::Relaxed),
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
