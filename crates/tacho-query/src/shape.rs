//! Stage 6: the result of a plan's statement as an answer. Buckets without rows are filled in here, names and units come
//! from the semantic model, and the range is compared with another.

mod compared;
mod derived;
mod differences;
mod read;
mod rows;

use std::time::Duration;

use serde_json::Value;
use tacho_core::time::Timestamp;

use crate::answer::{Answer, Column, ColumnRole, ColumnType, Gap, Meta, ServedBy};
use crate::bins::RELATIVE_ERROR;
use crate::model::derived::AskedMeasure;
use crate::model::{Aggregate, Form};
use crate::plan::Plan;
use crate::query::Query;
use crate::statement::ResultSet;

use self::compared::compared;
use self::differences::differences;
use self::read::Read;
use self::rows::Stretch;

/// A result is not of the form that its statement promises: a fault of ours or of the engine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a result of the store is not as asked: {0}")]
pub struct ShapeError(&'static str);

impl ShapeError {
    /// What is not as asked.
    pub const fn new(what: &'static str) -> Self {
        Self(what)
    }
}

/// Of which moment the results are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// When the rows were stored.
    pub as_of: Timestamp,
    /// Their position in the journal.
    pub as_of_lsn: u64,
    /// How long it took to get the results.
    pub elapsed: Duration,
}

/// The answer that the result of a plan's statement makes.
///
/// # Errors
/// If the result is not that of the plan's statement.
pub fn shape(plan: &Plan, result: &ResultSet, moment: Moment) -> Result<Answer, ShapeError> {
    let query = plan.query();
    let columns = columns(query);
    let leading = columns.len() - query.measures.len();
    let Read { now, before } = Read::of(query, result)?;
    let mut notes = query.notes.clone();
    let stretch = Stretch::new(plan, query.range, query.series.as_ref(), &now);
    let has_more = now.has_more;
    let other = (query.with_other && has_more).then_some(&now.other);
    let other = other.map(|other| stretch.rows(query, std::slice::from_ref(other), &now.totals.measures));
    if has_more && other.is_none() {
        notes.push(format!(
            "There are more than {} groups; these come first.",
            query.limit
        ));
    }
    let totals = stretch.totals(query, &now.totals);
    let is_grouped = !query.dimensions.is_empty() || query.series.is_some();
    let rows = match is_grouped {
        true => stretch.rows(query, &now.groups, &now.totals.measures),
        false => vec![totals.clone()],
    };
    let comparison = query.previous.as_ref().zip(before);
    let comparison = comparison.map(|(previous, mut before)| {
        let compared_with = Stretch::new(plan, previous.range, previous.series.as_ref(), &before);
        if compared_with.is_unknown() {
            notes.push("Nothing was recorded yet in the range compared with.".to_owned());
        }
        let has_rows = is_grouped && previous.has_rows(query);
        before.line_up(&now);
        let rows = has_rows.then_some((rows.as_slice(), &stretch));
        compared(query, leading, &totals, rows, &compared_with, &before)
    });
    let differences = differences(query, leading, &rows);
    if differences
        .as_ref()
        .is_some_and(|differences| !differences.is_known)
    {
        notes.push(
            "The baseline is not among the groups answered; ask for more of them, or filter.".to_owned(),
        );
    }
    Ok(Answer {
        rows,
        differences,
        other,
        totals: padded(leading, &totals),
        comparison,
        meta: Meta {
            as_of: moment.as_of,
            as_of_lsn: moment.as_of_lsn,
            served_by: match plan.reads_cells() {
                true => ServedBy::Rollup,
                false => ServedBy::Raw,
            },
            exact: !plan.has_bins(),
            relative_error: plan.has_bins().then_some(RELATIVE_ERROR),
            from_cache: false,
            elapsed_ms: moment.elapsed.as_secs_f64() * 1000.0,
            rows_read: Some(now.totals.rows),
            has_more,
            gaps: gaps(query, stretch.since),
            unattributed: now.totals.unattributed,
            conflicts: now.totals.conflicts,
            from: query.range.start,
            to: query.range.end,
            timezone: query.zone_name().to_owned(),
            granularity: query.series.as_ref().map(|series| series.buckets.granularity),
            requested_granularity: query.series.as_ref().map(|series| series.requested),
            notes,
        },
        columns,
        explain: None,
    })
}

fn gaps(query: &Query, since: Option<Timestamp>) -> Vec<Gap> {
    let gap = since.map(|since| Gap {
        from: query.range.start,
        to: since.min(query.range.end),
        reason: "Nothing was recorded before.".to_owned(),
    });
    gap.into_iter().collect()
}

fn columns(query: &Query) -> Vec<Column> {
    let text = |name: String, label: String, definition: String| Column {
        name,
        label,
        column_type: ColumnType::Text,
        unit: None,
        role: ColumnRole::Dimension,
        definition: Some(definition),
        direction: None,
    };
    let mut columns = Vec::new();
    if let Some(series) = &query.series {
        let unit = series.buckets.granularity.label();
        columns.push(Column {
            column_type: ColumnType::Timestamp,
            role: ColumnRole::Time,
            ..text(
                "time".to_owned(),
                "Time".to_owned(),
                format!("The start of the {unit}."),
            )
        });
    }
    for dimension in &query.dimensions {
        let name = dimension.name.to_string();
        let names = dimension.is_workflow.then(|| {
            text(
                format!("{name}_name"),
                format!("{} name", dimension.label),
                "The name that the workflow has now.".to_owned(),
            )
        });
        columns.push(Column {
            column_type: dimension.kind.column_type(),
            ..text(name, dimension.label.to_string(), dimension.definition.to_owned())
        });
        columns.extend(names);
    }
    columns.extend(query.measures.iter().map(|measure| Column {
        name: measure.asked_name().into_owned(),
        label: measure.asked_label(),
        column_type: measure.asked_type(),
        unit: Some(measure.asked_unit()),
        role: ColumnRole::Measure,
        definition: Some(measure.asked_definition()),
        direction: measure.better,
    }));
    columns
}

/// How far measures are from others: the differences, and as fractions of the others; nothing for the columns before.
fn changes(
    query: &Query,
    leading: usize,
    now: &[Value],
    before: Option<&[Value]>,
) -> (Vec<Option<f64>>, Vec<Option<f64>>) {
    let (mut absolute, mut relative) = (vec![None; leading], vec![None; leading]);
    for (at, measure) in query.measures.iter().enumerate() {
        let (difference, fraction) = match before {
            Some(before) => change(measure, &now[at], &before[at]),
            None => (None, None),
        };
        absolute.push(difference);
        relative.push(fraction);
    }
    (absolute, relative)
}

/// How far a value is from another: the difference, and as a fraction of the other, which must not be 0.
fn change(measure: &AskedMeasure, now: &Value, before: &Value) -> (Option<f64>, Option<f64>) {
    let Some((now, before)) = now.as_f64().zip(before.as_f64()) else {
        return (None, None);
    };
    let difference = rounded(now - before, measure);
    let fraction = (before != 0.0).then(|| difference / before.abs());
    (Some(difference), fraction)
}

/// Amounts keep the decimals that they have; their difference must not show those of binary fractions.
fn rounded(change: f64, measure: &AskedMeasure) -> f64 {
    match measure.aggregate {
        Aggregate::Sum(values) if measure.asked_unit() == measure.unit && values.form != Form::Float => {
            let per_unit = values.form.per_unit() as f64;
            (change * per_unit).round() / per_unit
        }
        _ => change,
    }
}

fn padded(leading: usize, measures: &[Value]) -> Vec<Value> {
    std::iter::repeat_n(Value::Null, leading)
        .chain(measures.iter().cloned())
        .collect()
}

#[cfg(test)]
mod tests;
