//! Questions, as `POST /api/v1/query` takes them.

use serde_json::{Value, json};
use tacho_query::compile::compile;
use tacho_query::dialect::DuckDb;
use tacho_query::model::SOURCES;
use tacho_query::plan::{EXACT_ROWS_MAX, plan, plan_raw};
use tacho_query::query::Query;
use tacho_query::{QueryParams, scoped};

use crate::records::NOW;
use crate::statement::{HOLDINGS, ZONE, check_refusal, check_statement, scopes};

/// A question as JSON.
///
/// Laws: a question that is understood reads back as it was written; it becomes statements that meet
/// [their laws](check_statement), from rows and from cells, for whoever asks; what is refused says where and why.
pub fn query(input: &[u8]) {
    let Ok(json) = serde_json::from_slice::<Value>(input) else {
        return;
    };
    check(&json, input.len());
}

/// Filters as JSON, of the source whose number the first byte is.
///
/// Laws: those of [`query`].
pub fn filters(input: &[u8]) {
    let Some((source, text)) = input.split_first() else {
        return;
    };
    let Ok(filters) = serde_json::from_slice::<Value>(text) else {
        return;
    };
    let source = SOURCES[usize::from(*source) % SOURCES.len()];
    let question = json!({
        "source": source.name,
        "measures": [source.measures[0].name],
        "time": { "last": "4w" },
        "filters": filters,
    });
    check(&question, input.len());
}

fn check(json: &Value, bytes: usize) {
    let params = match QueryParams::from_json(json) {
        Ok(params) => params,
        Err(error) => return check_refusal(&error, bytes),
    };
    let written = serde_json::to_value(&params).unwrap();
    assert_eq!(QueryParams::from_json(&written), Ok(params.clone()));
    let query = match Query::validate(&params, NOW, &ZONE) {
        Ok(query) => query,
        Err(error) => return check_refusal(&error, bytes),
    };
    for scope in scopes() {
        let raw = plan_raw(scoped(query.clone(), &scope), &HOLDINGS);
        check_statement(&compile(&raw, &DuckDb), bytes);
        let planned = plan(scoped(query.clone(), &scope), &HOLDINGS, EXACT_ROWS_MAX);
        check_statement(&compile(&planned, &DuckDb), bytes);
    }
}
