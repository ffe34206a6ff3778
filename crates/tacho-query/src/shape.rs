//! Stage 6: the results of a plan's statements as an answer. Buckets without rows are filled in here, names and units
//! come from the semantic model, and totals are compared.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Number, Value};
use tacho_core::time::{TimeRange, Timestamp};

use crate::answer::{Answer, Column, ColumnRole, ColumnType, Comparison, Gap, Meta, ServedBy};
use crate::bins::RELATIVE_ERROR;
use crate::buckets::{Bucket, format_instant};
use crate::compile::Part;
use crate::model::{Aggregate, Form, Measure};
use crate::plan::Plan;
use crate::query::{Query, Series};
use crate::statement::{ResultSet, Scalar};

/// Below it a floating-point number holds every whole number.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// A result is not of the form that its statement promises: a fault of ours or of the engine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a result of the store is not as asked: {0}")]
pub struct ShapeError(&'static str);

impl ShapeError {
    pub(crate) const fn new(what: &'static str) -> Self {
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

/// The answer that the results of a plan's statements make, in their order.
///
/// # Errors
/// If the results are not those of the plan's statements.
pub fn shape(plan: &Plan, results: &[ResultSet], moment: Moment) -> Result<Answer, ShapeError> {
    let query = plan.query();
    let columns = columns(query);
    let leading = columns.len() - query.measures.len();
    let (result, before) = match (results, query.previous) {
        ([result], None) => (result, None),
        ([result, before], Some(range)) => (result, Some((range, before))),
        _ => return Err(ShapeError("a result is missing")),
    };
    let read = Read::of(query, true, result)?;
    let mut notes = query.notes.clone();
    let has_more = read.groups.has_more;
    let is_grouped = !query.dimensions.is_empty() || query.series.is_some();
    let since = known_since(plan, &read);
    let other = (query.with_other && has_more).then(|| read.other.rows(query, since));
    if has_more && other.is_none() {
        notes.push(format!(
            "There are more than {} groups; these come first.",
            query.limit
        ));
    }
    let totals = read.totals;
    let comparison = match before {
        Some((range, before)) => {
            let before = Read::of(query, false, before)?.totals;
            Some(compare(query, leading, range, &totals, &before))
        }
        None => None,
    };
    Ok(Answer {
        rows: match is_grouped {
            true => read.groups.rows(query, since),
            false => vec![totals.measures.clone()],
        },
        other,
        totals: padded(leading, &totals.measures),
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
            rows_read: Some(totals.rows),
            has_more,
            gaps: gaps(query, since),
            unattributed: totals.unattributed,
            conflicts: totals.conflicts,
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

/// The instant before which nothing was recorded, if it lies in the range.
fn known_since(plan: &Plan, read: &Read) -> Option<Timestamp> {
    let query = plan.query();
    let since = plan.holdings().since(query.source.record_type)?;
    // What is known beforehand may be a minute old, and records of long ago have come since.
    let before = query.series.as_ref().and_then(|series| {
        let mut buckets = series.ends(query.range.end);
        let (first, end) =
            buckets.find(|(bucket, _)| read.groups.has(bucket.key) || read.other.has(bucket.key))?;
        (end <= since).then_some(first.start)
    });
    let since = before.unwrap_or(since);
    (since > query.range.start).then_some(since)
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
        name: measure.name.to_owned(),
        label: measure.label.to_owned(),
        column_type: measure.aggregate.column_type(),
        unit: Some(measure.unit),
        role: ColumnRole::Measure,
        definition: Some(measure.definition.to_owned()),
        direction: measure.better,
    }));
    columns
}

/// A group of the rows' result: its dimensions with the names of workflows in their places, and its measures, one for
/// each bucket that has rows.
#[derive(Default)]
struct Group {
    dimensions: Vec<Value>,
    buckets: HashMap<i64, Vec<Value>>,
    /// Without buckets: the measures.
    measures: Vec<Value>,
}

/// Groups in their order.
#[derive(Default)]
struct Groups {
    groups: Vec<(i64, Group)>,
    has_more: bool,
}

/// A result, taken apart.
struct Read {
    totals: Totals,
    groups: Groups,
    other: Groups,
}

impl Read {
    fn of(query: &Query, with_groups: bool, result: &ResultSet) -> Result<Read, ShapeError> {
        let dimensions = match with_groups {
            true => &query.dimensions[..],
            false => &[],
        };
        let names = dimensions
            .iter()
            .filter(|dimension| dimension.is_workflow)
            .count();
        let mut totals = None;
        let mut groups = Groups::default();
        let mut other = Group {
            dimensions: vec![Value::Null; dimensions.len() + names],
            ..Group::default()
        };
        for row in &result.rows {
            let mut cells = row.iter();
            let part = integer(cells.next())?;
            let (rank, bucket) = (cells.next(), cells.next());
            let counts = [cells.next(), cells.next(), cells.next()];
            let ids: Vec<Value> = dimensions
                .iter()
                .map(|_| text(cells.next()))
                .collect::<Result<_, _>>()?;
            let mut group = Vec::new();
            for (dimension, id) in dimensions.iter().zip(ids) {
                group.push(id);
                if dimension.is_workflow {
                    // The names stand after all dimensions, in the order of the dimensions that have them.
                    group.push(text(cells.next())?);
                }
            }
            let measures = measures(query, cells)?;
            if part == Part::Totals as i64 {
                let [rows, unattributed, conflicts] = counts;
                let count = |cell| integer(cell).map(i64::unsigned_abs);
                totals = Some(Totals {
                    rows: count(rows)?,
                    unattributed: count(unattributed)?,
                    conflicts: count(conflicts)?,
                    measures,
                });
            } else if part == Part::Other as i64 {
                other.put(bucket, measures)?;
            } else {
                // Without dimensions, all buckets are of one group.
                let rank = match dimensions.is_empty() {
                    true => 1,
                    false => integer(rank)?,
                };
                groups.group(rank, group).put(bucket, measures)?;
            }
        }
        let limit = query.limit as usize;
        groups.has_more = groups.groups.len() > limit && !dimensions.is_empty();
        if groups.has_more {
            groups.groups.truncate(limit);
        }
        Ok(Read {
            totals: totals.ok_or(ShapeError("there are no totals"))?,
            groups,
            other: Groups {
                groups: vec![(1, other)],
                has_more: false,
            },
        })
    }
}

impl Group {
    fn put(&mut self, bucket: Option<&Scalar>, measures: Vec<Value>) -> Result<(), ShapeError> {
        match bucket {
            None | Some(Scalar::Null) => self.measures = measures,
            key => {
                self.buckets.insert(integer(key)?, measures);
            }
        }
        Ok(())
    }
}

impl Groups {
    /// The group of a rank, which is the last one or a new one.
    fn group(&mut self, rank: i64, dimensions: Vec<Value>) -> &mut Group {
        if self.groups.last().is_none_or(|(last, _)| *last != rank) {
            let group = Group {
                dimensions,
                ..Group::default()
            };
            self.groups.push((rank, group));
        }
        let last = self.groups.len() - 1;
        &mut self.groups[last].1
    }

    fn has(&self, bucket: i64) -> bool {
        self.groups
            .iter()
            .any(|(_, group)| group.buckets.contains_key(&bucket))
    }

    /// A row for each group, or for each of its buckets.
    fn rows(mut self, query: &Query, since: Option<Timestamp>) -> Vec<Vec<Value>> {
        let Some(series) = &query.series else {
            let rows = self.groups.into_iter().map(|(_, mut group)| {
                group.dimensions.append(&mut group.measures);
                group.dimensions
            });
            return rows.collect();
        };
        if self.groups.is_empty() && query.dimensions.is_empty() {
            self.groups.push((1, Group::default()));
        }
        filled(query, series, &self.groups, since)
    }
}

/// A row per bucket and group, bucket by bucket. Of buckets that end before `since`, nothing is known.
fn filled(
    query: &Query,
    series: &Series,
    groups: &[(i64, Group)],
    since: Option<Timestamp>,
) -> Vec<Vec<Value>> {
    let zeros: Vec<Value> = query.measures.iter().map(|measure| of_nothing(measure)).collect();
    let unknown = vec![Value::Null; query.measures.len()];
    let buckets = &series.buckets.buckets;
    let ends = buckets
        .iter()
        .skip(1)
        .map(|next| next.start)
        .chain([query.range.end]);
    let mut buckets: Vec<(&Bucket, Timestamp)> = buckets.iter().zip(ends).collect();
    if series.is_descending {
        buckets.reverse();
    }
    let mut rows = Vec::with_capacity(buckets.len() * groups.len());
    for (bucket, end) in buckets {
        let start = Value::String(format_instant(bucket.start, &query.zone));
        let nothing = match since.is_some_and(|since| end <= since) {
            true => &unknown,
            false => &zeros,
        };
        for (_, group) in groups {
            let measures = group.buckets.get(&bucket.key).unwrap_or(nothing);
            let mut row = Vec::with_capacity(1 + group.dimensions.len() + measures.len());
            row.push(start.clone());
            row.extend(group.dimensions.iter().cloned());
            row.extend(measures.iter().cloned());
            rows.push(row);
        }
    }
    rows
}

/// The measures over everything.
struct Totals {
    rows: u64,
    unattributed: u64,
    conflicts: u64,
    measures: Vec<Value>,
}

fn compare(query: &Query, leading: usize, range: TimeRange, now: &Totals, before: &Totals) -> Comparison {
    let mut absolute = vec![None; leading];
    let mut relative = vec![None; leading];
    for ((measure, now), before) in query.measures.iter().zip(&now.measures).zip(&before.measures) {
        let change = now
            .as_f64()
            .zip(before.as_f64())
            .map(|(now, before)| (rounded(now - before, measure), before));
        absolute.push(change.map(|(change, _)| change));
        relative.push(
            change
                .filter(|(_, before)| *before != 0.0)
                .map(|(change, before)| change / before.abs()),
        );
    }
    Comparison {
        from: range.start,
        to: range.end,
        totals: padded(leading, &before.measures),
        absolute,
        relative,
    }
}

/// Amounts keep the decimals that they have; their difference must not show those of binary fractions.
fn rounded(change: f64, measure: &Measure) -> f64 {
    match measure.aggregate {
        Aggregate::Sum(values) if values.form != Form::Float => {
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

fn of_nothing(measure: &Measure) -> Value {
    match (
        measure.aggregate.is_zero_of_nothing(),
        measure.aggregate.column_type(),
    ) {
        (true, ColumnType::Integer) => Value::from(0),
        (true, _) => Value::from(0.0),
        (false, _) => Value::Null,
    }
}

fn measures<'a>(query: &Query, cells: impl Iterator<Item = &'a Scalar>) -> Result<Vec<Value>, ShapeError> {
    let values: Vec<Value> = query
        .measures
        .iter()
        .zip(cells)
        .map(|(measure, cell)| number(measure, cell))
        .collect::<Result<_, _>>()?;
    match values.len() == query.measures.len() {
        true => Ok(values),
        false => Err(ShapeError("a measure is missing")),
    }
}

fn number(measure: &Measure, cell: &Scalar) -> Result<Value, ShapeError> {
    let per_unit = measure
        .aggregate
        .values()
        .map_or(1.0, |values| values.form.per_unit() as f64);
    match (cell, measure.aggregate.column_type()) {
        (Scalar::Null, _) => Ok(Value::Null),
        (Scalar::Int(value), ColumnType::Integer) => Ok(Value::from(*value)),
        // Both parts are exact up to 2^53, so the quotient is the number nearest to the decimal amount.
        (Scalar::Int(value), _) => Ok(finite(*value as f64 / per_unit)),
        (Scalar::Float(value), ColumnType::Integer) if value.fract() == 0.0 && value.abs() < WHOLE_MAX => {
            Ok(Value::from(*value as i64))
        }
        (Scalar::Float(value), _) => Ok(finite(*value / per_unit)),
        _ => Err(ShapeError("a measure is no number")),
    }
}

fn finite(value: f64) -> Value {
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn integer(cell: Option<&Scalar>) -> Result<i64, ShapeError> {
    match cell {
        Some(Scalar::Int(value)) => Ok(*value),
        _ => Err(ShapeError("a key is no integer")),
    }
}

fn text(cell: Option<&Scalar>) -> Result<Value, ShapeError> {
    match cell {
        Some(Scalar::Text(text)) => Ok(Value::String(text.clone())),
        Some(Scalar::Int(value)) => Ok(Value::from(*value)),
        Some(Scalar::Bool(flag)) => Ok(Value::String(flag.to_string())),
        Some(Scalar::Null) => Ok(Value::Null),
        _ => Err(ShapeError("a dimension is no text")),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use serde_json::json;
    use tacho_core::{OrganizationId, Scope};

    use super::*;
    use crate::holdings::Holdings;
    use crate::params::QueryParams;
    use crate::plan::{EXACT_ROWS_MAX, plan};
    use crate::scope::scoped;

    fn planned(question: Value) -> Plan {
        let params = QueryParams::from_json(&question).unwrap();
        let now = "2026-10-25T12:00:00Z".parse().unwrap();
        let query = Query::validate(&params, now, &TimeZone::get("Europe/Berlin").unwrap()).unwrap();
        let scope = Scope::all(OrganizationId::from_bytes([1; 16]));
        plan(scoped(query, &scope), &Holdings::default(), EXACT_ROWS_MAX)
    }

    fn result(rows: Vec<Vec<Scalar>>) -> ResultSet {
        ResultSet {
            columns: Vec::new(),
            rows,
        }
    }

    fn of_totals<const N: usize>(
        counts: [i64; 3],
        dimensions: &[Scalar],
        measures: [Scalar; N],
    ) -> Vec<Scalar> {
        let leading = [Scalar::Int(0), Scalar::Null, Scalar::Null].into_iter();
        leading
            .chain(counts.map(Scalar::Int))
            .chain(dimensions.iter().cloned())
            .chain(measures)
            .collect()
    }

    fn moment() -> Moment {
        Moment {
            as_of: "2026-10-25T11:59:59Z".parse().unwrap(),
            as_of_lsn: 42,
            elapsed: Duration::from_millis(7),
        }
    }

    fn text(text: &str) -> Scalar {
        Scalar::Text(text.to_owned())
    }

    #[test]
    fn totals_are_compared() {
        let plan = planned(json!({
            "source": "executions",
            "measures": ["count", "success_rate", "cost"],
            "time": { "period": "day" },
            "compare": "previous_period"
        }));
        let totals = |count: i64, rate: Scalar, micros: f64| {
            let measures = [Scalar::Int(count), rate, Scalar::Float(micros)];
            result(vec![of_totals([count, 1, 2], &[], measures)])
        };
        let results = [
            totals(30, Scalar::Float(90.0), 300_000.0),
            totals(0, Scalar::Null, 100_000.0),
        ];
        insta::assert_json_snapshot!(shape(&plan, &results, moment()).unwrap());
    }

    #[test]
    fn empty_buckets_are_filled() {
        let plan = planned(json!({
            "source": "executions",
            "measures": ["count", "duration_p95", "cost"],
            "dimensions": ["status", "workflow"],
            "time": { "from": "2026-10-24T12:00:00Z", "to": "2026-10-26T12:00:00Z" },
            "granularity": "day",
            "limit": 2
        }));
        let monday = 1_792_972_800_000_000;
        let row = |rank: i64, bucket: i64, workflow: Scalar, name: Scalar, count: i64| {
            let measures = [Scalar::Int(count), Scalar::Float(1.5), Scalar::Float(0.0)];
            let leading = [Scalar::Int(1), Scalar::Int(rank), Scalar::Int(bucket)].into_iter();
            let counts = [Scalar::Null, Scalar::Null, Scalar::Null];
            let dimensions = [text("success"), workflow, name];
            leading.chain(counts).chain(dimensions).chain(measures).collect()
        };
        let measures = [Scalar::Int(9), Scalar::Float(2.0), Scalar::Float(0.0)];
        let rows = result(vec![
            of_totals([9, 1, 0], &[Scalar::Null, Scalar::Null, Scalar::Null], measures),
            row(1, monday - 86_400_000_000, text("a"), text("Invoices"), 3),
            row(1, monday, text("a"), text("Invoices"), 4),
            row(2, monday, Scalar::Null, Scalar::Null, 1),
            row(3, monday, text("c"), Scalar::Null, 1),
        ]);
        let answer = shape(&plan, &[rows], moment()).unwrap();
        insta::assert_json_snapshot!((answer.columns, answer.rows, answer.totals, answer.meta.notes));
    }

    #[test]
    fn nothing_at_all_is_a_line_of_zeros() {
        let plan = planned(json!({
            "source": "executions",
            "measures": ["count", "duration_avg"],
            "time": { "last": "2h" },
            "granularity": "hour",
            "order": [{ "by": "time", "direction": "desc" }]
        }));
        let totals = result(vec![of_totals([0, 0, 0], &[], [Scalar::Int(0), Scalar::Null])]);
        let answer = shape(&plan, &[totals], moment()).unwrap();
        assert_eq!(
            json!(answer.rows),
            json!([
                ["2026-10-25T12:00:00+01:00", 0, null],
                ["2026-10-25T11:00:00+01:00", 0, null]
            ])
        );
    }

    #[test]
    fn a_wrong_result_is_an_error() {
        let plan =
            planned(json!({ "source": "executions", "measures": ["count"], "time": { "period": "day" } }));
        assert!(shape(&plan, &[], moment()).is_err());
        assert!(shape(&plan, &[result(Vec::new())], moment()).is_err());
        let short = result(vec![of_totals([1, 0, 0], &[], [])]);
        assert!(shape(&plan, &[short], moment()).is_err());
    }
}
