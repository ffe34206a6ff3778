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
use crate::trpc::{Answered, Asked, CALLS_MAX, CallParams, TrpcError, TrpcErrorBody};

/// Calls procedures of PRD-010 as clients of tRPC 11 do: `getExecutionStats`, `getTaskMetrics`, `getUsageStats`,
/// `getCostAnalysis`, `getPerformanceTrends`, `getWebSocketStats` and `getCacheStats`, each behind `analytics.`. Several with
/// commas in between and `batch=1`. With superjson's envelope around the input, the result is in one, too.
#[utoipa::path(get, path = "/trpc/{procedures}", tag = "analytics",
    params(
        ("procedures" = String, Path, description = "The procedure, or several", example = "analytics.getExecutionStats"),
        CallParams
    ),
    responses(
        (status = 200, description = "The result, or a list of results", body = Value, example = json!({
            "result": { "data": { "isEnabled": false, "totalConnections": 0, "activeConnections": 0, "userConnections": 0,
                "channels": [], "status": "disabled", "checkedAt": "2026-11-22T10:00:00.000Z" } }
        })),
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
    let (is_batch, calls) = match read(params, &procedures, notes.id()) {
        Ok(calls) => calls,
        Err(refusal) => return refusal,
    };
    let asker = match allowed(asker, &calls) {
        Ok(asker) => asker,
        Err(problem) => return Answered::refused(is_batch, &calls, &problem, notes.id()),
    };
    let context = Context::new(&state, &asker, &headers);
    let results = join_all(calls.iter().map(|asked| call(&context, asked))).await;
    let mut answered = Answered::new(is_batch);
    for (asked, result) in calls.iter().zip(results) {
        answered.push(asked, result, notes.id());
    }
    answered
}

/// Whether several procedures are called, and the calls.
fn read(
    params: Result<axum::extract::Query<CallParams>, QueryRejection>,
    procedures: &str,
    request_id: &str,
) -> Result<(bool, Vec<Asked>), Answered> {
    let Ok(axum::extract::Query(params)) = params else {
        let problem = Problem::bad_request("invalid_parameter", "The parameters can't be read");
        let error = TrpcError::of_problem(&problem, None, request_id);
        return Err(Answered::refusal(false, error));
    };
    let is_batch = params.is_batch();
    Ok((is_batch, params.calls(procedures, request_id)?))
}

/// The asker, if so many calls are taken.
fn allowed(
    asker: Result<Allowed<need::Read>, Problem>,
    calls: &[Asked],
) -> Result<Allowed<need::Read>, Problem> {
    match calls.len() > CALLS_MAX {
        true => Err(Problem::bad_request(
            "invalid_parameter",
            format!("Call at most {CALLS_MAX} procedures at once"),
        )),
        false => asker,
    }
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
