//! Asking for one metric, as the real-time dashboard's specification has it.

use axum::extract::State;
use tacho_store::QueryContext;

use crate::AppState;
use crate::extract::{Allowed, Json, need};
use crate::problem::{Problem, Result};
use crate::wire::metric_query::{MetricData, MetricQuery};

/// The points of one metric over time, by groups. A translation of `POST /api/v1/query`, which can do more: the length of
/// a point's time is chosen so that there are at most 367 of them.
#[utoipa::path(post, path = "/api/v1/metrics/query", tag = "queries", request_body = MetricQuery,
    responses((status = 200, description = "Metrics data", body = MetricData)))]
pub(crate) async fn run_metric_query(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    Json(request): Json<MetricQuery>,
) -> Result<Json<MetricData>> {
    let params = request.params()?;
    let context = QueryContext::new(asker.scope(), asker.zone(), state.clock.now());
    let answer = state
        .engine
        .answer_one(context, params)
        .await
        .map_err(|error| in_request(Problem::from(error)))?;
    Ok(Json(request.data(answer)))
}

/// Points to the place in the request from which the faulty part of the question was made.
fn in_request(problem: Problem) -> Problem {
    let moved = |pointer: String| match pointer.split('/').nth(1) {
        Some("dimensions") => pointer.replacen("/dimensions", "/group_by", 1),
        Some("filters") => "/filters".to_owned(),
        Some("time") => pointer
            .replacen("/time", "/time_range", 1)
            .replace("/from", "/start")
            .replace("/to", "/end"),
        Some("measures") => "/aggregation".to_owned(),
        _ => pointer,
    };
    Problem {
        pointer: problem.pointer.map(moved),
        ..problem
    }
}
