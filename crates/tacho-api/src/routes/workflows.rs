//! Workflows, listed and one by one.

use std::collections::HashMap;

use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use tacho_core::Timestamp;
use tacho_metastore::Detection;
use tacho_query::workflows::wire::{ListedWorkflow, Workflow, WorkflowListParams, Workflows};
use tacho_store::{Answered, EngineError, Question};
use utoipa::ToSchema;

use crate::AppState;
use crate::asking::Context;
use crate::extract::{Allowed, Json, Path, Query, need};
use crate::problem::{Problem, Result};

/// Workflows by name, those without one by id, whatever the case.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "workflows": [{
        "id": "invoices", "name": "Invoices", "kind": "workflow", "version": "1.8.0", "owner_id": "ada@example.com",
        "group": "Finance", "is_active": true, "schedule": { "cron": "0 6 * * *", "timezone": "Europe/Berlin" },
        "timeout_ms": 900_000, "tags": {}, "running": 0, "next_run_at": "2026-11-23T05:00:00Z",
        "detections_open": 1, "last_execution": { "id": "run-1", "attempt": 1, "status": "failed", "started_at": "2026-11-22T09:30:00Z" }
    }],
    "total": 1, "is_cut": false, "as_of": "2026-11-22T10:00:00Z", "as_of_lsn": 48120
}))]
pub(crate) struct WorkflowList {
    /// The workflows.
    workflows: Vec<WorkflowListed>,
    /// How many there are, on the list or not.
    total: u64,
    /// Whether there are more than the limit; the first by name are here.
    is_cut: bool,
    /// Records accepted up to about then are counted.
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
    /// Exactly: records up to this position of the journal are counted.
    as_of_lsn: u64,
}

/// A workflow of a list, when it is due, and how much is wrong with it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct WorkflowListed {
    /// The workflow.
    #[serde(flatten)]
    workflow: ListedWorkflow,
    /// When it is due next, by its schedule in its zone; null without a schedule, if it is not active, and if the schedule
    /// cannot be understood.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    next_run_at: Option<Timestamp>,
    /// How much is wrong with it now: detections that are not over.
    detections_open: u64,
}

/// The workflows that the asker may see, by name: those that somebody has declared, and those of which only executions are
/// known.
#[utoipa::path(get, path = "/api/v1/workflows", tag = "queries", params(WorkflowListParams),
    responses((status = 200, body = WorkflowList)))]
pub(crate) async fn list_workflows(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    headers: HeaderMap,
    Query(params): Query<WorkflowListParams>,
) -> Result<Json<WorkflowList>> {
    let context = Context::new(&state, &asker, &headers);
    match context
        .ask(vec![Question::Workflows(Box::new(params))])
        .await?
        .next()?
    {
        Answered::Workflows(workflows) => {
            let open = state.detections.open(asker.organization.id).borrow().clone();
            Ok(Json(as_of_now(*workflows, &open, context.now)))
        }
        _ => Err(EngineError::Lost.into()),
    }
}

fn as_of_now(list: Workflows, open: &[Detection], now: Timestamp) -> WorkflowList {
    let mut detections: HashMap<&str, u64> = HashMap::new();
    for workflow in open.iter().filter_map(|one| one.found.workflow_id.as_deref()) {
        *detections.entry(workflow).or_default() += 1;
    }
    let workflows: Vec<WorkflowListed> = list
        .workflows
        .into_iter()
        .map(|workflow| WorkflowListed {
            next_run_at: workflow.next_run_after(now),
            detections_open: detections.get(workflow.id.as_str()).copied().unwrap_or(0),
            workflow,
        })
        .collect();
    WorkflowList {
        is_cut: list.total > workflows.len() as u64,
        total: list.total,
        as_of: list.as_of,
        as_of_lsn: list.as_of_lsn,
        workflows,
    }
}

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
    /// How much is wrong with it now: detections that are not over.
    detections_open: u64,
}

/// One workflow: what its owner says of it, when it ran last and is due next, how often it has failed in a row, and how much is
/// wrong with it.
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
        Answered::Workflow(Some(workflow)) => {
            let open = state.detections.open(asker.organization.id).borrow().clone();
            Ok(Json(one_as_of_now(*workflow, &open, context.now)))
        }
        _ => Err(Problem::not_found("workflow")),
    }
}

fn one_as_of_now(workflow: Workflow, open: &[Detection], now: Timestamp) -> WorkflowNow {
    let is_its = |one: &&Detection| one.found.workflow_id.as_ref() == Some(&workflow.id);
    WorkflowNow {
        next_run_at: workflow.next_run_after(now),
        detections_open: open.iter().filter(is_its).count() as u64,
        workflow,
    }
}
