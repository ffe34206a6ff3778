//! What a procedure can reach: the query engine, as one asker.

use axum::http::StatusCode;
use tacho_core::period::Period;
use tacho_core::Timestamp;
use tacho_query::params::{Condition, Filter, FilterOp, QueryParams, TimeParams};
use tacho_query::{Answer, QueryError};
use tacho_store::{Answered, Answers, Freshness, Question};

use super::TaskId;
use crate::AppState;
use crate::auth::Asker;
use crate::problem::{Problem, Result};

/// Who asks, when, and whom.
pub(crate) struct Context<'a> {
    pub(crate) state: &'a AppState,
    pub(crate) asker: &'a Asker,
    pub(crate) now: Timestamp,
    pub(crate) freshness: Freshness,
}

/// The answers to a batch, taken one after the other.
pub(crate) struct Batch {
    answers: std::vec::IntoIter<Result<Answered, tacho_store::EngineError>>,
    /// Whether they were worked out for an earlier asker.
    pub(crate) from_cache: bool,
}

impl Context<'_> {
    /// Asks some questions as of one moment.
    pub(crate) async fn ask(&self, questions: Vec<Question>) -> Result<Batch> {
        let questions = questions.into_iter().map(Ok::<_, QueryError>).collect();
        let Answers {
            answers, from_cache, ..
        } = self
            .state
            .engine
            .answer_questions(
                self.asker.scope(),
                questions,
                self.now,
                self.asker.zone(),
                self.freshness,
            )
            .await?;
        Ok(Batch {
            answers: answers.into_iter(),
            from_cache,
        })
    }

    /// Refuses a task that is not there or that the asker may not see, both alike and in the same time.
    pub(crate) async fn require_task(&self, task: &TaskId) -> Result<()> {
        let mut batch = self.ask(vec![Question::HasWorkflow(task.0.clone())]).await?;
        match batch.next()? {
            Answered::HasWorkflow(true) => Ok(()),
            _ => Err(task_not_found()),
        }
    }
}

impl Batch {
    /// The next answer.
    pub(crate) fn next(&mut self) -> Result<Answered> {
        let answer = self.answers.next().unwrap_or(Err(tacho_store::EngineError::Lost));
        Ok(answer?)
    }

    /// The next answer, which is numbers.
    pub(crate) fn next_numbers(&mut self) -> Result<Answer> {
        let answer = self.next()?.into_query();
        answer.ok_or_else(|| tacho_store::EngineError::Lost.into())
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

/// The condition that a field has one of the values.
pub(crate) fn is_one_of(field: &str, values: &[&str]) -> Filter {
    Filter::Condition(Condition {
        field: field.to_owned(),
        op: FilterOp::In,
        value: None,
        values: Some(values.iter().map(|&value| value.into()).collect()),
    })
}
