//! Executions, listed and one by one.

use axum::extract::State;
use serde::Deserialize;
use tacho_query::executions::ExecutionQuery;
use tacho_query::executions::wire::{ExecutionDetail, ExecutionList, ExecutionListParams};
use utoipa::IntoParams;

use crate::AppState;
use crate::extract::{Allowed, Json, Path, Query, need};
use crate::problem::{Problem, Result};

/// The executions that the asker may see, newest first unless asked otherwise.
#[utoipa::path(get, path = "/api/v1/executions", tag = "queries", params(ExecutionListParams),
    responses((status = 200, body = ExecutionList)))]
pub(crate) async fn list_executions(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    Query(params): Query<ExecutionListParams>,
) -> Result<Json<ExecutionList>> {
    let now = state.clock.now();
    Ok(Json(
        state
            .engine
            .list_executions(asker.scope(), &params, now, asker.zone())
            .await?,
    ))
}

/// Which try of an execution to show.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AttemptParams {
    /// The number of the try; the last if left out.
    #[param(minimum = 1)]
    attempt: Option<u32>,
}

/// One execution with its steps, costs, resources and recoveries.
#[utoipa::path(get, path = "/api/v1/executions/{id}", tag = "queries",
    params(("id" = String, Path, description = "The sender's id of the execution"), AttemptParams),
    responses((status = 200, body = ExecutionDetail)))]
pub(crate) async fn get_execution(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    Path(id): Path<String>,
    Query(params): Query<AttemptParams>,
) -> Result<Json<ExecutionDetail>> {
    let query = ExecutionQuery {
        id,
        attempt: params.attempt,
    };
    let found = state
        .engine
        .execution(asker.scope(), query, state.clock.now())
        .await?;
    found.map(Json).ok_or_else(|| Problem::not_found("execution"))
}
