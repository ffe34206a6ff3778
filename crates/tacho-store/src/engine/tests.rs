use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tacho_core::record::RecordType;
use tacho_query::dialect::DuckDb;
use tacho_query::{ResultSet, Scalar};

use tacho_query::holdings::Holdings;

use super::batch::PLANS_MAX;
use super::*;
use crate::read::{LongWork, Stop};
use crate::{CellsCut, Change, Retracted, StoreDigest, StoreStatus, StoredRow, Target};

/// A store that answers totals with zeros, and fails on statements that hold a text.
struct Scripted {
    fails_on: &'static str,
    cells_zone: &'static str,
    lsn: AtomicU64,
    reads: Mutex<Vec<usize>>,
}

impl Scripted {
    fn refused<T>() -> Result<T, StoreError> {
        Err(StoreError::Unavailable("only read from in this test"))
    }
}

impl Store for Scripted {
    fn read(&self, _: OrganizationId, statements: &[Statement], _: Duration) -> Result<Snapshot, StoreError> {
        self.reads.lock().unwrap().push(statements.len());
        if statements
            .iter()
            .any(|statement| statement.sql.contains(self.fails_on))
        {
            return Err(StoreError::Engine("as scripted".to_owned()));
        }
        let zeros = |statement: &Statement| {
            let counts = [Scalar::Int(0), Scalar::Int(0), Scalar::Int(0), Scalar::Int(0)];
            let totals = |part: i64| {
                let leading = [Scalar::Int(part), Scalar::Null, Scalar::Null];
                leading.into_iter().chain(counts.clone()).collect()
            };
            // Those of the range, and of the range compared with if there is one.
            let parts = [0, 3].into_iter();
            let parts = parts.filter(|part| statement.sql.contains(&format!("{part} AS part")));
            ResultSet {
                columns: Vec::new(),
                rows: parts.map(totals).collect(),
            }
        };
        Ok(Snapshot {
            as_of_lsn: self.lsn.load(Ordering::Relaxed),
            as_of: Some("2026-11-22T09:00:00Z".parse().unwrap()),
            cells: CellsCut {
                zone: self.cells_zone.to_owned(),
                ..CellsCut::default()
            },
            results: statements.iter().map(zeros).collect(),
        })
    }

    fn read_long(&self, _: OrganizationId, _: &Stop, _: LongWork<'_>) -> Result<ControlFlow<()>, StoreError> {
        Self::refused()
    }

    fn holdings(&self, _: OrganizationId) -> Result<Holdings, StoreError> {
        let day = "2026-11-21T00:00:00Z".parse().unwrap();
        Ok(Holdings {
            days: [(RecordType::Execution, vec![(day, 1_000_000)])].into(),
            ..Holdings::default()
        })
    }

    fn applied_lsn(&self, _: OrganizationId) -> Result<Lsn, StoreError> {
        Self::refused()
    }
    fn apply(&self, _: OrganizationId, _: &Change, _: Timestamp) -> Result<(), StoreError> {
        Self::refused()
    }
    fn tidy(&self, _: OrganizationId) -> Result<(), StoreError> {
        Ok(())
    }

    fn rows_at(&self, _: OrganizationId, _: Target, _: &[Lsn]) -> Result<Vec<StoredRow>, StoreError> {
        Self::refused()
    }
    fn rows_where(
        &self,
        _: OrganizationId,
        _: Target,
        _: &'static str,
        _: &[&str],
    ) -> Result<Vec<StoredRow>, StoreError> {
        Self::refused()
    }
    fn scan_identities(
        &self,
        _: OrganizationId,
        _: Lsn,
        _: &mut dyn FnMut(Target, &str, u32, Lsn),
    ) -> Result<(), StoreError> {
        Self::refused()
    }
    fn scan_followers(
        &self,
        _: OrganizationId,
        _: Lsn,
        _: &mut dyn FnMut(&str, Lsn),
    ) -> Result<(), StoreError> {
        Self::refused()
    }
    fn unattributed_executions(&self, _: OrganizationId) -> Result<Vec<String>, StoreError> {
        Self::refused()
    }
    fn digest(&self, _: OrganizationId, _: bool) -> Result<StoreDigest, StoreError> {
        Self::refused()
    }
    fn set_aside(&self, _: OrganizationId) -> Result<Option<std::path::PathBuf>, StoreError> {
        Self::refused()
    }
    fn set_whole_from(&self, _: OrganizationId, _: Lsn) {}
    fn status(&self, _: OrganizationId) -> Result<StoreStatus, StoreError> {
        Self::refused()
    }
}

fn scope() -> Scope {
    Scope::all(OrganizationId::from_bytes([1; 16]))
}

fn engine(fails_on: &'static str) -> (QueryEngine, Arc<Scripted>) {
    let store = Arc::new(Scripted {
        fails_on,
        cells_zone: "UTC",
        lsn: AtomicU64::new(42),
        reads: Mutex::default(),
    });
    (
        QueryEngine::new(store.clone(), &DuckDb, EngineConfig::default()),
        store,
    )
}

fn query(measure: &str) -> QueryParams {
    let json = json!({ "source": "executions", "measures": [measure], "time": { "period": "day" } });
    QueryParams::from_json(&json).unwrap()
}

async fn answered(engine: &QueryEngine, queries: Vec<QueryParams>) -> Result<Answers, EngineError> {
    let (scope, zone) = (scope(), TimeZone::UTC);
    let context = QueryContext::new(&scope, &zone, "2026-11-22T10:00:00Z".parse().unwrap());
    engine
        .answer(context, queries.into_iter().map(Ok).collect())
        .await
}

#[tokio::test]
async fn a_batch_is_one_read_of_one_moment() {
    let (engine, store) = engine("nothing");
    let answers = answered(
        &engine,
        vec![query("count"), query("nonsense"), query("count_failed")],
    )
    .await
    .unwrap();
    assert_eq!(*store.reads.lock().unwrap(), [2]);
    assert_eq!(answers.as_of_lsn, 42);
    assert!(answers.answers[0].is_ok() && answers.answers[2].is_ok());
    assert!(matches!(
        answers.answers[1],
        Err(EngineError::Query(QueryError::UnknownName { .. }))
    ));
}

#[tokio::test]
async fn one_failing_question_leaves_the_others_theirs() {
    let (engine, store) = engine("cancelled");
    let queries = vec![query("count"), query("count_cancelled"), query("count_failed")];
    let answers = answered(&engine, queries).await.unwrap();
    assert!(answers.answers[0].is_ok() && answers.answers[2].is_ok());
    assert!(matches!(answers.answers[1], Err(EngineError::Store(_))));
    // All, each alone, and those that are left together.
    assert_eq!(*store.reads.lock().unwrap(), [3, 1, 1, 1, 2]);
}

#[tokio::test]
async fn too_many_questions_are_refused() {
    let (engine, _) = engine("nothing");
    let queries = vec![query("count"); QUERIES_MAX + 1];
    assert!(matches!(
        answered(&engine, queries).await,
        Err(EngineError::TooManyQueries(51))
    ));
}

#[tokio::test]
async fn cells_that_are_cut_otherwise_than_planned_are_not_read() {
    let store = Arc::new(Scripted {
        fails_on: "nothing",
        cells_zone: "Europe/Berlin",
        lsn: AtomicU64::new(42),
        reads: Mutex::default(),
    });
    let engine = QueryEngine::new(store.clone(), &DuckDb, EngineConfig::default());
    let answers = answered(&engine, vec![query("count")]).await.unwrap();
    let answer = answers.answers[0].as_ref().unwrap();
    assert_eq!(answer.meta.served_by, tacho_query::answer::ServedBy::Raw);
    assert_eq!(store.reads.lock().unwrap().len(), PLANS_MAX);
}

/// An engine that follows a journal, and what it is asked at which time.
struct Followed {
    engine: QueryEngine,
    store: Arc<Scripted>,
    epochs: Arc<Epochs>,
    start: Instant,
}

impl Followed {
    fn new() -> Self {
        let (engine, store) = engine("nothing");
        let (epochs, journal) = (Arc::new(Epochs::default()), store.clone());
        Self {
            engine: engine.following(move |_| journal.lsn.load(Ordering::Relaxed), epochs.clone()),
            store,
            epochs,
            start: Instant::now(),
        }
    }

    /// Something of a type changes at that moment, as the next record of the journal.
    fn change(&self, record_type: RecordType, event_time: &str) {
        let applied_lsn = self.store.lsn.load(Ordering::Relaxed) + 1;
        let leaving = Retracted {
            target: Target {
                record_type,
                is_open: false,
            },
            lsn: 1,
            event_time: event_time.parse().unwrap(),
        };
        let change = Change {
            applied_lsn,
            retracted: vec![leaving],
            rows: Vec::new(),
        };
        self.epochs.note(scope().organization(), &change);
        self.store.lsn.store(applied_lsn, Ordering::Relaxed);
    }

    /// Asks so many seconds after the start, and says whether the answers were kept ones.
    async fn is_kept(&self, seconds: u64, questions: serde_json::Value) -> bool {
        let questions = questions.as_array().unwrap().iter();
        let questions = questions.map(|json| Ok(QueryParams::from_json(json)?.into()));
        let (scope, zone) = (scope(), TimeZone::UTC);
        let noon: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let since = Duration::from_secs(seconds);
        let now = noon.plus_micros(since.as_micros() as i64);
        let context = QueryContext::new(&scope, &zone, now);
        let found = self
            .engine
            .answer_at(context, questions.collect(), self.start + since)
            .await;
        let answers: Answers<WrittenAnswer> = found.unwrap().given(self.start + since);
        let kept = answers.answers.iter().map(|answer| answer.as_ref().unwrap());
        assert!(
            kept.map(|answer| answer.meta.from_cache)
                .all(|is_kept| is_kept == answers.from_cache)
        );
        answers.from_cache
    }
}

fn about(source: &str, from: &str, to: &str) -> serde_json::Value {
    let [from, to] = [from, to].map(|day| format!("{day}T00:00:00Z"));
    json!({ "source": source, "measures": ["count"], "time": { "from": from, "to": to } })
}

#[tokio::test]
async fn answers_are_kept_until_something_on_which_they_depend_changes() {
    let world = Followed::new();
    let last_year = || json!([about("executions", "2025-01-01", "2026-01-01")]);
    let this_month = || json!([about("executions", "2026-11-01", "2026-12-01")]);
    let both = || json!([last_year()[0], this_month()[0]]);
    let costs = || json!([about("costs", "2026-11-01", "2026-12-01")]);
    for questions in [last_year(), this_month(), both(), costs()] {
        assert!(!world.is_kept(0, questions.clone()).await);
        assert!(world.is_kept(1, questions).await);
    }
    // After a quiet while a change is seen at once, and then again when the hold is over.
    world.change(RecordType::Execution, "2026-11-22T10:00:00Z");
    assert!(!world.is_kept(2, this_month()).await);
    world.change(RecordType::Execution, "2026-11-22T10:00:01Z");
    assert!(world.is_kept(6, this_month()).await);
    assert!(!world.is_kept(7, this_month()).await);
    assert!(!world.is_kept(7, both()).await);
    assert!(world.is_kept(7, last_year()).await);
    assert!(world.is_kept(7, costs()).await);
    assert_eq!(world.engine.cache_stats().unwrap().misses, 7);
    // A correction of long ago; and a workflow, which every answer may have read.
    world.change(RecordType::Execution, "2025-06-01T00:00:00Z");
    assert!(!world.is_kept(60, last_year()).await);
    assert!(world.is_kept(60, costs()).await);
    world.change(RecordType::Workflow, "2026-11-22T10:00:00Z");
    assert!(!world.is_kept(120, costs()).await);
    world.epochs.note_rebuild(scope().organization());
    assert!(!world.is_kept(120, costs()).await);
}

#[tokio::test]
async fn a_range_until_now_moves_on_and_one_with_an_end_stays() {
    let world = Followed::new();
    let until_now = || json!([{ "source": "costs", "measures": ["count"], "time": { "period": "month" } }]);
    let mut compared = about("costs", "2026-10-01", "2026-11-01");
    compared["compare"] = json!("last_year");
    assert!(!world.is_kept(1, until_now()).await);
    assert!(world.is_kept(5, until_now()).await);
    assert!(!world.is_kept(6, until_now()).await);
    assert!(!world.is_kept(6, json!([compared])).await);
    assert!(world.is_kept(50_000, json!([compared])).await);
    world.change(RecordType::Cost, "2025-10-20T00:00:00Z");
    assert!(!world.is_kept(50_000, json!([compared])).await);
}

#[tokio::test]
async fn answers_of_too_many_values_are_refused() {
    let (engine, _) = engine("nothing");
    // A total has seven values here.
    let of_two = QueryEngine {
        answer_cells_max: 14,
        ..engine
    };
    let asked = |count: usize| answered(&of_two, vec![query("count"); count]);
    assert_eq!(asked(2).await.unwrap().answers.len(), 2);
    let refused = asked(3).await.unwrap_err();
    assert!(
        matches!(refused, EngineError::AnswerTooLarge { cells: 21, max: 14 }),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_probe_finds_out_whether_questions_are_answered() {
    let now = "2026-11-22T10:00:00Z".parse().unwrap();
    let organization = scope().organization();
    assert!(engine("nothing").0.probe(organization, now).await.is_ok());
    let (failing, _) = engine("FROM");
    let fault = failing.probe(organization, now).await.unwrap_err();
    assert_eq!(fault.outcome(), "store_failed");
    assert!(failing.recently_asked().is_empty(), "a probe is no question");
    let _ = answered(&failing, vec![query("count")]).await;
    assert_eq!(failing.recently_asked(), [organization]);
}
