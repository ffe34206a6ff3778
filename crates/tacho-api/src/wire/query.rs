//! Questions one by one or in batches. The question and the answer themselves have their schemas in `tacho-query`.

use serde::Serialize;
use tacho_core::Timestamp;
use tacho_query::{QueryParams, WrittenAnswer};
use tacho_store::{Answers, EngineError};
use utoipa::ToSchema;

use super::problem::Problem;
use crate::boundary::RequestNotes;

/// One question, or several that are answered as of one moment.
#[derive(ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "read by hand, so that a fault names its place")]
pub(crate) enum QueryRequest {
    Batch(BatchQuery),
    One(Box<QueryParams>),
}

/// Several questions.
#[derive(ToSchema)]
#[allow(
    dead_code,
    reason = "read by hand, so that one bad question leaves the others answered"
)]
pub(crate) struct BatchQuery {
    /// The questions, at most 50.
    #[schema(max_items = 50)]
    pub(crate) queries: Vec<QueryParams>,
}

/// The answer to one question, or to several.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum QueryAnswer {
    Batch(BatchAnswer),
    One(Box<WrittenAnswer>),
}

/// The answers to several questions, all as of one moment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct BatchAnswer {
    /// An answer or a problem per question, in their order.
    pub(crate) answers: Vec<AnswerOrProblem>,
    /// Records accepted up to about then are counted.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// Exactly: records up to this position of the journal are counted.
    pub(crate) as_of_lsn: u64,
}

impl BatchAnswer {
    /// Problems carry the id of the request that all questions came in.
    pub(crate) fn new(answers: Answers<WrittenAnswer>, notes: &RequestNotes) -> Self {
        let Answers {
            answers,
            as_of,
            as_of_lsn,
            ..
        } = answers;
        let one = |answer: Result<WrittenAnswer, EngineError>| match answer {
            Ok(answer) => AnswerOrProblem::Answer(Box::new(answer)),
            Err(error) => AnswerOrProblem::Problem(refusal(error, notes)),
        };
        Self {
            answers: answers.into_iter().map(one).collect(),
            as_of,
            as_of_lsn,
        }
    }
}

/// The problem of one question. The request as a whole is answered, so the boundary does not log it; it is logged here.
fn refusal(error: EngineError, notes: &RequestNotes) -> Problem {
    let problem = crate::problem::Problem::from(error);
    if problem.status.is_server_error() {
        tracing::error!(
            request_id = notes.id(),
            code = problem.code,
            cause = problem.cause_text(),
            "query in a batch"
        );
    }
    problem.body(notes.id())
}

/// What one question of several got.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum AnswerOrProblem {
    Answer(Box<WrittenAnswer>),
    Problem(Problem),
}
