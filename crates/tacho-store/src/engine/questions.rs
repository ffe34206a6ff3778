//! What tells one batch of questions from another, and of what its answers are.

use jiff::tz::TimeZone;
use tacho_core::record::RecordType;
use tacho_core::time::{TimeRange, Timestamp};
use tacho_query::executions::ExecutionListQuery;
use tacho_query::extent::Extent;
use tacho_query::failures::{FailureListQuery, FailureQuery};
use tacho_query::holdings::Holdings;
use tacho_query::time::zone_name;
use tacho_query::{QueryError, QueryParams};

use super::question::{EVER, Question};

/// A batch of questions, as far as its answers are told apart by it.
pub(super) struct Questions {
    /// The same for the same questions, whenever they are asked: instead of "now" it has the ranges that follow from it.
    pub(super) text: String,
    /// The rows that are asked about: of which types, in which ranges.
    pub(super) ranges: Vec<(RecordType, TimeRange)>,
}

/// Whether the answers to a batch may be kept: not if a question could not be read, and not if one asks how it is answered.
pub(super) fn may_be_kept(questions: &[Result<Question, QueryError>]) -> bool {
    let may = |question: &Question| !matches!(question, Question::Query(params) if params.explain);
    questions.iter().all(|question| question.as_ref().is_ok_and(may))
}

impl Questions {
    /// Those of a batch. `zone` is that of the asker, and relative ranges end at `now`. `holdings` is what is known of the
    /// store: how its cells are cut, and since when there are rows, before which nothing is known instead of 0.
    pub(super) fn of(
        questions: &[Result<Question, QueryError>],
        now: Timestamp,
        zone: &TimeZone,
        holdings: &Holdings,
    ) -> Option<Self> {
        let mut batch = Self {
            text: format!("{} {}", zone_name(zone), zone_name(&holdings.zone)),
            ranges: Vec::new(),
        };
        for question in questions {
            let question = question.as_ref().ok()?;
            batch.text.push('\n');
            batch.text.push_str(&serde_json::to_string(question).ok()?);
            match question {
                Question::Query(params) => batch.add_query(params, now, zone, holdings),
                Question::Executions(params) => match ExecutionListQuery::validate(params, now, zone) {
                    Ok(query) => batch.add(RecordType::Execution, query.range().unwrap_or(EVER)),
                    Err(_) => batch.add_misunderstood(),
                },
                Question::Failures(params) => match FailureListQuery::validate(params, now, zone) {
                    Ok(query) => batch.add_failures(query.ranges(), holdings),
                    Err(_) => batch.add_misunderstood(),
                },
                Question::Failure(fingerprint, params) => {
                    match FailureQuery::validate(fingerprint, params, now, zone) {
                        Ok(Some(query)) => batch.add_failures(query.ranges(), holdings),
                        Ok(None) | Err(_) => batch.add_misunderstood(),
                    }
                }
                Question::Workflows(_)
                | Question::Workflow(_)
                | Question::ScheduledRuns(_)
                | Question::HasWorkflow(_) => batch.add(RecordType::Execution, EVER),
            }
        }
        Some(batch)
    }

    fn add_query(&mut self, params: &QueryParams, now: Timestamp, zone: &TimeZone, holdings: &Holdings) {
        let Ok(extent) = Extent::of(params, now, zone) else {
            return self.add_misunderstood();
        };
        let record_type = extent.source.record_type;
        for range in extent.ranges() {
            self.add(record_type, range);
        }
        self.add_since(record_type, extent.ranges(), holdings);
    }

    /// When a fault was seen first and last is of all time.
    fn add_failures(&mut self, ranges: impl Iterator<Item = TimeRange> + Clone, holdings: &Holdings) {
        for range in ranges.clone().chain([EVER]) {
            self.add(RecordType::Execution, range);
        }
        self.add_since(RecordType::Execution, ranges, holdings);
    }

    /// Since when there are rows, where one of the ranges begins before.
    fn add_since(
        &mut self,
        record_type: RecordType,
        ranges: impl Iterator<Item = TimeRange>,
        holdings: &Holdings,
    ) {
        let first = ranges.map(|range| range.start).min();
        let since = holdings.since(record_type);
        if let Some(since) = since.filter(|since| first.is_some_and(|first| *since > first)) {
            self.text.push_str(&format!(" since {}", since.as_micros()));
        }
    }

    fn add(&mut self, record_type: RecordType, range: TimeRange) {
        let (start, end) = (range.start.as_micros(), range.end.as_micros());
        self.text.push_str(&format!(" {start}-{end}"));
        self.ranges.push((record_type, range));
    }

    /// What cannot be understood gets the same error each time, whatever is recorded.
    fn add_misunderstood(&mut self) {
        self.text.push_str(" !");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::{Value, json};

    use super::*;

    fn text(question: Value, now: &str, since: &str) -> String {
        let day = since.parse().unwrap();
        let holdings = Holdings {
            days: HashMap::from([(RecordType::Cost, vec![(day, 1)])]),
            ..Holdings::default()
        };
        let questions = Questions::of(
            &[read(&question)],
            now.parse().unwrap(),
            &TimeZone::UTC,
            &holdings,
        );
        questions.unwrap().text
    }

    fn read(question: &Value) -> Result<Question, QueryError> {
        QueryParams::from_json(question).map(Question::from)
    }

    const MORNING: &str = "2026-11-22T08:00:00Z";
    const EVENING: &str = "2026-11-22T20:00:00Z";

    fn costs(time: Value) -> Value {
        json!({ "source": "costs", "measures": ["count"], "time": time })
    }

    #[test]
    fn only_ranges_that_follow_from_now_are_told_apart_by_it() {
        let since = "2020-01-01T00:00:00Z";
        let is_same = |question: &Value| {
            let [morning, evening] = [MORNING, EVENING].map(|now| text(question.clone(), now, since));
            morning == evening
        };
        let from = "2026-11-01T00:00:00Z";
        assert!(is_same(&costs(json!({ "from": from, "to": MORNING }))));
        assert!(!is_same(&costs(json!({ "from": from }))));
        assert!(!is_same(&costs(json!({ "last": "30d" }))));
        // Refused in the morning, for it begins in the future.
        assert!(!is_same(&costs(json!({ "from": "2026-11-22T12:00:00Z" }))));
        assert!(is_same(&costs(json!({ "from": EVENING, "to": MORNING }))));
        let mut unknown = costs(json!({ "last": "30d" }));
        unknown["source"] = json!("nonsense");
        assert!(is_same(&unknown));
    }

    #[test]
    fn since_when_there_are_rows_matters_to_ranges_that_begin_before() {
        let question = costs(json!({ "from": "2026-03-01T00:00:00Z", "to": "2026-04-01T00:00:00Z" }));
        let since = |since: &str| text(question.clone(), MORNING, since);
        assert_eq!(since("2025-01-01T00:00:00Z"), since("2026-03-01T00:00:00Z"));
        assert_ne!(since("2025-01-01T00:00:00Z"), since("2026-03-02T00:00:00Z"));
        assert_ne!(since("2026-03-03T00:00:00Z"), since("2026-03-02T00:00:00Z"));
    }

    #[test]
    fn what_was_not_read_and_what_is_explained_is_not_kept() {
        let mut explained = costs(json!({ "last": "30d" }));
        assert!(may_be_kept(&[read(&explained)]));
        assert!(!may_be_kept(&[read(&explained), read(&json!({}))]));
        explained["explain"] = json!(true);
        assert!(!may_be_kept(&[read(&explained)]));
    }
}
