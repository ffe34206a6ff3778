//! What goes wrong: faults listed, and one by one.

use axum::extract::State;
use tacho_query::failures::wire::{FailureDetail, FailureList, FailureListParams, FailureParams};

use crate::AppState;
use crate::extract::{Allowed, Json, Path, Query, need};
use crate::problem::{Problem, Result};

/// What goes wrong with the executions that the asker may see, a fault a row. A fault is the same error type and the same
/// pattern of the error message. Its executions are those of `GET /api/v1/executions?error_fingerprint=…`.
#[utoipa::path(get, path = "/api/v1/failures", tag = "queries", params(FailureListParams),
    responses((status = 200, body = FailureList)))]
pub(crate) async fn list_failures(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    Query(params): Query<FailureListParams>,
) -> Result<Json<FailureList>> {
    let now = state.clock.now();
    Ok(Json(
        state
            .engine
            .list_failures(asker.scope(), &params, now, asker.zone())
            .await?,
    ))
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
    Path(fingerprint): Path<String>,
    Query(params): Query<FailureParams>,
) -> Result<Json<FailureDetail>> {
    let now = state.clock.now();
    let found = state
        .engine
        .failure(asker.scope(), &fingerprint, &params, now, asker.zone())
        .await?;
    found.map(Json).ok_or_else(|| Problem::not_found("failure"))
}
