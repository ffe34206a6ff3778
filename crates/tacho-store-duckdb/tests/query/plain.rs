//! The same answers computed plainly, sharing nothing with the engine but the wire's types and the periods.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil;
use jiff::tz::TimeZone;
use serde_json::Value;
use tacho_core::time::{TimeRange, Timestamp};
use tacho_query::log_buckets::lower_bound;
use tacho_query::params::{Condition, Direction, Filter, FilterOp, Order};
use tacho_query::{Granularity, QueryParams};

use crate::fixture::{Run, Workflow};

/// Every measure of executions.
pub const MEASURES: [&str; 18] = [
    "count",
    "count_queued",
    "count_running",
    "count_success",
    "count_failed",
    "count_timeout",
    "count_cancelled",
    "success_rate",
    "failure_rate",
    "duration_avg",
    "duration_min",
    "duration_max",
    "duration_median",
    "duration_p95",
    "duration_p99",
    "cost",
    "credits",
    "distinct_users",
];

/// What a member sees.
pub(crate) fn is_visible(run: &Run, workflows: &[Workflow], subjects: Option<&[String]>) -> bool {
    let Some(subjects) = subjects else { return true };
    match &run.workflow {
        None => run.user.as_ref().is_some_and(|user| subjects.contains(user)),
        Some(id) => workflows.iter().any(|workflow| {
            workflow.id == *id
                && workflow
                    .owner
                    .as_ref()
                    .is_some_and(|owner| subjects.contains(owner))
        }),
    }
}

enum Field<'a> {
    Text(Option<&'a str>),
    Number(Option<f64>),
}

fn field<'a>(run: &'a Run, name: &str) -> Field<'a> {
    match name {
        "id" => Field::Text(Some(&run.id)),
        "workflow" => Field::Text(run.workflow.as_deref()),
        "version" => Field::Text(run.version.as_deref()),
        "status" => Field::Text(Some(run.status)),
        "trigger_type" => Field::Text(run.trigger),
        "user" => Field::Text(run.user.as_deref()),
        "error_type" => Field::Text(run.error_type.as_deref()),
        "error_message" => Field::Text(run.error_message.as_deref()),
        "duration" => Field::Number(run.ended_duration().map(|value| value as f64)),
        "cost" => Field::Number(run.cost_micros.map(|value| value as f64 / 1e6)),
        "credits" => Field::Number(run.credits_millis.map(|value| value as f64 / 1e3)),
        other => panic!("{other}"),
    }
}

/// The value of a dimension. Numbers have as many digits, so that their texts are in their order.
fn text_of(run: &Run, name: &str, workflows: &[Workflow], zone: &TimeZone) -> Option<String> {
    let local = || Timestamp::from_micros(run.at).to_jiff().to_zoned(zone.clone());
    match name {
        "hour_of_day" => return Some(format!("{:02}", local().hour())),
        "weekday" => return Some(format!("{:02}", local().weekday().to_monday_one_offset())),
        "tags.e/n~v" => return run.tag.clone(),
        "duration_bucket" => {
            let bound = lower_bound(run.ended_duration()?.unsigned_abs());
            return Some(format!("{bound:020}"));
        }
        "workflow_owner" => {
            let known = workflows
                .iter()
                .find(|workflow| Some(&workflow.id) == run.workflow.as_ref());
            return known.and_then(|workflow| workflow.owner.clone());
        }
        _ => {}
    }
    match field(run, name) {
        Field::Text(text) => text.map(str::to_owned),
        Field::Number(_) => panic!("{name}"),
    }
}

pub(crate) fn holds(filter: &Filter, run: &Run) -> bool {
    match filter {
        Filter::And(all) => all.iter().all(|filter| holds(filter, run)),
        Filter::Or(any) => any.iter().any(|filter| holds(filter, run)),
        Filter::Not(inner) => !holds(inner, run),
        Filter::Condition(condition) => condition_holds(condition, run),
    }
}

fn condition_holds(condition: &Condition, run: &Run) -> bool {
    let is = |value: &Value| match field(run, &condition.field) {
        Field::Text(text) => text.is_some_and(|text| value == text),
        Field::Number(number) => number.is_some() && number == value.as_f64(),
    };
    let ordering = || match (field(run, &condition.field), &condition.value) {
        (Field::Number(Some(number)), Some(value)) => number.partial_cmp(&value.as_f64().unwrap()),
        _ => None,
    };
    let value = || condition.value.as_ref().unwrap();
    let values = || condition.values.as_ref().unwrap();
    let is_known = match field(run, &condition.field) {
        Field::Text(text) => text.is_some(),
        Field::Number(number) => number.is_some(),
    };
    match condition.op {
        FilterOp::Eq => is(value()),
        FilterOp::Ne => !is(value()),
        FilterOp::In => values().iter().any(is),
        FilterOp::NotIn => !values().iter().any(is),
        FilterOp::Lt => ordering() == Some(Ordering::Less),
        FilterOp::Lte => matches!(ordering(), Some(Ordering::Less | Ordering::Equal)),
        FilterOp::Gt => ordering() == Some(Ordering::Greater),
        FilterOp::Gte => matches!(ordering(), Some(Ordering::Greater | Ordering::Equal)),
        FilterOp::Contains => {
            let part = value().as_str().unwrap().to_lowercase();
            matches!(field(run, &condition.field), Field::Text(Some(text)) if text.to_lowercase().contains(&part))
        }
        FilterOp::Between => {
            let bound = |at: usize| values()[at].as_f64().unwrap();
            matches!(field(run, &condition.field), Field::Number(Some(number)) if (bound(0)..=bound(1)).contains(&number))
        }
        FilterOp::StartsWith => {
            let start = value().as_str().unwrap();
            matches!(field(run, &condition.field), Field::Text(Some(text)) if text.starts_with(start))
        }
        FilterOp::Matches => {
            let pattern = regex::Regex::new(value().as_str().unwrap()).unwrap();
            matches!(field(run, &condition.field), Field::Text(Some(text)) if pattern.is_match(text))
        }
        FilterOp::IsNull => !is_known,
        FilterOp::IsNotNull => is_known,
    }
}

/// A measure of some runs.
pub(crate) fn measure(name: &str, runs: &[&Run]) -> Value {
    let count = |statuses: &[&str]| runs.iter().filter(|run| statuses.contains(&run.status)).count();
    let percent = |part: usize| {
        let judged = count(&["success", "failed", "timeout"]);
        if judged == 0 {
            Value::Null
        } else {
            Value::from(part as f64 * 100.0 / judged as f64)
        }
    };
    let mut durations: Vec<i64> = runs.iter().filter_map(|run| run.ended_duration()).collect();
    durations.sort_unstable();
    let quantile = |share: f64| {
        let Some(last) = durations.len().checked_sub(1) else {
            return Value::Null;
        };
        let position = last as f64 * share;
        let (low, high) = (
            durations[position.floor() as usize] as f64,
            durations[position.ceil() as usize] as f64,
        );
        Value::from(low + (high - low) * position.fract())
    };
    let sum = |value: fn(&Run) -> Option<i64>| -> i128 {
        runs.iter().filter_map(|run| value(run)).map(i128::from).sum()
    };
    match name {
        "count" => Value::from(runs.len()),
        "count_queued" => Value::from(count(&["queued"])),
        "count_running" => Value::from(count(&["running"])),
        "count_success" => Value::from(count(&["success"])),
        "count_failed" => Value::from(count(&["failed"])),
        "count_timeout" => Value::from(count(&["timeout"])),
        "count_cancelled" => Value::from(count(&["cancelled"])),
        "success_rate" => percent(count(&["success"])),
        "failure_rate" => percent(count(&["failed", "timeout"])),
        "duration_avg" if durations.is_empty() => Value::Null,
        "duration_avg" => Value::from(durations.iter().sum::<i64>() as f64 / durations.len() as f64),
        "duration_min" => durations.first().copied().into(),
        "duration_max" => durations.last().copied().into(),
        "duration_median" => quantile(0.5),
        "duration_p95" => quantile(0.95),
        "duration_p99" => quantile(0.99),
        "cost" => Value::from(sum(|run| run.cost_micros) as f64 / 1e6),
        "distinct_users" => {
            let users: BTreeSet<&String> = runs.iter().filter_map(|run| run.user.as_ref()).collect();
            Value::from(users.len())
        }
        "credits" => Value::from(sum(|run| run.credits_millis) as f64 / 1e3),
        other => panic!("{other}"),
    }
}

/// The bucket of an instant by jiff's calendar: local time cut to the granularity, and for the finer ones the offset.
pub(crate) fn bucket(
    instant: Timestamp,
    granularity: Granularity,
    zone: &TimeZone,
) -> (civil::DateTime, i32) {
    let zoned = instant.to_jiff().to_zoned(zone.clone());
    let (date, time) = (zoned.date(), zoned.time());
    let first = |date: civil::Date| (date.at(0, 0, 0, 0), 0);
    match granularity {
        Granularity::Minute => (
            date.at(time.hour(), time.minute(), 0, 0),
            zoned.offset().seconds(),
        ),
        Granularity::FiveMinutes => (
            date.at(time.hour(), time.minute() / 5 * 5, 0, 0),
            zoned.offset().seconds(),
        ),
        Granularity::QuarterHour => (
            date.at(time.hour(), time.minute() / 15 * 15, 0, 0),
            zoned.offset().seconds(),
        ),
        Granularity::Hour => (date.at(time.hour(), 0, 0, 0), zoned.offset().seconds()),
        Granularity::Day => first(date),
        Granularity::Week => {
            let mut monday = date;
            while monday.weekday() != civil::Weekday::Monday {
                monday = monday.yesterday().unwrap();
            }
            first(monday)
        }
        Granularity::Month => first(date.first_of_month()),
        Granularity::Quarter => first(civil::date(
            date.year(),
            [1, 4, 7, 10][(date.month() as usize - 1) / 3],
            1,
        )),
        Granularity::Year => first(date.first_of_year()),
    }
}

/// Groups in the order asked for, each with its runs.
pub(crate) fn groups<'a>(
    params: &QueryParams,
    runs: &[&'a Run],
    workflows: &[Workflow],
) -> Vec<(Vec<Option<String>>, Vec<&'a Run>)> {
    let zone = TimeZone::get(params.timezone.as_deref().unwrap_or("UTC")).unwrap();
    let mut groups: BTreeMap<Vec<Option<String>>, Vec<&Run>> = BTreeMap::new();
    for run in runs {
        let key = params
            .dimensions
            .iter()
            .map(|name| text_of(run, name, workflows, &zone))
            .collect();
        groups.entry(key).or_default().push(run);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    let nulls_last =
        |a: Ordering, a_is_null: bool, b_is_null: bool, descending: bool| match (a_is_null, b_is_null) {
            (false, false) if descending => a.reverse(),
            (false, false) => a,
            _ => a_is_null.cmp(&b_is_null),
        };
    groups.sort_by(|a, b| {
        let default = [Order {
            by: params.measures[0].clone(),
            direction: Some(Direction::Desc),
        }];
        let named: Vec<&Order> = params.order.iter().filter(|order| order.by != "time").collect();
        let named = if named.is_empty() {
            default.iter().collect()
        } else {
            named
        };
        let mut ordering = Ordering::Equal;
        for Order { by, direction } in named {
            ordering = ordering.then_with(|| match params.dimensions.iter().position(|name| name == by) {
                Some(position) => {
                    let (a, b) = (&a.0[position], &b.0[position]);
                    nulls_last(
                        a.cmp(b),
                        a.is_none(),
                        b.is_none(),
                        *direction == Some(Direction::Desc),
                    )
                }
                None => {
                    let (a, b) = (measure(by, &a.1).as_f64(), measure(by, &b.1).as_f64());
                    let ordering = a.partial_cmp(&b).unwrap();
                    nulls_last(
                        ordering,
                        a.is_none(),
                        b.is_none(),
                        *direction != Some(Direction::Asc),
                    )
                }
            });
        }
        for position in 0..params.dimensions.len() {
            let (a, b) = (&a.0[position], &b.0[position]);
            ordering = ordering.then_with(|| nulls_last(a.cmp(b), a.is_none(), b.is_none(), false));
        }
        ordering
    });
    groups
}

pub(crate) fn in_range(run: &Run, range: TimeRange) -> bool {
    range.contains(Timestamp::from_micros(run.at))
}

/// Numbers that agree but for the last digits of their binary fractions, or the same otherwise.
pub(crate) fn agree(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()),
        _ => a == b,
    }
}

/// The same, or as near as the answer says.
pub(crate) fn agree_about(a: &Value, b: &Value, error: f64) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= error * b.abs() + 1e-9,
        _ => a == b,
    }
}
