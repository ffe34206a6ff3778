//! One event per question, however it was asked and however it ended, and the figures made of them. Who asked on which
//! request is told by the span around it.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use tacho_core::OrganizationId;
use tacho_query::QueryError;
use tacho_query::answer::{Meta, ServedBy};
use tacho_query::model::SOURCES;

use super::found::Form;
use super::{Answers, EngineError, Question};
use crate::StoreError;

/// Organizations that are remembered as having asked.
const RECENT_MAX: usize = 3;

/// What kind of question it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// For numbers.
    Query,
    /// For a page of executions.
    List,
    /// For one execution.
    Detail,
    /// For what goes wrong.
    Failures,
    /// How workflows are.
    Workflows,
    /// How a workflow is.
    Workflow,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Kind::Query => "query",
            Kind::List => "list",
            Kind::Detail => "detail",
            Kind::Failures => "failures",
            Kind::Workflows => "workflows",
            Kind::Workflow => "workflow",
        }
    }
}

/// What is told of a question before it is answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    kind: Kind,
    /// A name of the semantic model: what senders make up must not become a label.
    source: &'static str,
    measures: usize,
}

impl Asked {
    /// A question, if it could be read.
    pub(super) fn of(question: &Result<Question, QueryError>) -> Self {
        let known = |name: &str| SOURCES.iter().find(|source| source.name == name);
        let (source, measures) = match question {
            Ok(Question::Query(params)) => (known(&params.source), params.measures.len()),
            Ok(Question::Executions(_)) => return Self::executions(Kind::List),
            Ok(Question::Failures(_) | Question::Failure(..)) => return Self::executions(Kind::Failures),
            Ok(Question::Workflows(_)) => return Self::executions(Kind::Workflows),
            Ok(Question::Workflow(_) | Question::ScheduledRuns(_) | Question::HasWorkflow(_)) => {
                return Self::executions(Kind::Workflow);
            }
            Err(_) => (None, 0),
        };
        Self {
            kind: Kind::Query,
            source: source.map_or("unknown", |source| source.name),
            measures,
        }
    }

    /// A question for executions.
    pub(super) const fn executions(kind: Kind) -> Self {
        Self {
            kind,
            source: "executions",
            measures: 0,
        }
    }

    /// Tells how it ended. `meta` is that of its answer, `elapsed_ms` counts if there is none.
    pub(super) fn tell(
        self,
        organization: OrganizationId,
        outcome: Result<Option<&Meta>, &EngineError>,
        elapsed_ms: f64,
    ) {
        let meta = outcome.ok().flatten();
        let (word, error) = match outcome {
            Ok(_) => ("ok", None),
            Err(error) => (error.outcome(), Some(error.to_string())),
        };
        let elapsed_ms = meta.map_or(elapsed_ms, |meta| meta.elapsed_ms);
        let from_cache = meta.is_some_and(|meta| meta.from_cache);
        tracing::info!(
            target: "tacho::query",
            %organization,
            kind = self.kind.as_str(),
            source = self.source,
            measures = self.measures,
            from = meta.map(|meta| meta.from.to_string()),
            to = meta.map(|meta| meta.to.to_string()),
            served_by = meta.map(|meta| match meta.served_by {
                ServedBy::Raw => "raw",
                ServedBy::Rollup => "rollup",
            }),
            rows_read = meta.and_then(|meta| meta.rows_read),
            from_cache,
            elapsed_ms,
            outcome = word,
            error,
            "query"
        );
        let (kind, source) = (self.kind.as_str(), self.source);
        metrics::counter!("tacho_queries_total", "kind" => kind, "source" => source, "outcome" => word)
            .increment(1);
        let from_cache = if from_cache { "true" } else { "false" };
        metrics::histogram!("tacho_query_seconds", "kind" => kind, "source" => source, "from_cache" => from_cache)
            .record(elapsed_ms / 1000.0);
    }
}

/// Tells how each question of a batch ended.
pub(super) fn tell_all<F: Form>(
    organization: OrganizationId,
    asked: &[Asked],
    answers: &Result<Answers<F>, EngineError>,
    elapsed_ms: f64,
) {
    for (place, asked) in asked.iter().enumerate() {
        let outcome = match answers {
            Ok(answers) => answers
                .answers
                .get(place)
                .map_or(Err(&EngineError::Lost), |answer| answer.as_ref().map(Form::meta)),
            Err(error) => Err(error),
        };
        asked.tell(organization, outcome, elapsed_ms);
    }
}

impl EngineError {
    /// How the question ended, in a word that stays the same.
    pub fn outcome(&self) -> &'static str {
        match self {
            EngineError::Query(error) => error.code(),
            EngineError::TooManyQueries(_) => "too_many_queries",
            EngineError::AnswerTooLarge { .. } => "answer_too_large",
            EngineError::Overloaded { .. } => "overloaded",
            EngineError::Store(error) => match &**error {
                StoreError::TimedOut(_) => "timed_out",
                StoreError::OutOfMemory => "out_of_memory",
                StoreError::Unavailable(_) => "store_unavailable",
                StoreError::Stopped => "stopped",
                StoreError::Damaged(_) | StoreError::Engine(_) => "store_failed",
            },
            EngineError::Shape(_) | EngineError::Lost => "internal",
        }
    }
}

/// The organizations that asked last.
#[derive(Debug, Default)]
pub(super) struct RecentlyAsked(Mutex<VecDeque<OrganizationId>>);

impl RecentlyAsked {
    pub(super) fn note(&self, organization: OrganizationId) {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.front() == Some(&organization) {
            return;
        }
        recent.retain(|other| *other != organization);
        recent.push_front(organization);
        recent.truncate(RECENT_MAX);
    }

    pub(super) fn list(&self) -> Vec<OrganizationId> {
        let recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        recent.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use tacho_query::QueryParams;

    use super::*;

    #[test]
    fn the_last_who_asked_are_remembered() {
        let [a, b, c, d] = [1, 2, 3, 4].map(|number| OrganizationId::from_bytes([number; 16]));
        let recent = RecentlyAsked::default();
        for organization in [a, b, c, a, a, d] {
            recent.note(organization);
        }
        assert_eq!(recent.list(), [d, a, c]);
    }

    #[test]
    fn no_made_up_source_becomes_a_label() {
        let params = QueryParams {
            source: "made up".to_owned(),
            ..QueryParams::default()
        };
        assert_eq!(Asked::of(&Ok(params.into())).source, "unknown");
    }
}
