//! One failure: what goes wrong, where, and how often by time.

use jiff::tz::TimeZone;
use serde_json::Value;
use tacho_core::fault::FINGERPRINT_CHARS;
use tacho_core::time::{TimeRange, Timestamp};

use super::faults::{Faults, Order, Page};
use super::read;
use super::span::{Span, zone_of};
use super::wire::{FailureDetail, FailureParams, FailureState, WORKFLOWS_SHOWN_MAX};
use crate::answer::Answer;
use crate::dialect::{Dialect, SqlText};
use crate::error::QueryError;
use crate::granularity::Granularity;
use crate::model::names;
use crate::params::{Condition, Filter, FilterOp, QueryParams, TimeParams};
use crate::predicate::Predicate;
use crate::query::Query;
use crate::scope::Scoped;
use crate::shape::{Moment, ShapeError};
use crate::statement::{ResultSet, Statement};

/// Which failure to show, every name checked.
#[derive(Clone, Debug, PartialEq)]
pub struct FailureQuery {
    span: Span,
    filter: Predicate,
    timeline: Query,
}

impl FailureQuery {
    /// Checks a question. Pointers of errors name the parameter. `None` if no fault can have such a fingerprint.
    ///
    /// # Errors
    /// With the parameter that is wrong, and what to do about it.
    pub fn validate(
        fingerprint: &str,
        params: &FailureParams,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Option<Self>, QueryError> {
        let zone = zone_of(params.timezone.as_deref(), zone)?;
        let span = Span::resolved(params.period, params.from, params.to, now, &zone)?;
        let granularity = match params.granularity.as_deref().filter(|word| !word.is_empty()) {
            Some(word) => granularity(word)?,
            None => suiting(span.range),
        };
        if fingerprint.len() != FINGERPRINT_CHARS {
            return Ok(None);
        }
        let timeline = QueryParams {
            source: "executions".to_owned(),
            measures: ["count", "cost", "distinct_workflows"]
                .map(str::to_owned)
                .to_vec(),
            time: TimeParams {
                from: Some(span.range.start),
                to: Some(span.range.end),
                ..TimeParams::default()
            },
            granularity: Some(granularity),
            filters: vec![Filter::Condition(Condition {
                field: "error_fingerprint".to_owned(),
                op: FilterOp::Eq,
                value: Some(Value::from(fingerprint)),
                values: None,
            })],
            ..QueryParams::default()
        };
        Ok(Some(Self {
            span,
            filter: Predicate::equals("error_fingerprint", fingerprint),
            timeline: Query::validate(&timeline, now, &zone)?,
        }))
    }

    /// The range asked about, and the one before it if there is one.
    pub fn ranges(&self) -> impl Iterator<Item = TimeRange> + Clone + use<> {
        self.span.ranges()
    }

    /// The question that the timeline answers.
    pub fn timeline(&self) -> &Query {
        &self.timeline
    }
}

fn granularity(word: &str) -> Result<Granularity, QueryError> {
    let known = Granularity::ALL.map(Granularity::as_str);
    let found = Granularity::ALL.into_iter().find(|known| known.as_str() == word);
    found.ok_or_else(|| names::unknown("granularity", word, "/granularity", known.into_iter()))
}

/// Some dozens of buckets.
fn suiting(range: TimeRange) -> Granularity {
    const HOUR_US: i64 = 3_600_000_000;
    const DAY_US: i64 = 24 * HOUR_US;
    match range.micros() {
        ..=21_600_000_000 => Granularity::FiveMinutes,
        length if length <= 3 * DAY_US => Granularity::Hour,
        length if length <= 100 * DAY_US => Granularity::Day,
        length if length <= 800 * DAY_US => Granularity::Week,
        _ => Granularity::Month,
    }
}

/// The statement that answers everything but the timeline.
pub fn compile_failure(scoped: &Scoped<FailureQuery>, dialect: &dyn Dialect) -> Statement {
    let query = scoped.question();
    let faults = Faults {
        span: query.span,
        read: None,
        filter: &query.filter,
        search: None,
        visible: scoped.visible(),
        dialect,
    };
    let page = Page {
        states: &FailureState::ALL,
        order: Order::Count,
        limit: 1,
        offset: 0,
        workflows_max: WORKFLOWS_SHOWN_MAX,
    };
    let mut sql = SqlText::default();
    faults.write_page(&page, &mut sql);
    sql.into()
}

/// The failure that the result is; `None` if there is none that the asker may see.
///
/// # Errors
/// If the result is not that of [`compile_failure`].
pub fn shape_failure(
    query: &FailureQuery,
    result: &ResultSet,
    timeline: Answer,
    moment: Moment,
) -> Result<Option<FailureDetail>, ShapeError> {
    let failure = read::page(result)?.failures.pop();
    Ok(failure.map(|failure| FailureDetail {
        failure,
        timeline,
        range: query.span.range.into(),
        range_before: query.span.before.map(Into::into),
        as_of: moment.as_of,
        as_of_lsn: moment.as_of_lsn,
    }))
}

#[cfg(test)]
mod tests {
    use tacho_core::{OrganizationId, Scope};

    use super::*;
    use crate::dialect::DuckDb;
    use crate::scope::scoped;

    fn validated(fingerprint: &str, params: FailureParams) -> Result<Option<FailureQuery>, QueryError> {
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        FailureQuery::validate(fingerprint, &params, now, &TimeZone::UTC)
    }

    #[test]
    fn the_statement_is_scoped() {
        let query = validated("8f3a0c55d1e2b947", FailureParams::default())
            .unwrap()
            .unwrap();
        assert_eq!(
            query.timeline().series.as_ref().unwrap().requested,
            Granularity::Day
        );
        let scope = Scope::owned(OrganizationId::from_bytes([1; 16]), vec!["ada".into()]);
        let statement = compile_failure(&scoped(query, &scope), &DuckDb);
        assert_eq!(statement.sql.matches('?').count(), statement.params.len());
        assert_eq!(statement.sql.matches("owner_id IN (?)").count(), 2);
    }

    #[test]
    fn what_is_no_fingerprint_names_nothing_and_wrong_parameters_are_named() {
        for text in ["", "8f3a", "8f3a0c55d1e2b9470", "x".repeat(100_000).as_str()] {
            assert_eq!(validated(text, FailureParams::default()), Ok(None));
        }
        let params = FailureParams {
            granularity: Some("dya".into()),
            ..FailureParams::default()
        };
        assert_eq!(validated("", params).unwrap_err().pointer(), "/granularity");
    }
}
