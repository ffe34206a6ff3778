//! The seven procedures of PRD-010 over REST.

use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use tacho_core::period::Period;
use tacho_query::params::PeriodWord;
use utoipa::IntoParams;

use crate::AppState;
use crate::analytics::{
    CacheStats, CacheStatsResult, Context, CostAnalysis, CostAnalysisInput, CostAnalysisResult,
    ExecutionStats, ExecutionStatsInput, ExecutionStatsResult, GroupBy, PerformanceTrends,
    PerformanceTrendsInput, PerformanceTrendsResult, Procedure, TaskId, TaskMetrics, TaskMetricsInput,
    TaskMetricsResult, TrendMetric, UsageStats, UsageStatsInput, UsageStatsResult, WebSocketStats,
    WebSocketStatsResult,
};
use crate::extract::{Allowed, Json, Query, need};
use crate::problem::{Problem, Result};

/// The period, and one task or all.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct StatsParams {
    /// The period that ends now; a week if left out.
    #[param(value_type = Option<PeriodWord>, inline)]
    period: Option<Period>,
    /// Of this task alone: the id of a workflow.
    task_id: Option<String>,
}

/// The period, and one task or all.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct CostParams {
    /// The period that ends now; a month if left out.
    #[param(value_type = Option<PeriodWord>, inline)]
    period: Option<Period>,
    /// Of this task alone: the id of a workflow.
    task_id: Option<String>,
}

/// The task and the period.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct TaskParams {
    /// The task: the id of a workflow.
    task_id: String,
    /// The period that ends now; a week if left out.
    #[param(value_type = Option<PeriodWord>, inline)]
    period: Option<Period>,
}

/// The period, and by what to count.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct UsageParams {
    /// The period that ends now; a month if left out.
    #[param(value_type = Option<PeriodWord>, inline)]
    period: Option<Period>,
    /// The length of a point's time; a day if left out.
    #[param(inline)]
    group_by: Option<GroupBy>,
}

/// The period, the metrics, and one task or all.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct TrendsParams {
    /// Of this task alone: the id of a workflow.
    task_id: Option<String>,
    /// The period that ends now; a month if left out.
    #[param(value_type = Option<PeriodWord>, inline)]
    period: Option<Period>,
    /// `duration`, `success_rate` and `execution_count`, separated by commas; all if left out.
    #[param(example = "duration,success_rate")]
    metrics: Option<String>,
}

impl TrendsParams {
    fn metrics(&self) -> Result<Vec<TrendMetric>> {
        let Some(list) = self.metrics.as_deref().filter(|list| !list.is_empty()) else {
            return Ok(TrendMetric::ALL.into());
        };
        // More than there are metrics are repetitions.
        let words = list.split(',').take(20).map(str::trim);
        let read = |word: &str| {
            serde_json::from_value(word.into()).map_err(|_| {
                Problem::bad_request(
                    "invalid_parameter",
                    "\"metrics\" is a list of duration, success_rate and execution_count, separated by commas.",
                )
            })
        };
        words.map(read).collect()
    }
}

async fn answer<P: Procedure>(
    state: &AppState,
    asker: &Allowed<need::Read>,
    headers: &HeaderMap,
    input: P::Input,
) -> Result<Json<P::Output>> {
    let context = Context::new(state, asker, headers);
    P::answer(&context, input).await.map(Json)
}

/// How executions went over a period: counts by status, rates, mean duration (PRD-010 `getExecutionStats`).
#[utoipa::path(get, path = "/api/v1/analytics/execution-stats", tag = "analytics", params(StatsParams),
    responses((status = 200, body = ExecutionStatsResult)))]
pub(crate) async fn get_execution_stats(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    headers: HeaderMap,
    Query(params): Query<StatsParams>,
) -> Result<Json<ExecutionStatsResult>> {
    let input = ExecutionStatsInput {
        period: params.period.unwrap_or(Period::Week),
        task: params.task_id.map(TaskId),
    };
    answer::<ExecutionStats>(&state, &asker, &headers, input).await
}

/// One task: how it is now, how its executions of a period went, its last 10 executions (PRD-010 `getTaskMetrics`). A task
/// that is not there and one that the asker may not see are refused alike: 404 "Task not found or unauthorized".
#[utoipa::path(get, path = "/api/v1/analytics/task-metrics", tag = "analytics", params(TaskParams),
    responses((status = 200, body = TaskMetricsResult)))]
pub(crate) async fn get_task_metrics(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    headers: HeaderMap,
    Query(params): Query<TaskParams>,
) -> Result<Json<TaskMetricsResult>> {
    let input = TaskMetricsInput {
        task: TaskId(params.task_id),
        period: params.period.unwrap_or(Period::Week),
    };
    answer::<TaskMetrics>(&state, &asker, &headers, input).await
}

/// Executions over time, with zeros where there were none (PRD-010 `getUsageStats`).
#[utoipa::path(get, path = "/api/v1/analytics/usage-stats", tag = "analytics", params(UsageParams),
    responses((status = 200, body = UsageStatsResult)))]
pub(crate) async fn get_usage_stats(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    headers: HeaderMap,
    Query(params): Query<UsageParams>,
) -> Result<Json<UsageStatsResult>> {
    let input = UsageStatsInput {
        period: params.period.unwrap_or(Period::Month),
        group_by: params.group_by.unwrap_or(GroupBy::Day),
    };
    answer::<UsageStats>(&state, &asker, &headers, input).await
}

/// What sessions are estimated to cost at the organization's rates, beside what was recorded (PRD-010 `getCostAnalysis`).
#[utoipa::path(get, path = "/api/v1/analytics/cost-analysis", tag = "analytics", params(CostParams),
    responses((status = 200, body = CostAnalysisResult)))]
pub(crate) async fn get_cost_analysis(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    headers: HeaderMap,
    Query(params): Query<CostParams>,
) -> Result<Json<CostAnalysisResult>> {
    let input = CostAnalysisInput {
        period: params.period.unwrap_or(Period::Month),
        task: params.task_id.map(TaskId),
    };
    answer::<CostAnalysis>(&state, &asker, &headers, input).await
}

/// How executions fared day by day, against the same length of time before, and which days stand out (PRD-010
/// `getPerformanceTrends`).
#[utoipa::path(get, path = "/api/v1/analytics/performance-trends", tag = "analytics", params(TrendsParams),
    responses((status = 200, body = PerformanceTrendsResult)))]
pub(crate) async fn get_performance_trends(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    headers: HeaderMap,
    Query(params): Query<TrendsParams>,
) -> Result<Json<PerformanceTrendsResult>> {
    let input = PerformanceTrendsInput {
        metrics: params.metrics()?,
        task: params.task_id.map(TaskId),
        period: params.period.unwrap_or(Period::Month),
    };
    answer::<PerformanceTrends>(&state, &asker, &headers, input).await
}

/// Live connections (PRD-010 `getWebSocketStats`).
#[utoipa::path(get, path = "/api/v1/analytics/websocket-stats", tag = "analytics",
    responses((status = 200, body = WebSocketStatsResult)))]
pub(crate) async fn get_web_socket_stats(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    headers: HeaderMap,
) -> Result<Json<WebSocketStatsResult>> {
    answer::<WebSocketStats>(&state, &asker, &headers, ()).await
}

/// The cache of answers: whether it is there, how quick, how often it helps (PRD-010 `getCacheStats`).
#[utoipa::path(get, path = "/api/v1/analytics/cache-stats", tag = "analytics",
    responses((status = 200, body = CacheStatsResult)))]
pub(crate) async fn get_cache_stats(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    headers: HeaderMap,
) -> Result<Json<CacheStatsResult>> {
    answer::<CacheStats>(&state, &asker, &headers, ()).await
}
