//! Groups side by side: how far each is from one of them.

use std::collections::HashMap;

use serde_json::Value;

use super::changes;
use crate::answer::Differences;
use crate::params::Baseline;
use crate::query::Query;

/// How far the measures of each row are from those of the baseline's row, in the same bucket if there are some.
/// `leading` is how many columns stand before the measures; `rows` have their names of workflows among those.
pub(super) fn differences(query: &Query, leading: usize, rows: &[Vec<Value>]) -> Option<Differences> {
    let baseline = query.baseline.as_ref()?;
    let time = usize::from(query.series.is_some());
    let key = |row: &[Value]| -> Vec<Value> {
        let mut cells = row[time..leading].iter();
        let mut key = Vec::with_capacity(query.dimensions.len());
        for dimension in &query.dimensions {
            key.extend(cells.next().cloned());
            if dimension.is_workflow {
                cells.next();
            }
        }
        key
    };
    let baseline = match baseline {
        Baseline::First(_) => key(rows.first()?),
        Baseline::Group(values) => values.clone(),
    };
    let bucket = |row: &[Value]| row[..time].to_vec();
    let of_baseline: HashMap<Vec<Value>, &Vec<Value>> = rows
        .iter()
        .filter(|row| same(&key(row), &baseline))
        .map(|row| (bucket(row), row))
        .collect();
    let of_rows = rows.iter().map(|row| {
        let from = of_baseline.get(&bucket(row)).map(|from| &from[leading..]);
        changes(query, leading, &row[leading..], from)
    });
    let (absolute, relative) = of_rows.unzip();
    Some(Differences {
        baseline,
        is_known: !of_baseline.is_empty(),
        absolute,
        relative,
    })
}

/// Whether two groups are the same. Numbers may be asked for as texts.
fn same(one: &[Value], other: &[Value]) -> bool {
    let text = |value: &Value| match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    };
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| text(one) == text(other))
}
