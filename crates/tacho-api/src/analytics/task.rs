//! What procedures have in common: questions over a period, of a task or of all.

use axum::http::StatusCode;
use tacho_core::period::Period;
use tacho_query::params::{QueryParams, TimeParams};

use super::TaskId;
use crate::asking::{Context, is_one_of};
use crate::problem::{Problem, Result};

impl Context<'_> {
    /// Refuses a task that is not there or that the asker may not see, both alike and in the same time.
    pub(crate) async fn require_task(&self, task: &TaskId) -> Result<()> {
        match self.has_workflow(&task.0).await? {
            true => Ok(()),
            false => Err(task_not_found()),
        }
    }
}

/// What the document says of a task that is not there or is somebody else's (FR-009.4).
pub(crate) fn task_not_found() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "task_not_found",
        "Task not found or unauthorized",
    )
}

/// A question for measures of a source over a period, of one workflow or of all.
pub(crate) fn numbers(source: &str, measures: &[&str], period: Period, task: Option<&TaskId>) -> QueryParams {
    QueryParams {
        source: source.to_owned(),
        measures: measures.iter().map(|&measure| measure.to_owned()).collect(),
        time: TimeParams {
            period: Some(period),
            ..TimeParams::default()
        },
        filters: task
            .map(|task| is_one_of("workflow", &[&task.0]))
            .into_iter()
            .collect(),
        ..QueryParams::default()
    }
}
