//! Asking the query engine as one asker, at one moment.

use std::time::Duration;

use axum::http::{HeaderMap, header};
use tacho_core::Timestamp;
use tacho_query::params::{Condition, Filter, FilterOp};
use tacho_query::{Answer, QueryError};
use tacho_store::engine::HOLD;
use tacho_store::{Answered, Answers, EngineError, Freshness, QueryContext, Question};

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
        Self::within(PATIENCE, state, asker, headers)
    }

    /// The same for answers that may be so old if the request says nothing.
    pub(crate) fn within(age: Duration, state: &'a AppState, asker: &'a Asker, headers: &HeaderMap) -> Self {
        Self {
            state,
            asker,
            now: state.clock.now(),
            freshness: freshness(headers, age),
        }
    }

    /// What the engine has to know of it.
    pub(crate) fn for_engine(&self) -> QueryContext<'a> {
        QueryContext {
            scope: self.asker.scope(),
            zone: self.asker.zone(),
            now: self.now,
            freshness: self.freshness,
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
            .answer_questions(self.for_engine(), questions)
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

/// How old an answer of the procedures and reports may be if the asker does not say: PRD-010 wants data to be fresh within 30
/// seconds, and pages that refresh every few seconds to be answered from the cache.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// How old an answer may be (RFC 9111): `no-cache` asks for one that is worked out for this request, `max-age` for one that
/// lacks at most what has changed in so many seconds.
fn freshness(headers: &HeaderMap, default: Duration) -> Freshness {
    let values = headers.get_all(header::CACHE_CONTROL).iter();
    let directives = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','));
    let mut freshness = Freshness::Within(default);
    for directive in directives.map(str::trim) {
        if directive.eq_ignore_ascii_case("no-cache") || directive.eq_ignore_ascii_case("no-store") {
            return Freshness::Fresh;
        }
        let age = directive
            .split_once('=')
            .filter(|(name, _)| name.eq_ignore_ascii_case("max-age"));
        if let Some(seconds) = age.and_then(|(_, seconds)| seconds.parse().ok()) {
            freshness = match Duration::from_secs(seconds) {
                age if age < HOLD => Freshness::Fresh,
                age => Freshness::Within(age),
            };
        }
    }
    freshness
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn askers_say_how_old_an_answer_may_be() {
        let of = |value: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            if let Some(value) = value {
                headers.insert(header::CACHE_CONTROL, axum::http::HeaderValue::from_static(value));
            }
            freshness(&headers, PATIENCE)
        };
        let within = |seconds| Freshness::Within(Duration::from_secs(seconds));
        assert_eq!(of(None), Freshness::Within(PATIENCE));
        assert_eq!(of(Some("no-cache")), Freshness::Fresh);
        assert_eq!(of(Some("max-age=60, No-Cache")), Freshness::Fresh);
        assert_eq!(of(Some("max-age=0")), Freshness::Fresh);
        assert_eq!(
            [of(Some("max-age=5")), of(Some("private, Max-Age=60"))],
            [within(5), within(60)]
        );
        assert_eq!(of(Some("max-age=soon")), Freshness::Within(PATIENCE));
    }
}
