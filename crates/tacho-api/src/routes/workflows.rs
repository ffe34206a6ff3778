//! Workflows one by one.

use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use tacho_core::Timestamp;
use tacho_query::workflows::wire::Workflow;
use tacho_store::{Answered, Question};
use utoipa::ToSchema;

use crate::AppState;
use crate::asking::Context;
use crate::extract::{Allowed, Json, Path, need};
use crate::problem::{Problem, Result};

/// A workflow as it is now, and when it is due.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct WorkflowNow {
    /// The workflow.
    #[serde(flatten)]
    workflow: Workflow,
    /// When it is due next, by its schedule in its zone; null without a schedule, if it is not active, and if the schedule
    /// cannot be understood.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    next_run_at: Option<Timestamp>,
}

/// One workflow: what its owner says of it, when it ran last and is due next, and how often it has failed in a row.
#[utoipa::path(get, path = "/api/v1/workflows/{id}", tag = "queries",
    params(("id" = String, Path, description = "The sender's id of the workflow")),
    responses((status = 200, body = WorkflowNow)))]
pub(crate) async fn get_workflow(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<WorkflowNow>> {
    let context = Context::new(&state, &asker, &headers);
    if !context.has_workflow(&id).await? {
        return Err(Problem::not_found("workflow"));
    }
    match context.ask(vec![Question::Workflow(id)]).await?.next()? {
        Answered::Workflow(Some(workflow)) => Ok(Json(with_next_run(*workflow, context.now))),
        _ => Err(Problem::not_found("workflow")),
    }
}

fn with_next_run(workflow: Workflow, now: Timestamp) -> WorkflowNow {
    WorkflowNow {
        next_run_at: workflow.next_run_after(now),
        workflow,
    }
}
