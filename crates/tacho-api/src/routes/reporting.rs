//! The endpoints of "Analytics & Reporting" about executions and workflows.

use axum::extract::State;
use axum::http::HeaderMap;

use crate::AppState;
use crate::asking::Context;
use crate::extract::{Allowed, Json, Path, Query, need};
use crate::problem::Result;
use crate::reporting::{
    ComparisonParams, ErrorsParams, ExecutionErrors, ExecutionsOverTime, ExecutionsParams, ExecutionsSummary,
    PerformanceParams, RankingsParams, StepsParams, SummaryParams, WorkflowComparison, WorkflowPerformance,
    WorkflowRankings, WorkflowSteps,
};

/// Executions over time, together or by workflow, trigger, status, version, user or type of error.
#[utoipa::path(get, path = "/api/v1/analytics/executions", tag = "analytics", params(ExecutionsParams),
    responses((status = 200, body = ExecutionsOverTime)))]
pub(crate) async fn get_executions_over_time(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    headers: HeaderMap,
    Query(params): Query<ExecutionsParams>,
) -> Result<Json<ExecutionsOverTime>> {
    params
        .answer(&Context::new(&state, &asker, &headers))
        .await
        .map(Json)
}

/// Executions in sum, beside the same length of time before, by status and by trigger.
#[utoipa::path(get, path = "/api/v1/analytics/executions/summary", tag = "analytics", params(SummaryParams),
    responses((status = 200, body = ExecutionsSummary)))]
pub(crate) async fn get_executions_summary(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    headers: HeaderMap,
    Query(params): Query<SummaryParams>,
) -> Result<Json<ExecutionsSummary>> {
    params
        .answer(&Context::new(&state, &asker, &headers))
        .await
        .map(Json)
}

/// What goes wrong, by type of error and by time.
#[utoipa::path(get, path = "/api/v1/analytics/executions/errors", tag = "analytics", params(ErrorsParams),
    responses((status = 200, body = ExecutionErrors)))]
pub(crate) async fn get_execution_errors(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    headers: HeaderMap,
    Query(params): Query<ErrorsParams>,
) -> Result<Json<ExecutionErrors>> {
    params
        .answer(&Context::new(&state, &asker, &headers))
        .await
        .map(Json)
}

/// Workflows in an order: the slowest, the most used, those that fail most, the dearest.
#[utoipa::path(get, path = "/api/v1/analytics/workflows/rankings", tag = "analytics", params(RankingsParams),
    responses((status = 200, body = WorkflowRankings)))]
pub(crate) async fn get_workflow_rankings(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    headers: HeaderMap,
    Query(params): Query<RankingsParams>,
) -> Result<Json<WorkflowRankings>> {
    params
        .answer(&Context::new(&state, &asker, &headers))
        .await
        .map(Json)
}

/// Workflows side by side, each beside the first.
#[utoipa::path(get, path = "/api/v1/analytics/workflows/comparison", tag = "analytics", params(ComparisonParams),
    responses((status = 200, body = WorkflowComparison)))]
pub(crate) async fn get_workflow_comparison(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    headers: HeaderMap,
    Query(params): Query<ComparisonParams>,
) -> Result<Json<WorkflowComparison>> {
    params
        .answer(&Context::new(&state, &asker, &headers))
        .await
        .map(Json)
}

/// How one workflow fared: in sum, over time, by version.
#[utoipa::path(get, path = "/api/v1/analytics/workflows/{id}/performance", tag = "analytics",
    params(("id" = String, Path, description = "The sender's id of the workflow"), PerformanceParams),
    responses((status = 200, body = WorkflowPerformance)))]
pub(crate) async fn get_workflow_performance(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(params): Query<PerformanceParams>,
) -> Result<Json<WorkflowPerformance>> {
    let context = Context::new(&state, &asker, &headers);
    params.answer(&context, id).await.map(Json)
}

/// Where the time of one workflow goes: step by step, and by what it waits for.
#[utoipa::path(get, path = "/api/v1/analytics/workflows/{id}/steps", tag = "analytics",
    params(("id" = String, Path, description = "The sender's id of the workflow"), StepsParams),
    responses((status = 200, body = WorkflowSteps)))]
pub(crate) async fn get_workflow_steps(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(params): Query<StepsParams>,
) -> Result<Json<WorkflowSteps>> {
    let context = Context::new(&state, &asker, &headers);
    params.answer(&context, id).await.map(Json)
}
