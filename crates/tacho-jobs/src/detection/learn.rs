//! Finds out what is usual: each workflow's last thirty days, and what its owner says of it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tacho_analysis::detection::History;
use tacho_core::{Scope, Timestamp};
use tacho_live::{Subject, Subjects};
use tacho_query::params::LIMIT_MAX;
use tacho_query::workflows::QueueWaitsQuery;
use tacho_query::{Answer, QueryParams};
use tacho_store::{EngineError, Freshness, QueryContext, QueryEngine};

const DAYS_US: i64 = 30 * 86_400 * 1_000_000;
/// How old answers may be that somebody else has asked for.
const TOLERANCE: Duration = Duration::from_secs(300);
/// Of fewer, percentiles say nothing.
const VALUES_MIN: u64 = 20;

/// What is asked, in this order: how executions ended, how long they ran that ended by themselves, how long steps took. Of
/// executions that timed out nobody knows how long they would have run.
static QUESTIONS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let of_workflows = |source: &str, measures: Value, filters: Value| {
        json!({
            "source": source, "measures": measures, "dimensions": ["workflow"], "time": {"last": "30d"},
            "filters": filters, "limit": LIMIT_MAX
        })
    };
    let ended = json!([{"field": "status", "op": "in", "values": ["success", "failed", "timeout"]}]);
    let by_itself = json!([{"field": "status", "op": "in", "values": ["success", "failed"]}]);
    let lengths = json!(["count", "duration_median", "duration_p99"]);
    vec![
        of_workflows("executions", json!(["count", "count_success"]), ended),
        of_workflows("executions", lengths.clone(), by_itself),
        of_workflows("steps", lengths, json!([])),
    ]
});

/// What all workflows of an organization are judged by. Of more than 10,000 that have run, those that ran least are judged as
/// if they had no history.
pub(super) async fn learn(
    engine: &QueryEngine,
    scope: &Scope,
    now: Timestamp,
) -> Result<Subjects, EngineError> {
    let questions = QUESTIONS.iter().map(QueryParams::from_json).collect();
    let zone = TimeZone::UTC;
    let context = QueryContext::new(scope, &zone, now).with_freshness(Freshness::Within(TOLERANCE));
    let mut answers = engine.answer(context, questions).await?.answers.into_iter();
    let mut next = || answers.next().unwrap_or(Err(EngineError::Lost));
    let (ends, durations, steps) = (next()?, next()?, next()?);
    let since = QueueWaitsQuery {
        since: now.plus_micros(-DAYS_US),
    };
    let waits = engine.queue_waits(scope, since, now).await?;
    let declared = engine.declared_workflows(scope, now).await?;

    let mut subjects = Histories::default();
    for (workflow, [count, success]) in each(&ends) {
        let history = subjects.of(workflow);
        history.runs = count as u64;
        history.failures = (count - success) as u64;
        history.until = Some(ends.meta.as_of);
    }
    for (workflow, [count, median, p99]) in each(&durations) {
        if count as u64 >= VALUES_MIN {
            let history = subjects.of(workflow);
            (history.duration_p50_ms, history.duration_p99_ms) = (Some(median), Some(p99));
        }
    }
    for (workflow, [count, median, p99]) in each(&steps) {
        if count as u64 >= VALUES_MIN {
            let history = subjects.of(workflow);
            (history.step_p50_ms, history.step_p99_ms) = (Some(median), Some(p99));
        }
    }
    for waited in waits.iter().filter(|waited| waited.count >= VALUES_MIN) {
        subjects.of(&waited.workflow_id).queue_p99_ms = Some(waited.p99_ms);
    }
    let mut subjects = subjects.0;
    for workflow in declared {
        let subject = subjects.entry(workflow.id.into()).or_insert_with(unsaid);
        subject.name = workflow.name.map(Arc::from);
        subject.is_active = workflow.is_active;
        subject.schedule = workflow.schedule;
        subject.declared_at = Some(workflow.declared_at);
        subject.history.timeout_ms = workflow.timeout_ms;
    }
    Ok(Subjects(subjects))
}

#[derive(Default)]
struct Histories(HashMap<Arc<str>, Subject>);

impl Histories {
    fn of(&mut self, workflow: &str) -> &mut History {
        let subject = self.0.entry(workflow.into()).or_insert_with(unsaid);
        &mut subject.history
    }
}

/// That of a workflow of which nobody says anything.
fn unsaid() -> Subject {
    Subject {
        is_active: true,
        ..Subject::default()
    }
}

/// The workflows of an answer with their measures, those left out of which one is not known.
fn each<const N: usize>(answer: &Answer) -> impl Iterator<Item = (&str, [f64; N])> {
    answer.rows.iter().filter_map(|row| {
        let [workflow, _name, measures @ ..] = row.as_slice() else {
            return None;
        };
        let measures: Option<Vec<f64>> = measures.iter().map(Value::as_f64).collect();
        Some((workflow.as_str()?, measures?.try_into().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_can_be_asked() {
        for question in QUESTIONS.iter() {
            assert!(QueryParams::from_json(question).is_ok(), "{question}");
        }
    }
}
