//! Asking the query engine as one asker, at one moment.

use axum::http::{HeaderMap, HeaderValue, header};
use tacho_core::Timestamp;
use tacho_query::params::{Condition, Filter, FilterOp};
use tacho_query::{Answer, QueryError};
use tacho_store::{Answered, Answers, EngineError, Freshness, Question};

use crate::AppState;
use crate::auth::Asker;
use crate::problem::Result;

/// Who asks, when, and whom.
pub(crate) struct Context<'a> {
    pub(crate) state: &'a AppState,
    pub(crate) asker: &'a Asker,
    pub(crate) now: Timestamp,
    pub(crate) freshness: Freshness,
}

/// The answers to a batch, taken one after the other.
pub(crate) struct Batch {
    answers: std::vec::IntoIter<Result<Answered, EngineError>>,
    /// Whether they were worked out for an earlier asker.
    pub(crate) from_cache: bool,
}

impl<'a> Context<'a> {
    /// That of a request; it says in its headers whether kept answers will do.
    pub(crate) fn new(state: &'a AppState, asker: &'a Asker, headers: &HeaderMap) -> Self {
        Self {
            state,
            asker,
            now: state.clock.now(),
            freshness: freshness(headers),
        }
    }

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

    /// Whether there is a workflow that the asker may see. Asked first and alone, it takes the same time to find somebody
    /// else's as to find none.
    pub(crate) async fn has_workflow(&self, id: &str) -> Result<bool> {
        let mut batch = self.ask(vec![Question::HasWorkflow(id.to_owned())]).await?;
        Ok(matches!(batch.next()?, Answered::HasWorkflow(true)))
    }
}

impl Batch {
    /// The next answer.
    pub(crate) fn next(&mut self) -> Result<Answered> {
        let answer = self.answers.next().unwrap_or(Err(EngineError::Lost));
        Ok(answer?)
    }

    /// The next answer, which is numbers.
    pub(crate) fn next_numbers(&mut self) -> Result<Answer> {
        let answer = self.next()?.into_query();
        answer.ok_or_else(|| EngineError::Lost.into())
    }
}

/// Whether the asker wants to have the answer worked out for this request.
pub(crate) fn freshness(headers: &HeaderMap) -> Freshness {
    let asks = |value: &HeaderValue| value.to_str().is_ok_and(|text| text.contains("no-cache"));
    match headers.get_all(header::CACHE_CONTROL).iter().any(asks) {
        true => Freshness::Fresh,
        false => Freshness::Kept,
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
