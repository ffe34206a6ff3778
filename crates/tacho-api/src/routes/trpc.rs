//! The seven procedures of PRD-010 for clients of tRPC.

use axum::Extension;
use axum::extract::State;
use axum::extract::rejection::QueryRejection;
use axum::http::HeaderMap;
use futures_util::future::join_all;

use crate::AppState;
use crate::analytics::{
    CacheStats, Call, Context, CostAnalysis, ExecutionStats, PerformanceTrends, Procedure, TaskMetrics,
    UsageStats, WebSocketStats,
};
use crate::boundary::RequestNotes;
use crate::extract::{Allowed, Path, need};
use crate::problem::Problem;
use crate::trpc::{Answered, Asked, CallParams, TrpcError, TrpcErrorBody};

/// Calls procedures of PRD-010 as clients of tRPC 11 do: `getExecutionStats`, `getTaskMetrics`, `getUsageStats`,
/// `getCostAnalysis`, `getPerformanceTrends`, `getWebSocketStats` and `getCacheStats`, each behind `analytics.`. Several with
/// commas in between and `batch=1`. With superjson's envelope around the input, the result is in one, too.
#[utoipa::path(get, path = "/trpc/{procedures}", tag = "analytics",
    params(
        ("procedures" = String, Path, description = "The procedure, or several", example = "analytics.getExecutionStats"),
        CallParams
    ),
    responses(
        (status = 200, description = "The result, or a list of results", body = Value),
        (status = 207, description = "Results and errors of a batch", body = Vec<Value>),
        (status = "4XX", description = "An error, or a list of errors", body = TrpcErrorBody),
        (status = "5XX", description = "An error, or a list of errors", body = TrpcErrorBody),
    ))]
pub(crate) async fn run_procedures(
    State(state): State<AppState>,
    asker: Result<Allowed<need::Read>, Problem>,
    Extension(notes): Extension<RequestNotes>,
    headers: HeaderMap,
    Path(procedures): Path<String>,
    params: Result<axum::extract::Query<CallParams>, QueryRejection>,
) -> Answered {
    let params = params.map(|query| query.0);
    let is_batch = params.as_ref().is_ok_and(CallParams::is_batch);
    let refuse = |problem: Problem, path| {
        Answered::refusal(is_batch, TrpcError::of_problem(&problem, path, notes.id()))
    };
    let asker = match asker {
        Ok(asker) => asker,
        Err(problem) => return refuse(problem, Some(&*procedures)),
    };
    let Ok(params) = params else {
        let problem = Problem::bad_request("invalid_parameter", "The parameters can't be read");
        return refuse(problem, None);
    };
    let calls = match params.calls(&procedures, notes.id()) {
        Ok(calls) => calls,
        Err(refusal) => return refusal,
    };
    let context = Context::new(&state, &asker, &headers);
    let results = join_all(calls.iter().map(|asked| call(&context, asked))).await;
    let mut answered = Answered::new(is_batch);
    for (asked, result) in calls.iter().zip(results) {
        answered.push(asked, result, notes.id());
    }
    answered
}

async fn call(context: &Context<'_>, asked: &Asked) -> Call {
    let name = asked.path.strip_prefix("analytics.").unwrap_or_default();
    let input = asked.input.as_ref();
    match name {
        ExecutionStats::NAME => Call::of::<ExecutionStats>(context, input).await,
        TaskMetrics::NAME => Call::of::<TaskMetrics>(context, input).await,
        UsageStats::NAME => Call::of::<UsageStats>(context, input).await,
        CostAnalysis::NAME => Call::of::<CostAnalysis>(context, input).await,
        PerformanceTrends::NAME => Call::of::<PerformanceTrends>(context, input).await,
        WebSocketStats::NAME => Call::of::<WebSocketStats>(context, input).await,
        CacheStats::NAME => Call::of::<CacheStats>(context, input).await,
        _ => Call::Unknown,
    }
}
