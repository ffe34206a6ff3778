//! The query engine: runs the statements that `tacho-query` makes of questions, and has it make answers of the results.
//!
//! The one way to numbers (DESIGN invariant 2). Knows nothing of HTTP; knows engines only through [`Store`] and
//! [`Dialect`]. Blocking work runs off the async threads, by a bounded number of readers; who would have to wait too long
//! is told so at once.

mod admission;
mod cache;
mod epochs;
mod events;
mod executions;
mod exports;
mod failures;
mod question;
mod questions;
mod shared_cache;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use moka::sync::Cache;
use serde_json::json;
use tacho_core::time::Timestamp;
use tacho_core::{OrganizationId, Scope};
use tacho_query::answer::{Explanation, Stage};
use tacho_query::compile::compile;
use tacho_query::dialect::Dialect;
use tacho_query::holdings::Holdings;
use tacho_query::model::served::Model;
use tacho_query::plan::{EXACT_ROWS_MAX, Plan, plan, plan_raw};
use tacho_query::query::Query;
use tacho_query::scope::scoped;
use tacho_query::shape::{Moment, ShapeError};
use tacho_query::time::zone_name;
use tacho_query::{Answer, QueryError, QueryParams};

use self::admission::{Admission, Weight};
use self::cache::AnswerCache;
pub use self::cache::{CacheStats, HOLD};
pub use self::epochs::Epochs;
use self::events::{Asked as AskedFor, RecentlyAsked, tell_all};
pub use self::exports::ExportExtent;
use self::question::Work;
pub use self::question::{Answered, Question};
use self::questions::{Questions, may_be_kept};
pub use self::shared_cache::{BoxFuture, SharedCache, SharedCacheStatus};
use crate::{Lsn, Snapshot, Statement, Store, StoreError};

/// Questions that one batch may have.
pub const QUERIES_MAX: usize = 50;

/// Rows read one by one for a batch above which it is a heavy one: reading so many takes a tenth of a second.
const HEAVY_ROWS: u64 = 2_000_000;
/// How long what is known of a store is taken for true without reading it anew.
const HOLDINGS_FRESH: Duration = Duration::from_secs(60);
/// How long it is held when nobody asks.
const HOLDINGS_TTL: Duration = Duration::from_secs(600);
/// Organizations of which it is held.
const HOLDINGS_MAX: u64 = 10_000;
/// How often a batch is planned at most. The last time, cells are not read.
const PLANS_MAX: usize = 3;

/// How much the engine does at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineConfig {
    /// Batches that are read at once. Each takes a thread and a connection of the store.
    pub readers: usize,
    /// Batches that may wait for a reader. More are refused.
    pub waiting_max: usize,
    /// How long one may wait before it is refused.
    pub wait_max: Duration,
    /// How long the statements of one batch may run.
    pub timeout: Duration,
    /// Whether answers come from rollups where they can. Without, all come from the rows themselves, and are the same.
    pub uses_rollups: bool,
    /// Rows up to which answers come from the rows themselves; of more, quantiles may come from rollups and be off by a
    /// hundredth.
    pub exact_rows_max: u64,
    /// Bytes, about, of answers that are kept; 0 keeps none. Answers are kept only by an engine that is
    /// [`following`](QueryEngine::following).
    pub cache_bytes_max: u64,
    /// How long an answer is kept at most; zero keeps none.
    pub cache_life: Duration,
    /// Values (rows times columns) that the answers to one batch may have together.
    pub answer_cells_max: usize,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            readers: 4,
            waiting_max: 256,
            wait_max: Duration::from_secs(10),
            timeout: Duration::from_secs(30),
            uses_rollups: true,
            exact_rows_max: EXACT_ROWS_MAX,
            cache_bytes_max: 64 * 1024 * 1024,
            cache_life: Duration::from_secs(300),
            answer_cells_max: 2_000_000,
        }
    }
}

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
    holdings: Cache<OrganizationId, Arc<KnownHoldings>>,
    following: Option<Following>,
    cache: Option<Arc<AnswerCache>>,
}

/// Whether an answer may be one that was worked out before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// It may lack what has changed in the last [`HOLD`].
    Kept,
    /// It is read for this asker.
    Fresh,
}

/// What the engine knows of the way in.
#[derive(Clone)]
struct Following {
    /// Tells up to where in the journal an organization's records were committed.
    committed: Arc<dyn Fn(OrganizationId) -> Lsn + Send + Sync>,
    /// Tells what has changed in the store.
    epochs: Arc<Epochs>,
}

/// What is known of a store, and since when.
struct KnownHoldings {
    holdings: Arc<Holdings>,
    read_at: Instant,
    is_read_again: AtomicBool,
}

/// Who asks, and when.
#[derive(Clone, Copy)]
struct Asker<'a> {
    scope: &'a Scope,
    zone: &'a TimeZone,
    now: Timestamp,
    /// When relative ranges end.
    range_end: Timestamp,
    started: Instant,
}

/// A question on its way: how it is to be answered, or why it cannot be.
struct Asked {
    work: Result<Work, EngineError>,
    /// How long planning took, if the asker wants to know how the question was answered.
    explain: Option<Duration>,
}

impl Asked {
    fn rows_read_max(&self) -> u64 {
        let plan = self.work.as_ref().ok().and_then(Work::plan);
        plan.map_or(0, Plan::rows_read_max)
    }
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
            holdings: Cache::builder()
                .max_capacity(HOLDINGS_MAX)
                .time_to_live(HOLDINGS_TTL)
                .build(),
            following: None,
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

    /// Answers one question. `zone` is that of the asker, for questions that name none.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn answer_one(
        &self,
        scope: &Scope,
        params: QueryParams,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Answer, EngineError> {
        self.answer_one_as(scope, params, now, zone, Freshness::Kept)
            .await
    }

    /// The same, and whether the answer may be a kept one.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn answer_one_as(
        &self,
        scope: &Scope,
        params: QueryParams,
        now: Timestamp,
        zone: &TimeZone,
        freshness: Freshness,
    ) -> Result<Answer, EngineError> {
        let mut answers = self
            .answer_read(scope, vec![Ok(params)], now, zone, freshness)
            .await?;
        answers.answers.pop().unwrap_or(Err(EngineError::Lost))
    }

    /// Answers several questions as of one moment. A question that cannot be answered gets its own error.
    ///
    /// # Errors
    /// What concerns all of them: too many, overloaded, or no store.
    pub async fn answer(
        &self,
        scope: &Scope,
        queries: Vec<QueryParams>,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Answers, EngineError> {
        let queries = queries.into_iter().map(Ok).collect();
        self.answer_read(scope, queries, now, zone, Freshness::Kept).await
    }

    /// The same for questions some of which could not even be read; they keep their errors.
    ///
    /// # Errors
    /// What concerns all of them: too many, overloaded, or no store.
    pub async fn answer_read(
        &self,
        scope: &Scope,
        queries: Vec<Result<QueryParams, QueryError>>,
        now: Timestamp,
        zone: &TimeZone,
        freshness: Freshness,
    ) -> Result<Answers, EngineError> {
        let questions = queries.into_iter().map(|query| query.map(Question::from));
        let answers = self
            .answer_questions(scope, questions.collect(), now, zone, freshness)
            .await?;
        let numbers = |answer: Result<Answered, EngineError>| answer?.into_query().ok_or(EngineError::Lost);
        Ok(Answers {
            answers: answers.answers.into_iter().map(numbers).collect(),
            as_of: answers.as_of,
            as_of_lsn: answers.as_of_lsn,
            from_cache: answers.from_cache,
        })
    }

    /// Answers questions of any kind as of one moment, in their order.
    ///
    /// # Errors
    /// What concerns all of them: too many, overloaded, or no store.
    pub async fn answer_questions(
        &self,
        scope: &Scope,
        questions: Vec<Result<Question, QueryError>>,
        now: Timestamp,
        zone: &TimeZone,
        freshness: Freshness,
    ) -> Result<Answers<Answered>, EngineError> {
        let started = Instant::now();
        let organization = scope.organization();
        self.recently_asked.note(organization);
        let asked: Vec<AskedFor> = questions.iter().take(QUERIES_MAX).map(AskedFor::of).collect();
        let answers = self
            .answer_at(scope, questions, now, zone, freshness, started)
            .await;
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
        let scope = Scope::all(organization);
        let asker = Asker {
            scope: &scope,
            zone: &TimeZone::UTC,
            now,
            range_end: now,
            started: Instant::now(),
        };
        let questions = vec![QueryParams::from_json(&question).map(Question::from)];
        let mut answers = self.read_now(asker, questions).await?;
        answers.answers.pop().unwrap_or(Err(EngineError::Lost)).map(drop)
    }

    /// The same, asked at `started` as the cache counts time.
    async fn answer_at(
        &self,
        scope: &Scope,
        asked: Vec<Result<Question, QueryError>>,
        now: Timestamp,
        zone: &TimeZone,
        freshness: Freshness,
        started: Instant,
    ) -> Result<Answers<Answered>, EngineError> {
        if asked.len() > QUERIES_MAX {
            return Err(EngineError::TooManyQueries(asked.len()));
        }
        let asker = Asker {
            scope,
            zone,
            now,
            range_end: now,
            started,
        };
        let may_be_kept = freshness == Freshness::Kept && may_be_kept(&asked);
        let (Some(cache), Some(following), true) = (&self.cache, &self.following, may_be_kept) else {
            return self.read_now(asker, asked).await;
        };
        // Ranges that end now end with the next few seconds, so that the same questions are the same for a while.
        let asker = Asker {
            range_end: next_multiple(now, HOLD),
            ..asker
        };
        let organization = scope.organization();
        let holdings = self.holdings(organization).await?;
        let Some(questions) = Questions::of(&asked, asker.range_end, zone, &holdings) else {
            return self.read_now(asker, asked).await;
        };
        let committed = (following.committed)(organization);
        let changed = following.epochs.of(organization, questions.ranges);
        let key = cache.key(scope, &questions.text, changed, committed, started);
        let (answers, is_read) = cache.get(key, self.read_now(asker, asked)).await?;
        let mut answers = Answers::clone(&answers);
        if !is_read {
            answers.from_cache = true;
            for answer in answers.answers.iter_mut().flatten() {
                if let Answered::Query(answer) = answer {
                    answer.meta.from_cache = true;
                    answer.meta.elapsed_ms = ms_since(started);
                }
            }
        }
        Ok(answers)
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
        if let Some(cache) = &self.cache {
            cache.forget(organization);
        }
    }

    /// How often the cache has helped, if there is one.
    pub fn cache_stats(&self) -> Option<CacheStats> {
        self.cache.as_ref().map(|cache| cache.stats())
    }

    /// Reads the answers from the store.
    async fn read_now(
        &self,
        asker: Asker<'_>,
        questions: Vec<Result<Question, QueryError>>,
    ) -> Result<Answers<Answered>, EngineError> {
        let (organization, now, started) = (asker.scope.organization(), asker.now, asker.started);
        for plans in 1..=PLANS_MAX {
            let holdings = self.holdings(organization).await?;
            let uses_rollups = self.uses_rollups && plans < PLANS_MAX;
            let asked: Vec<Asked> = questions
                .iter()
                .map(|question| self.ask(question.clone(), asker, &holdings, uses_rollups))
                .collect();
            let rows: u64 = asked.iter().map(Asked::rows_read_max).sum();
            let weight = match rows > HEAVY_ROWS {
                true => Weight::Heavy,
                false => Weight::Light,
            };
            let answers = self
                .run(weight, move |engine| {
                    engine.read_batch(organization, asked, now, started)
                })
                .await??;
            if let Some(answers) = answers {
                return Ok(answers);
            }
            // The cells have been made anew, for another zone, since it was asked how they are.
            self.holdings.invalidate(&organization);
        }
        Err(EngineError::Lost)
    }

    /// What is known of the organization's store. What is older than [`HOLDINGS_FRESH`] is read anew for those who ask
    /// later, so that nobody waits for it but the first.
    async fn holdings(&self, organization: OrganizationId) -> Result<Arc<Holdings>, EngineError> {
        let Some(known) = self.holdings.get(&organization) else {
            return self.read_holdings(organization).await;
        };
        if known.read_at.elapsed() > HOLDINGS_FRESH && !known.is_read_again.swap(true, Ordering::AcqRel) {
            let engine = self.clone();
            tokio::spawn(async move {
                if let Err(error) = engine.read_holdings(organization).await {
                    tracing::debug!(%organization, %error, "could not read anew what the store holds");
                    engine.holdings.invalidate(&organization);
                }
            });
        }
        Ok(known.holdings.clone())
    }

    async fn read_holdings(&self, organization: OrganizationId) -> Result<Arc<Holdings>, EngineError> {
        let read = self
            .run(Weight::Light, move |engine| engine.store.holdings(organization))
            .await?;
        let holdings = Arc::new(read.map_err(store_error)?);
        let known = KnownHoldings {
            holdings: holdings.clone(),
            read_at: Instant::now(),
            is_read_again: AtomicBool::new(false),
        };
        self.holdings.insert(organization, Arc::new(known));
        Ok(holdings)
    }

    fn ask(
        &self,
        question: Result<Question, QueryError>,
        asker: Asker<'_>,
        holdings: &Arc<Holdings>,
        uses_rollups: bool,
    ) -> Asked {
        let started = Instant::now();
        let mut explains = false;
        let work = question
            .map_err(EngineError::from)
            .and_then(|question| match question {
                Question::Query(params) => {
                    explains = params.explain;
                    self.plan(&params, asker, holdings, uses_rollups)
                }
                Question::Executions(params) => Work::of_list(&params, asker, self.dialect),
                Question::Workflow(id) => Ok(Work::of_workflow(&id, asker.scope, self.dialect)),
                Question::HasWorkflow(id) => Ok(Work::of_knowing(&id, asker.scope, self.dialect)),
            });
        Asked {
            work,
            explain: explains.then(|| started.elapsed()),
        }
    }

    fn plan(
        &self,
        params: &QueryParams,
        asker: Asker<'_>,
        holdings: &Arc<Holdings>,
        uses_rollups: bool,
    ) -> Result<Work, EngineError> {
        let query = scoped(Query::validate(params, asker.range_end, asker.zone)?, asker.scope);
        let plan = match uses_rollups {
            true => plan(query, holdings, self.exact_rows_max),
            false => plan_raw(query, holdings),
        };
        let statement = compile(&plan, self.dialect);
        Ok(Work::Query(Box::new(plan), [statement]))
    }

    /// The answers; none if the store's cells are cut otherwise than was planned for.
    fn read_batch(
        &self,
        organization: OrganizationId,
        mut asked: Vec<Asked>,
        now: Timestamp,
        started: Instant,
    ) -> Result<Option<Answers<Answered>>, EngineError> {
        let deadline = started + self.timeout;
        let reading = Instant::now();
        let snapshot = match self.read_all(organization, &asked, deadline) {
            Err(error) if is_of_one(&error) && asked.len() > 1 => {
                self.set_failing_aside(organization, &mut asked, deadline);
                self.read_all(organization, &asked, deadline)
            }
            other => other,
        };
        let snapshot = match (snapshot, asked.as_mut_slice()) {
            (Ok(snapshot), _) => snapshot,
            (Err(error), [one]) if is_of_one(&error) => {
                one.work = Err(store_error(error));
                Snapshot::default()
            }
            (Err(error), _) => return Err(store_error(error)),
        };
        let mut plans = asked.iter().filter_map(|asked| asked.work.as_ref().ok()?.plan());
        let is_cut_otherwise = plans.any(|plan| {
            let (holdings, cells) = (plan.holdings(), &snapshot.cells);
            let is_cut_so = zone_name(&holdings.zone) == cells.zone
                && holdings.quarter_hours_since == cells.quarter_hours_since;
            plan.reads_cells() && !is_cut_so
        });
        if is_cut_otherwise {
            return Ok(None);
        }
        let rows = snapshot.results.iter().flat_map(|result| &result.rows);
        let (cells, max) = (rows.map(Vec::len).sum(), self.answer_cells_max);
        if cells > max {
            return Err(EngineError::AnswerTooLarge { cells, max });
        }
        let as_of = snapshot.as_of.unwrap_or(now);
        let moment = Moment {
            as_of,
            as_of_lsn: snapshot.as_of_lsn,
            elapsed: started.elapsed(),
        };
        let read = reading.elapsed();
        let mut results = snapshot.results.as_slice();
        let answers = asked.into_iter().map(|asked| {
            let work = asked.work?;
            let shaping = Instant::now();
            let own;
            (own, results) = results
                .split_at_checked(work.statements().len())
                .ok_or(EngineError::Lost)?;
            let mut answer = work.shape(own, moment)?;
            if let (Answered::Query(answer), Work::Query(plan, [statement]), Some(planned)) =
                (&mut answer, &work, asked.explain)
            {
                let stages = [
                    ("plan", planned),
                    ("wait", (reading - started).saturating_sub(planned)),
                    ("read", read),
                    ("shape", shaping.elapsed()),
                ];
                answer.explain = Some(explanation(plan, statement, stages));
            }
            Ok(answer)
        });
        Ok(Some(Answers {
            answers: answers.collect(),
            as_of,
            as_of_lsn: snapshot.as_of_lsn,
            from_cache: false,
        }))
    }

    /// Reads what can still be answered, in one snapshot.
    fn read_all(
        &self,
        organization: OrganizationId,
        asked: &[Asked],
        deadline: Instant,
    ) -> Result<Snapshot, StoreError> {
        let answerable = asked.iter().filter_map(|asked| asked.work.as_ref().ok());
        let statements: Vec<Statement> = answerable.flat_map(Work::statements).cloned().collect();
        self.read(organization, &statements, deadline)
    }

    /// One question has failed and taken the batch with it: asks each alone, so that those that fail get their error.
    fn set_failing_aside(&self, organization: OrganizationId, asked: &mut [Asked], deadline: Instant) {
        for one in asked {
            if let Ok(work) = &one.work
                && let Err(error) = self.read(organization, work.statements(), deadline)
            {
                one.work = Err(store_error(error));
            }
        }
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
        work: impl FnOnce(&QueryEngine) -> T + Send + 'static,
    ) -> Result<T, EngineError> {
        let permit = self.admission.enter(weight).await?;
        let engine = self.clone();
        let task = tokio::task::spawn_blocking(move || {
            let result = work(&engine);
            drop(permit);
            result
        });
        task.await.map_err(|_| EngineError::Lost)
    }
}

fn explanation(plan: &Plan, statement: &Statement, stages: [(&str, Duration); 4]) -> Explanation {
    let stages = stages.map(|(name, elapsed)| Stage {
        name: name.to_owned(),
        elapsed_ms: elapsed.as_secs_f64() * 1000.0,
    });
    Explanation {
        readings: plan.explained(),
        statement: statement.sql.clone(),
        stages: stages.to_vec(),
    }
}

/// The next instant that lies a multiple of that length after 1970.
fn next_multiple(instant: Timestamp, length: Duration) -> Timestamp {
    let micros = i64::try_from(length.as_micros()).unwrap_or(i64::MAX);
    let past = instant.as_micros().rem_euclid(micros);
    instant.plus_micros((micros - past) % micros)
}

/// Milliseconds since then.
fn ms_since(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1000.0
}

fn store_error(error: StoreError) -> EngineError {
    EngineError::Store(Arc::new(error))
}

/// Whether the fault may lie in one statement and not in the store.
fn is_of_one(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Engine(_) | StoreError::OutOfMemory | StoreError::TimedOut(_)
    )
}

#[cfg(test)]
mod tests;
