//! From the filters of a question to a [`Predicate`]: fields looked up, values checked against what a field can hold.

use serde_json::Value;
use tacho_core::money::{Decimals, format_scaled, parse_scaled};

use crate::error::QueryError;
use crate::model::names::unknown;
use crate::model::{Calendar, Kind, Source, Term, names};
use crate::operand::Operand;
use crate::params::{
    Condition, FILTER_CLOCK_CHANGES_MAX, FILTER_DEPTH_MAX, FILTER_LEAVES_MAX, FILTER_TEXT_BYTES_MAX,
    FILTER_VALUES_MAX, Filter, FilterOp,
};
use crate::pattern;
use crate::predicate::{Comparison, Predicate};
use crate::statement::Param;

/// The predicate that all filters together are.
///
/// # Errors
/// If a field does not exist or does not take the comparison or the value, or if there is too much of anything.
pub(crate) fn compile_filters(
    source: &'static Source,
    filters: &[Filter],
    calendar: &Calendar,
    pointer: &str,
) -> Result<Predicate, QueryError> {
    let mut count = Count::default();
    let parts = filters
        .iter()
        .enumerate()
        .map(|(at, filter)| {
            let pointer = format!("{pointer}/{at}");
            compile(source, calendar, filter, &pointer, 1, &mut count)
        })
        .collect::<Result<_, _>>()?;
    Ok(Predicate::All(parts))
}

/// What the filters of a question have in all.
#[derive(Default)]
struct Count {
    leaves: usize,
    clock_changes: usize,
}

impl Count {
    fn add_leaf(&mut self, pointer: &str) -> Result<(), QueryError> {
        self.leaves += 1;
        within(self.leaves, FILTER_LEAVES_MAX, "filters", pointer)
    }

    /// Each condition by the clock on the wall is written with every change of that clock.
    fn add_clock(&mut self, field: &Term, pointer: &str) -> Result<(), QueryError> {
        if let Operand::Local(_, segments) = &field.operand {
            self.clock_changes += segments.len();
        }
        let what = "changes of the clock in filters by hour or weekday";
        within(self.clock_changes, FILTER_CLOCK_CHANGES_MAX, what, pointer)
    }
}

fn within(found: usize, max: usize, what: &'static str, pointer: &str) -> Result<(), QueryError> {
    if found > max {
        return Err(QueryError::TooMany {
            pointer: pointer.to_owned(),
            what,
            found,
            max,
        });
    }
    Ok(())
}

fn compile(
    source: &'static Source,
    calendar: &Calendar,
    filter: &Filter,
    pointer: &str,
    depth: usize,
    count: &mut Count,
) -> Result<Predicate, QueryError> {
    within(depth, FILTER_DEPTH_MAX, "levels of filters", pointer)?;
    let mut list = |filters: &[Filter], word: &str| {
        if filters.is_empty() {
            return Err(invalid(
                pointer,
                format!("an empty \"{word}\" says nothing; put a filter into it"),
            ));
        }
        filters
            .iter()
            .enumerate()
            .map(|(at, filter)| {
                compile(
                    source,
                    calendar,
                    filter,
                    &format!("{pointer}/{word}/{at}"),
                    depth + 1,
                    count,
                )
            })
            .collect()
    };
    match filter {
        Filter::And(all) => list(all, "and").map(Predicate::All),
        Filter::Or(any) => list(any, "or").map(Predicate::Any),
        Filter::Not(inner) => {
            let pointer = format!("{pointer}/not");
            let inner = compile(source, calendar, inner, &pointer, depth + 1, count)?;
            Ok(Predicate::Not(Box::new(inner)))
        }
        Filter::Condition(condition) => {
            count.add_leaf(pointer)?;
            compile_condition(source, calendar, condition, pointer, count)
        }
    }
}

fn compile_condition(
    source: &'static Source,
    calendar: &Calendar,
    condition: &Condition,
    pointer: &str,
    count: &mut Count,
) -> Result<Predicate, QueryError> {
    let field = &names::field(source, &condition.field, &format!("{pointer}/field"), calendar)?;
    count.add_clock(field, pointer)?;
    let op = condition.op;
    if !field.kind.ops().contains(&op) {
        return Err(QueryError::UnsupportedOp {
            pointer: format!("{pointer}/op"),
            field: field.name.to_string(),
            op,
            known: field.kind.ops(),
        });
    }
    let column = field.operand.clone();
    let compare = |comparison| {
        one_value(condition, field, pointer).map(|value| Predicate::Compare {
            column: field.operand.clone(),
            comparison,
            value,
        })
    };
    match op {
        FilterOp::Eq => compare(Comparison::Equals),
        FilterOp::Ne => compare(Comparison::Differs),
        FilterOp::Lt => compare(Comparison::Less),
        FilterOp::Lte => compare(Comparison::AtMost),
        FilterOp::Gt => compare(Comparison::Greater),
        FilterOp::Gte => compare(Comparison::AtLeast),
        FilterOp::In => {
            many_values(condition, field, pointer).map(|values| Predicate::OneOf { column, values })
        }
        FilterOp::NotIn => {
            many_values(condition, field, pointer).map(|values| Predicate::NoneOf { column, values })
        }
        FilterOp::Between => match many_values(condition, field, pointer)?.as_slice() {
            [least, greatest] => {
                let compare = |comparison, value: &Param| Predicate::Compare {
                    column: column.clone(),
                    comparison,
                    value: value.clone(),
                };
                Ok(Predicate::All(vec![
                    compare(Comparison::AtLeast, least),
                    compare(Comparison::AtMost, greatest),
                ]))
            }
            _ => Err(invalid(
                &format!("{pointer}/values"),
                "\"between\" takes two values, the least and the greatest".to_owned(),
            )),
        },
        FilterOp::StartsWith => match one_value(condition, field, pointer)? {
            Param::Text(text) => Ok(Predicate::StartsWith { column, text }),
            _ => Err(invalid(
                &format!("{pointer}/value"),
                "\"starts_with\" takes a text".to_owned(),
            )),
        },
        FilterOp::Matches => {
            let at = format!("{pointer}/value");
            match one_value(condition, field, pointer)? {
                Param::Text(pattern) => match pattern::check(&pattern) {
                    Ok(()) => Ok(Predicate::Matches { column, pattern }),
                    Err(reason) => Err(invalid(&at, reason)),
                },
                _ => Err(invalid(&at, "\"matches\" takes a regular expression".to_owned())),
            }
        }
        FilterOp::Contains => match one_value(condition, field, pointer)? {
            Param::Text(text) => Ok(Predicate::Contains {
                columns: vec![column],
                text,
            }),
            _ => Err(invalid(
                &format!("{pointer}/value"),
                "\"contains\" takes a text".to_owned(),
            )),
        },
        FilterOp::IsNull | FilterOp::IsNotNull => {
            if condition.value.is_some() || condition.values.is_some() {
                return Err(invalid(
                    pointer,
                    format!("\"{}\" takes no value; leave it out", op.as_str()),
                ));
            }
            Ok(match op {
                FilterOp::IsNull => Predicate::IsNull(column),
                _ => Predicate::IsNotNull(column),
            })
        }
    }
}

fn one_value(condition: &Condition, field: &Term, pointer: &str) -> Result<Param, QueryError> {
    match (&condition.value, &condition.values) {
        (Some(value), None) => checked(value, field, &format!("{pointer}/value")),
        _ => Err(invalid(
            pointer,
            format!(
                "\"{}\" takes one \"value\" that is not null; for \"not known\" there is \"is_null\"",
                condition.op.as_str()
            ),
        )),
    }
}

fn many_values(condition: &Condition, field: &Term, pointer: &str) -> Result<Vec<Param>, QueryError> {
    let values = match (&condition.value, &condition.values) {
        (None, Some(values)) if !values.is_empty() => values,
        _ => {
            let op = condition.op.as_str();
            return Err(invalid(
                pointer,
                format!("\"{op}\" takes \"values\", a list of at least one"),
            ));
        }
    };
    within(
        values.len(),
        FILTER_VALUES_MAX,
        "values",
        &format!("{pointer}/values"),
    )?;
    values
        .iter()
        .enumerate()
        .map(|(at, value)| checked(value, field, &format!("{pointer}/values/{at}")))
        .collect()
}

fn checked(value: &Value, field: &Term, pointer: &str) -> Result<Param, QueryError> {
    match (field.kind, value) {
        (Kind::Text, Value::String(text)) if text.len() > FILTER_TEXT_BYTES_MAX => Err(invalid(
            pointer,
            format!(
                "a text may have {FILTER_TEXT_BYTES_MAX} bytes; this one has {}",
                text.len()
            ),
        )),
        (Kind::Text, Value::String(text)) => Ok(Param::Text(text.clone())),
        (Kind::Word(words), Value::String(text)) if words.contains(&text.as_str()) => {
            Ok(Param::Text(text.clone()))
        }
        (Kind::Word(words), Value::String(text)) => Err(unknown(
            "value of this field",
            text,
            pointer,
            words.iter().copied(),
        )),
        (Kind::Number { per_unit, .. }, Value::Number(number)) => {
            scaled(number, per_unit).ok_or_else(|| invalid(pointer, format!("{number} is out of range")))
        }
        (Kind::Float { .. }, Value::Number(number)) => number
            .as_f64()
            .map(Param::Float)
            .ok_or_else(|| invalid(pointer, format!("{number} is out of range"))),
        (Kind::Flag, Value::Bool(value)) => Ok(Param::Bool(*value)),
        (Kind::Flag, _) => Err(invalid(
            pointer,
            format!("{} is compared with true or false", field.name),
        )),
        (Kind::Text | Kind::Word(_), _) => Err(invalid(
            pointer,
            format!("{} is compared with a text", field.name),
        )),
        (Kind::Number { .. } | Kind::Float { .. }, _) => Err(invalid(
            pointer,
            format!("{} is compared with a number", field.name),
        )),
    }
}

/// A number of units as the column counts it: exactly where it can, else as a fraction.
fn scaled(number: &serde_json::Number, per_unit: i64) -> Option<Param> {
    let decimals = match per_unit {
        1_000 => Some(Decimals::Three),
        1_000_000 => Some(Decimals::Six),
        _ => None,
    };
    let value = number.as_f64()?;
    let exact = match decimals {
        Some(decimals) => parse_scaled(&number.to_string(), decimals)
            .filter(|exact| format_scaled(*exact, decimals).parse() == Ok(value)),
        None => number.as_i64(),
    };
    match exact {
        Some(exact) => Some(Param::Int(exact)),
        None => Some(value * per_unit as f64)
            .filter(|scaled| scaled.is_finite())
            .map(Param::Float),
    }
}

fn invalid(pointer: &str, reason: String) -> QueryError {
    QueryError::InvalidValue {
        pointer: pointer.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use serde_json::json;
    use tacho_core::time::{TimeRange, Timestamp};

    use super::*;
    use crate::buckets::segments;

    fn compiled(filters: Value) -> Result<Predicate, QueryError> {
        let filters: Vec<Filter> = serde_json::from_value(filters).unwrap();
        compile_filters(
            names::source("executions", "").unwrap(),
            &filters,
            &Calendar::default(),
            "/filters",
        )
    }

    fn refused(filters: Value) -> (String, &'static str) {
        let error = compiled(filters).unwrap_err();
        (error.pointer().to_owned(), error.code())
    }

    #[test]
    fn values_are_typed_and_exact() {
        let compare = |column: &'static str, comparison, value| {
            Predicate::All(vec![Predicate::Compare {
                column: column.into(),
                comparison,
                value,
            }])
        };
        assert_eq!(
            compiled(json!([{ "field": "cost", "op": "gte", "value": 0.1 }])),
            Ok(compare(
                "cost_usd_micros",
                Comparison::AtLeast,
                Param::Int(100_000)
            ))
        );
        assert_eq!(
            compiled(json!([{ "field": "credits", "op": "lt", "value": 0.0005 }])),
            Ok(compare("credits_millis", Comparison::Less, Param::Float(0.5)))
        );
        assert_eq!(
            compiled(json!([{ "field": "duration_ms", "op": "lt", "value": 1500 }])),
            Ok(compare("duration_ms", Comparison::Less, Param::Int(1_500)))
        );
        assert_eq!(
            compiled(json!([{ "field": "workflow_id", "op": "eq", "value": "a' OR 1=1 --" }])),
            Ok(compare(
                "workflow_id",
                Comparison::Equals,
                Param::Text("a' OR 1=1 --".into())
            ))
        );
    }

    #[test]
    fn what_a_field_cannot_be_is_refused() {
        let of = |condition: Value| refused(json!([condition]));
        assert_eq!(
            of(json!({ "field": "nope", "op": "eq", "value": 1 })),
            ("/filters/0/field".into(), "unknown_name")
        );
        assert_eq!(
            of(json!({ "field": "status", "op": "eq", "value": "sucess" })),
            ("/filters/0/value".into(), "unknown_name")
        );
        assert_eq!(
            of(json!({ "field": "status", "op": "contains", "value": "s" })),
            ("/filters/0/op".into(), "unsupported_filter")
        );
        assert_eq!(
            of(json!({ "field": "duration", "op": "lt", "value": "1" })),
            ("/filters/0/value".into(), "invalid_value")
        );
        assert_eq!(
            of(json!({ "field": "user", "op": "matches", "value": "a(?!b)" })),
            ("/filters/0/value".into(), "invalid_value")
        );
        assert_eq!(
            of(json!({ "field": "user", "op": "matches", "value": 1 })),
            ("/filters/0/value".into(), "invalid_value")
        );
        assert_eq!(
            of(json!({ "field": "status", "op": "matches", "value": "a" })),
            ("/filters/0/op".into(), "unsupported_filter")
        );
        assert_eq!(
            of(json!({ "field": "user", "op": "eq", "value": null })).1,
            "invalid_value"
        );
        assert_eq!(
            of(json!({ "field": "user", "op": "in", "values": [] })).1,
            "invalid_value"
        );
        assert_eq!(
            of(json!({ "field": "user", "op": "in", "values": ["a", 1] })),
            ("/filters/0/values/1".into(), "invalid_value")
        );
        assert_eq!(
            of(json!({ "field": "user", "op": "is_null", "value": "a" })).1,
            "invalid_value"
        );
        assert_eq!(of(json!({ "or": [] })), ("/filters/0".into(), "invalid_value"));
    }

    #[test]
    fn there_is_a_limit_on_everything() {
        let leaf = || json!({ "field": "user", "op": "is_null" });
        let mut nested = leaf();
        for _ in 0..7 {
            nested = json!({ "not": nested });
        }
        assert!(compiled(json!([nested.clone()])).is_ok());
        assert_eq!(refused(json!([{ "not": nested }])).1, "query_too_large");
        assert!(compiled(json!(vec![leaf(); 100])).is_ok());
        assert_eq!(
            refused(json!(vec![leaf(); 101])),
            ("/filters/100".into(), "query_too_large")
        );
        let values = |count| json!([{ "field": "user", "op": "in", "values": vec!["a"; count] }]);
        assert!(compiled(values(1_000)).is_ok());
        assert_eq!(
            refused(values(1_001)),
            ("/filters/0/values".into(), "query_too_large")
        );
        let text = json!([{ "field": "user", "op": "eq", "value": "x".repeat(8_193) }]);
        assert_eq!(refused(text).1, "invalid_value");
    }

    #[test]
    fn the_clock_may_be_asked_about_so_often_over_so_long() {
        let ever = TimeRange {
            start: Timestamp::MIN,
            end: Timestamp::MAX,
        };
        let calendar: Calendar = segments(ever, &TimeZone::get("America/New_York").unwrap()).into();
        let filters = |count| -> Vec<Filter> {
            let leaf = json!({ "field": "hour_of_day", "op": "gte", "value": 22 });
            serde_json::from_value(json!(vec![leaf; count])).unwrap()
        };
        let source = names::source("executions", "").unwrap();
        assert!(compile_filters(source, &filters(6), &calendar, "").is_ok());
        let error = compile_filters(source, &filters(7), &calendar, "").unwrap_err();
        assert_eq!((error.pointer(), error.code()), ("/6", "query_too_large"));
    }
}
