//! What goes wrong: faults listed, and one by one.

use axum::extract::State;
use axum::http::HeaderMap;
use tacho_query::failures::wire::{FailureDetail, FailureList, FailureListParams, FailureParams};
use tacho_store::engine::HOLD;
use tacho_store::{Answered, EngineError, Question};

use crate::AppState;
use crate::asking::Context;
use crate::extract::{Allowed, Json, Path, Query, need};
use crate::problem::{Problem, Result};

/// What goes wrong with the executions that the asker may see, a fault a row. A fault is the same error type and the same
/// pattern of the error message. Its executions are those of `GET /api/v1/executions?error_fingerprint=…`.
#[utoipa::path(get, path = "/api/v1/failures", tag = "queries", params(FailureListParams),
    responses((status = 200, body = FailureList)))]
pub(crate) async fn list_failures(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    headers: HeaderMap,
    Query(params): Query<FailureListParams>,
) -> Result<Json<FailureList>> {
    let context = Context::within(HOLD, &state, &asker, &headers);
    let mut answers = context.ask(vec![Question::Failures(Box::new(params))]).await?;
    match answers.next()? {
        Answered::Failures(list) => Ok(Json(*list)),
        _ => Err(EngineError::Lost.into()),
    }
}

/// One fault: how often by time, since when, and where.
#[utoipa::path(get, path = "/api/v1/failures/{fingerprint}", tag = "queries",
    params(
        ("fingerprint" = String, Path, description = "The fingerprint of a failure", example = "8f3a0c55d1e2b947"),
        FailureParams
    ),
    responses((status = 200, body = FailureDetail)))]
pub(crate) async fn get_failure(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    headers: HeaderMap,
    Path(fingerprint): Path<String>,
    Query(params): Query<FailureParams>,
) -> Result<Json<FailureDetail>> {
    let context = Context::within(HOLD, &state, &asker, &headers);
    let question = Question::Failure(fingerprint, Box::new(params));
    match context.ask(vec![question]).await?.next()? {
        Answered::Failure(Some(detail)) => Ok(Json(*detail)),
        Answered::Failure(None) => Err(Problem::not_found("failure")),
        _ => Err(EngineError::Lost.into()),
    }
}
