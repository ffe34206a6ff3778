//! The query engine: runs the statements that `tacho-query` makes of questions, and has it make answers of the results.
//!
//! The one way to numbers (DESIGN invariant 2). Knows nothing of HTTP; knows engines only through [`Store`] and
//! [`Dialect`]. Blocking work runs off the async threads, by a bounded number of readers; who would have to wait too long
//! is told so at once.

mod admission;
mod executions;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use tacho_core::time::Timestamp;
use tacho_core::{OrganizationId, Scope};
use tacho_query::compile::compile;
use tacho_query::dialect::Dialect;
use tacho_query::model::served::Model;
use tacho_query::plan::{Plan, plan};
use tacho_query::query::Query;
use tacho_query::scope::scoped;
use tacho_query::shape::{Moment, ShapeError, shape};
use tacho_query::{Answer, QueryError, QueryParams};

use self::admission::Admission;
use crate::{Lsn, Snapshot, Statement, Store, StoreError};

/// Questions that one batch may have.
pub const QUERIES_MAX: usize = 50;

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
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            readers: 4,
            waiting_max: 256,
            wait_max: Duration::from_secs(10),
            timeout: Duration::from_secs(30),
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
pub struct Answers {
    /// An answer or an error per question, in their order.
    pub answers: Vec<Result<Answer, EngineError>>,
    /// When the rows were stored of which all answers are.
    pub as_of: Timestamp,
    /// Their position in the journal.
    pub as_of_lsn: Lsn,
}

/// Answers questions. Cheap to clone; all clones share the readers.
#[derive(Clone)]
pub struct QueryEngine {
    store: Arc<dyn Store>,
    dialect: &'static dyn Dialect,
    admission: Arc<Admission>,
    timeout: Duration,
    committed: Option<Committed>,
}

/// Tells up to where in the journal an organization's records were committed.
type Committed = Arc<dyn Fn(OrganizationId) -> Lsn + Send + Sync>;

/// A question on its way: how it is to be answered, or why it cannot be.
struct Asked {
    plan: Result<Plan, EngineError>,
    statements: Vec<Statement>,
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
            committed: None,
        }
    }

    /// Lets answers be as of the moment of asking while the store has everything that was committed before. Without it
    /// they are as of the moment of the last record, however long ago that was.
    #[must_use]
    pub fn following(mut self, committed: impl Fn(OrganizationId) -> Lsn + Send + Sync + 'static) -> Self {
        self.committed = Some(Arc::new(committed));
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
        let mut answers = self.answer(scope, vec![params], now, zone).await?;
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
        self.answer_read(scope, queries.into_iter().map(Ok).collect(), now, zone)
            .await
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
    ) -> Result<Answers, EngineError> {
        if queries.len() > QUERIES_MAX {
            return Err(EngineError::TooManyQueries(queries.len()));
        }
        let started = Instant::now();
        let asked: Vec<Asked> = queries
            .into_iter()
            .map(|query| self.ask(query, scope, now, zone))
            .collect();
        let organization = scope.organization();
        self.run(move |engine| engine.read_batch(organization, asked, now, started))
            .await?
    }

    fn ask(
        &self,
        query: Result<QueryParams, QueryError>,
        scope: &Scope,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Asked {
        let plan = query
            .and_then(|params| Query::validate(&params, now, zone))
            .map(|query| plan(scoped(query, scope)))
            .map_err(EngineError::from);
        let statements = plan
            .as_ref()
            .map(|plan| compile(plan, self.dialect))
            .unwrap_or_default();
        Asked { plan, statements }
    }

    fn read_batch(
        &self,
        organization: OrganizationId,
        mut asked: Vec<Asked>,
        now: Timestamp,
        started: Instant,
    ) -> Result<Answers, EngineError> {
        let deadline = started + self.timeout;
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
                one.plan = Err(store_error(error));
                Snapshot::default()
            }
            (Err(error), _) => return Err(store_error(error)),
        };
        let as_of = snapshot.as_of.unwrap_or(now);
        let moment = Moment {
            as_of,
            as_of_lsn: snapshot.as_of_lsn,
            elapsed: started.elapsed(),
        };
        let mut results = snapshot.results.as_slice();
        let answers = asked.into_iter().map(|asked| {
            let plan = asked.plan?;
            let count = plan.parts().len().min(results.len());
            let (mine, rest) = results.split_at(count);
            results = rest;
            Ok(shape(&plan, mine, moment)?)
        });
        Ok(Answers {
            answers: answers.collect(),
            as_of,
            as_of_lsn: snapshot.as_of_lsn,
        })
    }

    /// Reads what can still be answered, in one snapshot.
    fn read_all(
        &self,
        organization: OrganizationId,
        asked: &[Asked],
        deadline: Instant,
    ) -> Result<Snapshot, StoreError> {
        let answerable = asked.iter().filter(|asked| asked.plan.is_ok());
        let statements: Vec<Statement> = answerable
            .flat_map(|asked| asked.statements.iter().cloned())
            .collect();
        self.read(organization, &statements, deadline)
    }

    /// One question has failed and taken the batch with it: asks each alone, so that those that fail get their error.
    fn set_failing_aside(&self, organization: OrganizationId, asked: &mut [Asked], deadline: Instant) {
        for one in asked.iter_mut().filter(|asked| asked.plan.is_ok()) {
            if let Err(error) = self.read(organization, &one.statements, deadline) {
                one.plan = Err(store_error(error));
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
        let committed = self.committed.as_ref().map(|committed| committed(organization));
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
        work: impl FnOnce(&QueryEngine) -> T + Send + 'static,
    ) -> Result<T, EngineError> {
        let permit = self.admission.enter().await?;
        let engine = self.clone();
        let task = tokio::task::spawn_blocking(move || {
            let result = work(&engine);
            drop(permit);
            result
        });
        task.await.map_err(|_| EngineError::Lost)
    }
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
