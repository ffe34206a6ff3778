//! Cells of files that were written by other versions.

use serde_json::json;
use tacho_core::Scope;
use tacho_core::time::Timestamp;
use tacho_query::answer::ServedBy;
use tacho_query::dialect::DuckDb;
use tacho_store::QueryEngine;
use tacho_store_duckdb::DuckDbStore;

use crate::fixture::{Fixture, Run, at, few_rows, organization};

/// A file without cells, or with those of another declaration, gets its cells from its rows when it is opened.
#[test]
fn a_file_with_other_cells_is_counted_anew() {
    let mut fixture = Fixture::new();
    let organization = organization(1);
    let base = at("2026-11-02T08:00:00Z");
    let runs: Vec<Run> = (0..90)
        .map(|number| Run {
            id: format!("run-{number}"),
            attempt: 1,
            at: base + number * 600_000_000,
            status: if number % 3 == 0 { "failed" } else { "success" },
            cost_micros: Some(number * 1_000),
            ..Run::default()
        })
        .collect();
    fixture.fill_in_parts(organization, &runs, &[], 20);
    let question = json!({
        "source": "executions",
        "measures": ["count", "cost"],
        "dimensions": ["status"],
        "time": { "from": "2026-11-01T00:00:00Z", "to": "2026-11-08T00:00:00Z" }
    });
    let scope = Scope::all(organization);
    let before = fixture.answer(&scope, question.clone(), Timestamp::MAX);
    assert_eq!(before.meta.served_by, ServedBy::Rollup);
    for spoiled in [
        "DROP TABLE tacho_cells; DROP TABLE execution_wide_day",
        "UPDATE tacho_cells SET declaration = 'another'; DELETE FROM execution_narrow_day",
    ] {
        fixture.close();
        let path = fixture.config.directory.join(format!("{organization}.duckdb"));
        let connection = duckdb::Connection::open(path).unwrap();
        connection.execute_batch(spoiled).unwrap();
        drop(connection);
        let store = std::sync::Arc::new(DuckDbStore::open(fixture.config.clone()).unwrap());
        fixture.engine = QueryEngine::new(store.clone(), &DuckDb, few_rows());
        fixture.store = store;
        let after = fixture.answer(&scope, question.clone(), Timestamp::MAX);
        assert_eq!((after.rows, &after.totals), (before.rows.clone(), &before.totals));
        assert_eq!(after.meta.served_by, ServedBy::Rollup);
    }
}
