use std::sync::Mutex;

use serde_json::json;
use tacho_core::record::RecordType;
use tacho_query::dialect::DuckDb;
use tacho_query::{ResultSet, Scalar};

use super::*;
use crate::{Change, StoreDigest, StoreStatus, StoredRow, Target};

/// A store that answers totals with zeros, and fails on statements that hold a text.
struct Scripted {
    fails_on: &'static str,
    cells_zone: &'static str,
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
        let zeros = ResultSet {
            columns: Vec::new(),
            rows: vec![vec![
                Scalar::Int(0),
                Scalar::Null,
                Scalar::Null,
                Scalar::Int(0),
                Scalar::Int(0),
                Scalar::Int(0),
                Scalar::Int(0),
            ]],
        };
        Ok(Snapshot {
            as_of_lsn: 42,
            as_of: Some("2026-11-22T09:00:00Z".parse().unwrap()),
            cells_zone: self.cells_zone.to_owned(),
            results: vec![zeros; statements.len()],
        })
    }

    fn holdings(&self, _: OrganizationId) -> Result<Holdings, StoreError> {
        let day = "2026-11-21T00:00:00Z".parse().unwrap();
        Ok(Holdings {
            zone: TimeZone::UTC,
            days: [(RecordType::Execution, vec![(day, 1_000_000)])].into(),
        })
    }

    fn applied_lsn(&self, _: OrganizationId) -> Result<Lsn, StoreError> {
        Self::refused()
    }
    fn apply(&self, _: OrganizationId, _: &Change, _: Timestamp) -> Result<(), StoreError> {
        Self::refused()
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
    fn unattributed_executions(&self, _: OrganizationId) -> Result<Vec<String>, StoreError> {
        Self::refused()
    }
    fn digest(&self, _: OrganizationId, _: bool) -> Result<StoreDigest, StoreError> {
        Self::refused()
    }
    fn set_aside(&self, _: OrganizationId) -> Result<Option<std::path::PathBuf>, StoreError> {
        Self::refused()
    }
    fn set_rebuilding(&self, _: OrganizationId, _: bool) {}
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
    engine
        .answer(
            &scope(),
            queries,
            "2026-11-22T10:00:00Z".parse().unwrap(),
            &TimeZone::UTC,
        )
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
        reads: Mutex::default(),
    });
    let engine = QueryEngine::new(store.clone(), &DuckDb, EngineConfig::default());
    let answers = answered(&engine, vec![query("count")]).await.unwrap();
    let answer = answers.answers[0].as_ref().unwrap();
    assert_eq!(answer.meta.served_by, tacho_query::answer::ServedBy::Raw);
    assert_eq!(store.reads.lock().unwrap().len(), PLANS_MAX);
}
