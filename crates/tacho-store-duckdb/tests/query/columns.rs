//! Rows of every source as plainly as can be, and measures of them worked out from the model's declarations.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value as Json, json};
use tacho_core::fault::Fault;
use tacho_core::record::derive::ExecutionOwner;
use tacho_core::record::schema::{DerivedRule, EXECUTION_STATUSES, EventTime, TypeSpec};
use tacho_core::record::{FieldKind, Record, Value};
use tacho_core::time::Timestamp;
use tacho_query::Answer;
use tacho_query::model::{Aggregate, Counted, Measure, Values};

use crate::fixture::at;
use crate::plain::{agree, agree_about};

/// A generator of numbers that is the same everywhere.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// The columns of a row that are known.
pub(crate) type Columns = HashMap<&'static str, Plain>;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Plain {
    Text(String),
    Number(f64),
    Flag(bool),
}

/// A record with some of its fields, and what its row's columns must hold.
pub(crate) fn record(spec: &'static TypeSpec, number: u64, dice: &mut Dice) -> (Record, Columns) {
    let base = at("2026-11-01T00:00:00Z");
    let mut columns = Columns::from([("id", Plain::Text(format!("{}-{number}", spec.name)))]);
    let mut fields = Vec::new();
    let moment = base + dice.roll(9 * 86_400_000) as i64 * 1_000;
    for (position, field) in spec.fields.iter().enumerate() {
        let is_given = field.required || field.kind == FieldKind::Time || dice.roll(4) > 0;
        let value = match field.kind {
            FieldKind::Json | FieldKind::Tags => continue,
            _ if !is_given => continue,
            FieldKind::Time => Value::Int(moment + position as i64 * 7_000),
            FieldKind::Text { .. } => Value::from(format!("{}-{}", field.name, dice.roll(3)).as_str()),
            FieldKind::Keyword(words) => Value::Keyword(dice.roll(words.len() as u64) as u8),
            FieldKind::Count | FieldKind::Millis | FieldKind::Usd | FieldKind::Credits => {
                Value::Int(dice.roll(1_000_000) as i64)
            }
            // No binary fractions, so that sums differ by the order in which they are taken.
            FieldKind::Float => Value::Float(dice.roll(10_000) as f64 / 7.0 - 300.0),
            FieldKind::Bool => Value::Bool(dice.roll(2) == 0),
        };
        let plain = match (&value, field.kind) {
            (Value::Keyword(word), FieldKind::Keyword(words)) => {
                Plain::Text(words[*word as usize].to_owned())
            }
            (Value::Int(number), _) => Plain::Number(*number as f64),
            (Value::Float(number), _) => Plain::Number(*number),
            (Value::Bool(flag), _) => Plain::Flag(*flag),
            (text, _) => Plain::Text(text.as_text().unwrap().to_owned()),
        };
        columns.insert(field.column, plain);
        fields.push((position as u8, value));
    }
    derive(spec, &mut columns, None);
    let record = Record {
        record_type: spec.record_type,
        id: format!("{}-{number}", spec.name).into(),
        attempt: 1,
        updated_at: Timestamp::from_micros(moment),
        is_inferred: false,
        fields,
    };
    (record, columns)
}

/// Works out what is derived. `owner` is what is known of the row's execution.
pub(crate) fn derive(spec: &'static TypeSpec, columns: &mut Columns, owner: Option<&ExecutionOwner>) {
    let column_of = |field: &str| spec.field(field).unwrap().1.column;
    let is_open = spec.lifecycle.as_ref().is_some_and(|lifecycle| {
        matches!(columns.get("status"), Some(Plain::Text(status)) if lifecycle.open.contains(&status.as_str()))
    });
    for derived in spec.derived {
        let value = match &derived.rule {
            DerivedRule::Duration { sent, from, to } => columns.get(column_of(sent)).cloned().or_else(|| {
                match (columns.get(column_of(from)), columns.get(column_of(to))) {
                    (Some(Plain::Number(from)), Some(Plain::Number(to))) => {
                        Some(Plain::Number(((to - from) / 1_000.0).floor()))
                    }
                    _ => None,
                }
            }),
            DerivedRule::FromExecution { own, field } => {
                let own = own.as_ref().and_then(|own| columns.get(column_of(own)).cloned());
                let inherited = owner.and_then(|owner| match *field {
                    "workflow_id" => owner.workflow_id.as_deref(),
                    "user_id" => owner.user_id.as_deref(),
                    _ => owner.status.map(|status| EXECUTION_STATUSES[usize::from(status)]),
                });
                own.or_else(|| inherited.map(|text| Plain::Text(text.to_owned())))
            }
            DerivedRule::FaultFingerprint => fault_of(columns).map(|fault| Plain::Text(fault.fingerprint)),
            DerivedRule::FaultPattern => {
                fault_of(columns).and_then(|fault| Some(Plain::Text(fault.pattern?)))
            }
        };
        match value.filter(|_| !is_open) {
            Some(value) => columns.insert(derived.column, value),
            None => columns.remove(derived.column),
        };
    }
}

fn fault_of(execution: &Columns) -> Option<Fault> {
    let text = |column| match execution.get(column) {
        Some(Plain::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let has_failed = matches!(text("status"), Some("failed" | "timeout"));
    has_failed
        .then(|| Fault::of(text("error_type"), text("error_message")))
        .flatten()
}

/// When the row counts.
pub(crate) fn event_time(spec: &TypeSpec, columns: &Columns) -> i64 {
    let EventTime::FirstOf(fields) = spec.event_time else {
        panic!("{} has no time of its own", spec.name);
    };
    let mut times =
        fields
            .iter()
            .filter_map(|field| match columns.get(spec.field(field).unwrap().1.column) {
                Some(Plain::Number(micros)) => Some(*micros as i64),
                _ => None,
            });
    times.next().unwrap()
}

/// The value as a dimension has it.
pub(crate) fn text_of(columns: &Columns, column: &str) -> Option<String> {
    columns.get(column).map(|value| match value {
        Plain::Text(text) => text.clone(),
        Plain::Flag(flag) => flag.to_string(),
        Plain::Number(number) => number.to_string(),
    })
}

/// Whether one of these users sees the row, where nobody owns a workflow.
pub(crate) fn is_visible(columns: &Columns, users: &[&str]) -> bool {
    let is_theirs =
        matches!(columns.get("user_id"), Some(Plain::Text(user)) if users.contains(&user.as_str()));
    is_theirs && !columns.contains_key("workflow_id")
}

fn is_counted(counted: Counted, row: &Columns) -> bool {
    match counted {
        Counted::Rows => true,
        Counted::In(column, words) => {
            matches!(row.get(column), Some(Plain::Text(word)) if words.contains(&word.as_str()))
        }
        Counted::True(column) => row.get(column) == Some(&Plain::Flag(true)),
        Counted::Known(column) => row.contains_key(column),
    }
}

/// A measure of some rows.
pub(crate) fn expected(measure: &Measure, rows: &[&Columns]) -> Json {
    let count = |counted| rows.iter().filter(|row| is_counted(counted, row)).count();
    let known = |values: Values| -> Vec<f64> {
        let mut known: Vec<f64> = rows
            .iter()
            .filter_map(|row| match row.get(values.column) {
                Some(Plain::Number(number)) => Some(*number / values.form.per_unit() as f64),
                _ => None,
            })
            .collect();
        known.sort_by(f64::total_cmp);
        known
    };
    let over = |part: f64, whole: usize| match whole {
        0 => Json::Null,
        whole => json!(part / whole as f64),
    };
    match measure.aggregate {
        Aggregate::Count(counted) => json!(count(counted)),
        Aggregate::Percent { part, whole } => over(100.0 * count(part) as f64, count(whole)),
        Aggregate::Sum(values) => json!(known(values).iter().sum::<f64>()),
        Aggregate::Average(values) => over(known(values).iter().sum(), known(values).len()),
        Aggregate::SumPer(values, counted) => over(known(values).iter().sum(), count(counted)),
        Aggregate::SumOrAverage(values, counted) => {
            let values = known(values);
            match count(counted) {
                0 => over(values.iter().sum(), values.len()),
                counters if counters == values.len() => json!(values.iter().sum::<f64>()),
                _ => Json::Null,
            }
        }
        Aggregate::Minimum(values) => json!(known(values).first()),
        Aggregate::Maximum(values) => json!(known(values).last()),
        Aggregate::Quantile(values, share) => {
            let known = known(values);
            let Some(last) = known.len().checked_sub(1) else {
                return Json::Null;
            };
            let position = last as f64 * share;
            let (low, high) = (known[position.floor() as usize], known[position.ceil() as usize]);
            json!(low + (high - low) * position.fract())
        }
        Aggregate::Distinct(column) => {
            let texts = rows.iter().filter_map(|row| match row.get(column) {
                Some(Plain::Text(text)) => Some(text),
                _ => None,
            });
            json!(texts.collect::<BTreeSet<_>>().len())
        }
    }
}

/// Whether the number is the one expected: exactly what is counted, least or greatest, up to the last digits what is
/// summed, and a quantile as near as the answer states.
pub(crate) fn is_as_stated(measure: &Measure, answer: &Answer, found: &Json, expected: &Json) -> bool {
    match (measure.aggregate, answer.meta.relative_error) {
        (Aggregate::Quantile(..), Some(error)) => agree_about(found, expected, error),
        (Aggregate::Count(_) | Aggregate::Distinct(_) | Aggregate::Minimum(_) | Aggregate::Maximum(_), _) => {
            found.as_f64() == expected.as_f64() && found.is_null() == expected.is_null()
        }
        _ => agree(found, expected),
    }
}
