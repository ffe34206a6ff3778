//! The query engine: runs the statements that `tacho-query` makes of questions, and has it make answers of the results.
//!
//! The one way to numbers (DESIGN invariant 2). Knows nothing of HTTP; knows engines only through [`Store`] and
//! [`Dialect`]. Blocking work runs off the async threads, by a bounded number of readers; who would have to wait too long
//! is told so at once.

mod admission;
mod batch;
mod cache;
mod config;
mod context;
mod epochs;
mod error;
mod events;
mod executions;
mod exports;
mod found;
mod holds;
mod known;
mod live;
mod question;
mod questions;
mod shared_cache;
mod workflows;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use serde_json::json;
use tacho_core::time::Timestamp;
use tacho_core::{OrganizationId, Scope};
use tacho_query::dialect::Dialect;
use tacho_query::model::served::Model;
use tacho_query::{Answer, QueryError, QueryParams, WrittenAnswer};

use self::admission::{Admission, Weight};
use self::cache::AnswerCache;
pub use self::cache::CacheStats;
pub use self::config::EngineConfig;
use self::context::Asker;
pub use self::context::{Freshness, QueryContext};
pub use self::epochs::Epochs;
pub use self::error::EngineError;
use self::events::{Asked, RecentlyAsked, tell_all};
pub use self::exports::ExportExtent;
use self::found::{Form, Found};
pub use self::holds::HOLD;
use self::holds::Holds;
use self::known::{Known, nothing_known};
pub use self::question::{Answered, Question};
use self::questions::{Questions, may_be_kept};
pub use self::shared_cache::{BoxFuture, SharedCache, SharedCacheStatus};
use crate::{Lsn, Snapshot, Statement, Store, StoreError};

/// Questions that one batch may have.
pub const QUERIES_MAX: usize = 50;

/// The answers to a batch of questions, all as of one moment.
#[derive(Clone, Debug)]
pub struct Answers<A = Answer> {
    /// An answer or an error per question, in their order.
    pub answers: Vec<Result<A, EngineError>>,
    /// When the rows were stored of which all answers are.
    pub as_of: Timestamp,
    /// Their position in the journal.
    pub as_of_lsn: Lsn,
    /// Whether they were worked out for an earlier asker.
    pub from_cache: bool,
}

/// Answers questions. Cheap to clone; all clones share the readers.
#[derive(Clone)]
pub struct QueryEngine {
    store: Arc<dyn Store>,
    dialect: &'static dyn Dialect,
    admission: Arc<Admission>,
    timeout: Duration,
    uses_rollups: bool,
    exact_rows_max: u64,
    answer_cells_max: usize,
    recently_asked: Arc<RecentlyAsked>,
    holdings: Known,
    following: Option<Following>,
    holds: Arc<Holds>,
    cache: Option<Arc<AnswerCache>>,
}

/// What the engine knows of the way in.
#[derive(Clone)]
struct Following {
    /// Tells up to where in the journal an organization's records were committed.
    committed: Arc<dyn Fn(OrganizationId) -> Lsn + Send + Sync>,
    /// Tells what has changed in the store.
    epochs: Arc<Epochs>,
}

impl QueryEngine {
    /// An engine over a store that understands the dialect.
    pub fn new(store: Arc<dyn Store>, dialect: &'static dyn Dialect, config: EngineConfig) -> Self {
        Self {
            store,
            dialect,
            admission: Arc::new(Admission::new(
                config.readers,
                config.waiting_max,
                config.wait_max,
            )),
            timeout: config.timeout,
            uses_rollups: config.uses_rollups,
            exact_rows_max: config.exact_rows_max,
            answer_cells_max: config.answer_cells_max,
            recently_asked: Arc::default(),
            holdings: nothing_known(),
            following: None,
            holds: Arc::default(),
            cache: (config.cache_bytes_max > 0 && !config.cache_life.is_zero())
                .then(|| Arc::new(AnswerCache::new(config.cache_bytes_max, config.cache_life))),
        }
    }

    /// Lets answers be as of the moment of asking while the store has everything that was committed before, and be kept
    /// until something on which they depend changes. Without it they are as of the moment of the last record, however long
    /// ago that was, and none are kept. `epochs` are those in which every change of the store is noted.
    #[must_use]
    pub fn following(
        mut self,
        committed: impl Fn(OrganizationId) -> Lsn + Send + Sync + 'static,
        epochs: Arc<Epochs>,
    ) -> Self {
        self.following = Some(Following {
            committed: Arc::new(committed),
            epochs,
        });
        self
    }

    /// What can be asked.
    pub fn model(&self) -> Model {
        Model::current()
    }

    /// Answers one question.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn answer_one(
        &self,
        context: QueryContext<'_>,
        params: QueryParams,
    ) -> Result<Answer, EngineError> {
        let mut answers = self.answer(context, vec![Ok(params)]).await?;
        answers.answers.pop().unwrap_or(Err(EngineError::Lost))
    }

    /// Answers several questions as of one moment. One that cannot be answered gets its own error; one that could not even be
    /// read keeps its.
    ///
    /// # Errors
    /// What concerns all of them: too many, overloaded, or no store.
    pub async fn answer(
        &self,
        context: QueryContext<'_>,
        queries: Vec<Result<QueryParams, QueryError>>,
    ) -> Result<Answers, EngineError> {
        let questions = queries.into_iter().map(|query| query.map(Question::from));
        let answers = self.answer_questions(context, questions.collect()).await?;
        let numbers = |answer: Result<Answered, EngineError>| answer?.into_query().ok_or(EngineError::Lost);
        Ok(Answers {
            answers: answers.answers.into_iter().map(numbers).collect(),
            as_of: answers.as_of,
            as_of_lsn: answers.as_of_lsn,
            from_cache: answers.from_cache,
        })
    }

    /// The same, as the answers are sent.
    ///
    /// # Errors
    /// What concerns all of them: too many, overloaded, or no store.
    pub async fn answer_written(
        &self,
        context: QueryContext<'_>,
        queries: Vec<Result<QueryParams, QueryError>>,
    ) -> Result<Answers<WrittenAnswer>, EngineError> {
        let questions = queries.into_iter().map(|query| query.map(Question::from));
        self.answer_as(context, questions.collect()).await
    }

    /// Answers questions of any kind as of one moment, in their order.
    ///
    /// # Errors
    /// What concerns all of them: too many, overloaded, or no store.
    pub async fn answer_questions(
        &self,
        context: QueryContext<'_>,
        questions: Vec<Result<Question, QueryError>>,
    ) -> Result<Answers<Answered>, EngineError> {
        self.answer_as(context, questions).await
    }

    /// Answers in one form or another, and tells how each question ended.
    async fn answer_as<F: Form>(
        &self,
        context: QueryContext<'_>,
        questions: Vec<Result<Question, QueryError>>,
    ) -> Result<Answers<F>, EngineError> {
        let started = Instant::now();
        let organization = context.scope.organization();
        self.recently_asked.note(organization);
        let asked: Vec<Asked> = questions.iter().take(QUERIES_MAX).map(Asked::of).collect();
        let found = self.answer_at(context, questions, started).await;
        let answers = found.map(|found| found.given(started));
        tell_all(organization, &asked, &answers, ms_since(started));
        answers
    }

    /// The organizations that asked last, the very last first.
    pub fn recently_asked(&self) -> Vec<OrganizationId> {
        self.recently_asked.list()
    }

    /// Has a small question answered from the organization's store, not from what is kept, to find out whether questions are
    /// answered. It is not told as one.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn probe(&self, organization: OrganizationId, now: Timestamp) -> Result<(), EngineError> {
        let question = json!({ "source": "executions", "measures": ["count"], "time": { "last": "1h" } });
        let (scope, zone) = (Scope::all(organization), TimeZone::UTC);
        let asker = Asker::new(QueryContext::new(&scope, &zone, now), Instant::now());
        let questions = vec![QueryParams::from_json(&question).map(Question::from)];
        let mut answers = self.read_now(asker, questions).await?;
        answers.answers.pop().unwrap_or(Err(EngineError::Lost)).map(drop)
    }

    /// Finds answers for who asks at `started` as the cache counts time.
    async fn answer_at(
        &self,
        context: QueryContext<'_>,
        asked: Vec<Result<Question, QueryError>>,
        started: Instant,
    ) -> Result<Found, EngineError> {
        if asked.len() > QUERIES_MAX {
            return Err(EngineError::TooManyQueries(asked.len()));
        }
        let asker = Asker::new(context, started);
        let (Some(cache), Some(following), Freshness::Within(tolerance), true) = (
            &self.cache,
            &self.following,
            context.freshness,
            may_be_kept(&asked),
        ) else {
            return self.read_now(asker, asked).await.map(Found::Own);
        };
        let organization = context.scope.organization();
        let committed = (following.committed)(organization);
        let held = self
            .holds
            .at(organization, tolerance, committed, context.now, started);
        let asker = Asker {
            range_end: held.range_end,
            ..asker
        };
        let holdings = self.holdings(organization).await?;
        let Some(questions) = Questions::of(&asked, asker.range_end, context.zone, &holdings) else {
            return self.read_now(asker, asked).await.map(Found::Own);
        };
        let changed = following.epochs.of(organization, questions.ranges);
        let key = cache.key(context.scope, &questions.text, changed, held);
        let (kept, is_read) = cache.get(key, self.read_now(asker, asked)).await?;
        Ok(Found::Kept { kept, is_read })
    }

    /// Keeps answers outside of the process, too. Without a cache in the process nothing is kept anywhere.
    #[must_use]
    pub fn sharing(self, shared: Arc<dyn SharedCache>) -> Self {
        if let Some(cache) = &self.cache {
            cache.share(shared);
        }
        self
    }

    /// Where answers are kept outside of the process.
    pub fn shared_cache(&self) -> Option<&Arc<dyn SharedCache>> {
        self.cache.as_ref()?.shared()
    }

    /// Throws away the organization's answers that are kept.
    pub fn forget_answers(&self, organization: OrganizationId) {
        self.holds.forget(organization);
    }

    /// How often the cache has helped, if there is one.
    pub fn cache_stats(&self) -> Option<CacheStats> {
        self.cache.as_ref().map(|cache| cache.stats())
    }

    fn read(
        &self,
        organization: OrganizationId,
        statements: &[Statement],
        deadline: Instant,
    ) -> Result<Snapshot, StoreError> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(StoreError::TimedOut(self.timeout));
        }
        // Asked before reading: what is committed later may be missing.
        let following = self.following.as_ref();
        let committed = following.map(|following| (following.committed)(organization));
        let mut snapshot = self.store.read(organization, statements, left)?;
        if committed.is_some_and(|committed| snapshot.as_of_lsn >= committed) {
            snapshot.as_of = None;
        }
        Ok(snapshot)
    }

    /// Runs blocking work when a reader is free. The reader stays taken until the work is done, even if nobody waits for
    /// it any more.
    async fn run<T: Send + 'static>(
        &self,
        weight: Weight,
        organization: OrganizationId,
        work: impl FnOnce(&QueryEngine) -> T + Send + 'static,
    ) -> Result<T, EngineError> {
        let permit = self.admission.enter(weight, organization).await?;
        let engine = self.clone();
        let task = tokio::task::spawn_blocking(move || {
            let result = work(&engine);
            drop(permit);
            result
        });
        task.await.map_err(|_| EngineError::Lost)
    }
}

/// Milliseconds since then.
fn ms_since(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests;
