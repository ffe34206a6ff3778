//! Asking for numbers.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tacho_jobs::exports::{ExportFormat, write_answer};
use tacho_query::model::served::Model;
use tacho_query::{Answer, QueryParams};
use tacho_store::EngineError;
use tacho_store::engine::HOLD;

use crate::AppState;
use crate::asking::Context;
use crate::boundary::RequestNotes;
use crate::extract::{Allowed, Json, need};
use crate::problem::{Problem, Result};
use crate::wire::query::{BatchAnswer, QueryAnswer, QueryRequest};

/// What can be asked: sources with their measures, dimensions and filters, what each means and in what unit it is.
#[utoipa::path(get, path = "/api/v1/model", tag = "queries",
    responses((status = 200, description = "The semantic model", body = Model)))]
pub(crate) async fn get_model(
    State(state): State<AppState>,
    _asker: Allowed<need::ReadSettings>,
) -> Json<Model> {
    Json(state.engine.model())
}

/// Answers one question, or several as of one moment. An answer may have been worked out for an earlier request
/// (`meta.from_cache`, `meta.as_of`), and may lack what was recorded in the last five seconds; with
/// `Cache-Control: no-cache` it is worked out for this one, with `max-age=30` it may lack the last thirty seconds. In a
/// batch, a question that can't be answered gets a problem in the place of its answer. With `Accept: text/csv` the rows of one answer come as CSV, as an export has them.
#[utoipa::path(post, path = "/api/v1/query", tag = "queries",
    request_body(content = QueryRequest, content_type = "application/json", examples(
        ("one" = (summary = "Runs and failures per workflow and day", value = json!(one_example()))),
        ("batch" = (summary = "Two questions as of one moment", value = json!(batch_example()))),
    )),
    responses((status = 200, description = "One answer, or one per question of a batch", content(
        (QueryAnswer = "application/json"), (String = "text/csv")))))]
pub(crate) async fn run_query(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    Extension(notes): Extension<RequestNotes>,
    headers: HeaderMap,
    Json(request): Json<Value>,
) -> Result<Response> {
    let context = Context::within(HOLD, &state, &asker, &headers).for_engine();
    let Some(queries) = request.get("queries") else {
        let params = QueryParams::from_json(&request)?;
        if wants_csv(&headers) {
            return csv(&state.engine.answer_one(context, params).await?);
        }
        let answers = state.engine.answer_written(context, vec![Ok(params)]);
        let answer = answers.await?.answers.pop().unwrap_or(Err(EngineError::Lost))?;
        return Ok(Json(QueryAnswer::One(Box::new(answer))).into_response());
    };
    let queries = queries
        .as_array()
        .ok_or_else(|| Problem::invalid("/queries", "Send a list of queries."))?;
    let mut fields = request.as_object().into_iter().flat_map(|fields| fields.keys());
    if let Some(other) = fields.find(|name| *name != "queries") {
        return Err(Problem::invalid(
            format!("/{other}"),
            "Beside \"queries\" nothing else may stand.",
        ));
    }
    if queries.is_empty() {
        return Err(Problem::invalid("/queries", "Send at least one query."));
    }
    let params = queries.iter().map(QueryParams::from_json).collect();
    let answers = state.engine.answer_written(context, params).await?;
    Ok(Json(QueryAnswer::Batch(BatchAnswer::new(answers, &notes))).into_response())
}

/// Whether the asker names CSV among what it takes.
fn wants_csv(headers: &HeaderMap) -> bool {
    let names = |value: &HeaderValue| {
        value.to_str().is_ok_and(|text| {
            let mut kinds = text
                .split(',')
                .map(|kind| kind.split(';').next().unwrap_or(kind).trim());
            kinds.any(|kind| kind.eq_ignore_ascii_case("text/csv"))
        })
    };
    headers.get_all(header::ACCEPT).iter().any(names)
}

fn csv(answer: &Answer) -> Result<Response> {
    let bytes = write_answer(answer, ExportFormat::Csv, Vec::new()).map_err(Problem::internal)?;
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], bytes).into_response())
}

fn one_example() -> Value {
    json!({
        "source": "executions", "measures": ["count", "success_rate", "duration_p95"], "dimensions": ["workflow"],
        "time": {"period": "week"}, "granularity": "day", "timezone": "Europe/Berlin",
        "filters": [{"field": "trigger_type", "op": "in", "values": ["scheduled", "webhook"]}],
        "order": [{"by": "count", "direction": "desc"}], "limit": 10
    })
}

fn batch_example() -> Value {
    json!({"queries": [
        {"source": "executions", "measures": ["count", "failure_rate", "cost"], "time": {"period": "month"},
         "compare": "previous_period"},
        {"source": "executions", "measures": ["count"], "dimensions": ["status"], "time": {"last": "24h"}}
    ]})
}
