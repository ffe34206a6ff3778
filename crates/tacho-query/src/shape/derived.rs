//! What is made of measures once they have been worked out.

use serde_json::Value;
use tacho_core::time::TimeRange;

use super::read::finite;
use crate::model::derived::Derived;
use crate::query::Query;

const MINUTE_US: f64 = 60_000_000.0;

/// Makes what was asked for of the measures of one group: of one row for each of its buckets, in order of time, each over
/// its range. `totals` are the measures over everything, as they were worked out. What is not known stays so.
pub(super) fn derive(query: &Query, totals: &[Value], rows: &mut [(TimeRange, Vec<Value>)]) {
    for (at, measure) in query.measures.iter().enumerate() {
        match measure.derived {
            None => {}
            Some(Derived::Share) => {
                for (_, row) in rows.iter_mut() {
                    row[at] = share(&row[at], &totals[at]);
                }
            }
            Some(Derived::PerMinute) => {
                for (range, row) in rows.iter_mut() {
                    row[at] = per_minute(&row[at], *range);
                }
            }
            Some(Derived::Cumulative) => {
                let mut sum = Value::Null;
                for (_, row) in rows.iter_mut() {
                    sum = added(&sum, &row[at]);
                    row[at] = sum.clone();
                }
            }
        }
    }
}

fn share(part: &Value, whole: &Value) -> Value {
    match (part.as_f64(), whole.as_f64()) {
        (Some(part), Some(whole)) if whole != 0.0 => finite(100.0 * part / whole),
        _ => Value::Null,
    }
}

fn per_minute(count: &Value, range: TimeRange) -> Value {
    let micros = range.end.as_micros().saturating_sub(range.start.as_micros());
    match count.as_f64() {
        Some(count) if micros > 0 => finite(count * MINUTE_US / micros as f64),
        _ => Value::Null,
    }
}

fn added(one: &Value, other: &Value) -> Value {
    match (one.as_i64(), other.as_i64()) {
        (Some(one), Some(other)) if one.checked_add(other).is_some() => Value::from(one + other),
        _ => match (one.as_f64(), other.as_f64()) {
            (Some(one), Some(other)) => finite(one + other),
            (None, _) => other.clone(),
            (_, None) => one.clone(),
        },
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use serde_json::json;
    use tacho_core::time::Timestamp;

    use super::*;
    use crate::params::QueryParams;

    #[test]
    fn shares_sums_and_rates_are_made_of_counts() {
        let params = QueryParams::from_json(&json!({
            "source": "executions",
            "measures": ["count", "count.share", "count.cumulative", "count.per_minute", "cost.cumulative"],
            "time": { "last": "3h" },
            "granularity": "hour"
        }));
        let now = "2026-11-22T10:30:00Z".parse().unwrap();
        let query = Query::validate(&params.unwrap(), now, &TimeZone::UTC).unwrap();
        let minutes = |from: i64, to: i64| TimeRange {
            start: Timestamp::from_micros(from * 60_000_000),
            end: Timestamp::from_micros(to * 60_000_000),
        };
        let row = |count: i64, cost: f64| {
            vec![
                json!(count),
                json!(count),
                json!(count),
                json!(count),
                json!(cost),
            ]
        };
        let mut rows = vec![
            (minutes(0, 30), vec![Value::Null; 5]),
            (minutes(30, 90), row(30, 0.1)),
            (minutes(90, 150), row(0, 0.0)),
            (minutes(150, 180), row(90, 0.2)),
        ];
        let totals = row(120, 0.3);
        derive(&query, &totals, &mut rows);
        let rows: Vec<Vec<Value>> = rows.into_iter().map(|(_, row)| row).collect();
        assert_eq!(
            json!(rows),
            json!([
                [null, null, null, null, null],
                [30, 25.0, 30, 0.5, 0.1],
                [0, 0.0, 30, 0.0, 0.1],
                [90, 75.0, 120, 3.0, 0.1 + 0.2],
            ])
        );
    }
}
