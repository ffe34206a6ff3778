//! Answers that are kept: the same questions of people who see the same rows are answered once.
//!
//! A page asks its questions in one batch and as of one moment, so that a batch is what is kept. An answer is good for as
//! long as nothing has been committed since, or for [`HOLD`] if something has: an organization's *epoch* is a position of
//! its journal that moves on with what is committed, at most once in that time. Where the store had not caught up with the
//! epoch yet, nothing is kept.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use moka::future::Cache;
use tacho_core::scope::Rows;
use tacho_core::time::Timestamp;
use tacho_core::{OrganizationId, Scope};

use super::{Answers, EngineError};
use crate::Lsn;

/// How long an answer may be kept although something was committed since.
pub const HOLD: Duration = Duration::from_secs(5);
/// How long an answer is kept at most.
const LIFE: Duration = Duration::from_secs(300);

/// What tells batches of questions apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    organization: OrganizationId,
    epoch: Lsn,
    /// Who sees what, when relative ranges end, and the questions.
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
}

struct Epoch {
    lsn: Lsn,
    since: Option<Instant>,
}

pub(super) struct AnswerCache {
    answers: Cache<Key, Arc<Answers>>,
    epochs: Mutex<HashMap<OrganizationId, Epoch>>,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl AnswerCache {
    /// A cache of so many bytes, about.
    pub(super) fn new(bytes_max: u64) -> Self {
        Self {
            answers: Cache::builder()
                .max_capacity(bytes_max)
                .weigher(|key: &Key, answers: &Arc<Answers>| weight(key, answers))
                .time_to_live(LIFE)
                .build(),
            epochs: Mutex::default(),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    /// The key of a batch. `questions` is the same text for the same questions; `now` is when relative ranges end, and
    /// `committed` up to where the organization's journal goes.
    pub(super) fn key(
        &self,
        scope: &Scope,
        questions: &str,
        now: Timestamp,
        committed: Lsn,
        at: Instant,
    ) -> Key {
        let seen = match scope.rows() {
            Rows::All => "all".to_owned(),
            Rows::Owned { subjects } => format!("{subjects:?}"),
        };
        Key {
            organization: scope.organization(),
            epoch: self.epoch(scope.organization(), committed, at),
            text: format!("{seen} {} {questions}", now.as_micros()),
        }
    }

    fn epoch(&self, organization: OrganizationId, committed: Lsn, at: Instant) -> Lsn {
        let mut epochs = self.epochs.lock().unwrap_or_else(PoisonError::into_inner);
        let epoch = epochs.entry(organization).or_insert(Epoch {
            lsn: committed,
            since: None,
        });
        let is_over = epoch
            .since
            .is_none_or(|since| at.saturating_duration_since(since) >= HOLD);
        if committed != epoch.lsn && is_over {
            epoch.lsn = committed;
            epoch.since = Some(at);
        }
        epoch.lsn
    }

    /// The answers under a key; if there are none, has them read, once for all who ask meanwhile. The flag says whether
    /// they were read for this asker.
    pub(super) async fn get(
        &self,
        key: Key,
        read: impl Future<Output = Result<Answers, EngineError>>,
    ) -> Result<(Arc<Answers>, bool), EngineError> {
        let is_read = AtomicBool::new(false);
        let reading = async {
            is_read.store(true, Ordering::Release);
            read.await.map(Arc::new)
        };
        let epoch = key.epoch;
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
        }
    }
}

/// About how many bytes an entry takes.
fn weight(key: &Key, answers: &Answers) -> u32 {
    const CELL_BYTES: usize = 40;
    const ANSWER_BYTES: usize = 4_096;
    let of_answers = answers.answers.iter().flatten().map(|answer| {
        let rows = answer.rows.len() + answer.other.as_ref().map_or(0, Vec::len);
        ANSWER_BYTES + rows * answer.columns.len() * CELL_BYTES
    });
    u32::try_from(key.text.len() + of_answers.sum::<usize>()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organization() -> OrganizationId {
        OrganizationId::from_bytes([3; 16])
    }

    fn answers(as_of_lsn: Lsn) -> Answers {
        Answers {
            answers: Vec::new(),
            as_of: Timestamp::MIN,
            as_of_lsn,
        }
    }

    /// What is committed is seen at once after a quiet while, and within the hold otherwise.
    #[test]
    fn an_epoch_moves_on_at_most_once_in_a_while() {
        let cache = AnswerCache::new(1_000_000);
        let start = Instant::now();
        let epoch =
            |committed, seconds| cache.epoch(organization(), committed, start + Duration::from_secs(seconds));
        assert_eq!(epoch(10, 0), 10);
        assert_eq!(epoch(11, 1), 11);
        assert_eq!(epoch(12, 2), 11);
        assert_eq!(epoch(13, 5), 11);
        assert_eq!(epoch(14, 6), 14);
        assert_eq!(epoch(15, 60), 15);
    }

    #[tokio::test]
    async fn what_is_asked_at_once_is_read_once() {
        let cache = AnswerCache::new(1_000_000);
        let key = |text: &str| {
            let scope = Scope::all(organization());
            cache.key(&scope, text, Timestamp::MIN, 7, Instant::now())
        };
        let reads = AtomicU64::new(0);
        let read = || async {
            reads.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok(answers(7))
        };
        let (one, other) = tokio::join!(cache.get(key("a"), read()), cache.get(key("a"), read()));
        assert_ne!(one.unwrap().1, other.unwrap().1);
        assert!(!cache.get(key("a"), read()).await.unwrap().1);
        assert!(cache.get(key("b"), read()).await.unwrap().1);
        assert_eq!(reads.into_inner(), 2);
        let stats = cache.stats();
        assert_eq!((stats.hits, stats.misses), (2, 2));
    }

    #[tokio::test]
    async fn what_lags_or_fails_is_not_kept() {
        let cache = AnswerCache::new(1_000_000);
        let key = || {
            let scope = Scope::owned(organization(), vec!["ada".into()]);
            cache.key(&scope, "a", Timestamp::MIN, 7, Instant::now())
        };
        let lagging = async { Ok(answers(6)) };
        assert!(cache.get(key(), lagging).await.unwrap().1);
        let failing = async { Err(EngineError::Lost) };
        assert!(cache.get(key(), failing).await.is_err());
        let in_part = async {
            Ok(Answers {
                answers: vec![Err(EngineError::Lost)],
                ..answers(7)
            })
        };
        assert!(cache.get(key(), in_part).await.unwrap().1);
        assert!(cache.get(key(), async { Ok(answers(7)) }).await.unwrap().1);
        assert!(!cache.get(key(), async { Ok(answers(7)) }).await.unwrap().1);
    }
}
