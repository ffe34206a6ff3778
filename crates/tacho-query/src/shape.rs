//! Stage 6: the results of a plan's statements as an answer. Buckets without rows are filled in here, names and units
//! come from the semantic model, and totals are compared.

mod derived;
mod differences;

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Number, Value};
use tacho_core::time::{TimeRange, Timestamp};

use crate::answer::{Answer, Column, ColumnRole, ColumnType, Comparison, Gap, Meta, ServedBy};
use crate::bins::RELATIVE_ERROR;
use crate::buckets::{Bucket, format_instant};
use crate::compile::Part;
use crate::model::derived::AskedMeasure;
use crate::model::{Aggregate, Form, Measure};
use crate::plan::Plan;
use crate::query::{Query, Series};
use crate::statement::{ResultSet, Scalar};

use self::derived::derive;
use self::differences::differences;

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
    let other = (query.with_other && has_more).then_some(read.other);
    let other = other.map(|other| other.rows(query, &read.totals.measures, since));
    if has_more && other.is_none() {
        notes.push(format!(
            "There are more than {} groups; these come first.",
            query.limit
        ));
    }
    let mut totals = read.totals;
    let rows = is_grouped.then(|| read.groups.rows(query, &totals.measures, since));
    totals.measures = derived_totals(query, query.range, totals.measures);
    let comparison = match before {
        Some((range, before)) => {
            let before = Read::of(query, false, before)?.totals.measures;
            let before = derived_totals(query, range, before);
            Some(compare(query, leading, range, &totals.measures, &before))
        }
        None => None,
    };
    let rows = rows.unwrap_or_else(|| vec![totals.measures.clone()]);
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

    /// A row for each group, or for each of its buckets. `totals` are the measures over everything.
    fn rows(mut self, query: &Query, totals: &[Value], since: Option<Timestamp>) -> Vec<Vec<Value>> {
        let Some(series) = &query.series else {
            let rows = self.groups.into_iter().map(|(_, mut group)| {
                let mut measures = [(query.range, group.measures)];
                derive(query, totals, &mut measures);
                let [(_, mut measures)] = measures;
                group.dimensions.append(&mut measures);
                group.dimensions
            });
            return rows.collect();
        };
        if self.groups.is_empty() && query.dimensions.is_empty() {
            self.groups.push((1, Group::default()));
        }
        filled(query, series, self.groups, totals, since)
    }
}

/// A group with the measures of every bucket of the series, each over its range, in order of time.
struct FilledGroup {
    dimensions: Vec<Value>,
    buckets: Vec<(TimeRange, Vec<Value>)>,
}

/// A row per bucket and group, bucket by bucket. Of buckets that end before `since`, nothing is known.
fn filled(
    query: &Query,
    series: &Series,
    groups: Vec<(i64, Group)>,
    totals: &[Value],
    since: Option<Timestamp>,
) -> Vec<Vec<Value>> {
    let zeros: Vec<Value> = query.measures.iter().map(|measure| of_nothing(measure)).collect();
    let unknown = vec![Value::Null; query.measures.len()];
    let buckets: Vec<(&Bucket, Timestamp)> = series.ends(query.range.end).collect();
    let groups: Vec<FilledGroup> = groups
        .into_iter()
        .map(|(_, mut group)| {
            let measures = buckets.iter().map(|(bucket, end)| {
                let range = TimeRange {
                    start: bucket.start.max(query.range.start),
                    end: (*end).min(query.range.end),
                };
                let nothing = match since.is_some_and(|since| *end <= since) {
                    true => &unknown,
                    false => &zeros,
                };
                let measures = group.buckets.remove(&bucket.key);
                (range, measures.unwrap_or_else(|| nothing.clone()))
            });
            let mut measures = measures.collect::<Vec<_>>();
            derive(query, totals, &mut measures);
            FilledGroup {
                dimensions: group.dimensions,
                buckets: measures,
            }
        })
        .collect();
    let mut order: Vec<usize> = (0..buckets.len()).collect();
    if series.is_descending {
        order.reverse();
    }
    let mut rows = Vec::with_capacity(buckets.len() * groups.len());
    for at in order {
        let start = Value::String(format_instant(buckets[at].0.start, &query.zone));
        for FilledGroup { dimensions, buckets } in &groups {
            let (_, measures) = &buckets[at];
            let mut row = Vec::with_capacity(1 + dimensions.len() + measures.len());
            row.push(start.clone());
            row.extend(dimensions.iter().cloned());
            row.extend(measures.iter().cloned());
            rows.push(row);
        }
    }
    rows
}

/// What is made of the measures over everything in a range.
fn derived_totals(query: &Query, range: TimeRange, totals: Vec<Value>) -> Vec<Value> {
    let mut derived = [(range, totals.clone())];
    derive(query, &totals, &mut derived);
    let [(_, derived)] = derived;
    derived
}

/// The measures over everything.
struct Totals {
    rows: u64,
    unattributed: u64,
    conflicts: u64,
    measures: Vec<Value>,
}

fn compare(query: &Query, leading: usize, range: TimeRange, now: &[Value], before: &[Value]) -> Comparison {
    let mut absolute = vec![None; leading];
    let mut relative = vec![None; leading];
    for ((measure, now), before) in query.measures.iter().zip(now).zip(before) {
        let (difference, fraction) = change(measure, now, before);
        absolute.push(difference);
        relative.push(fraction);
    }
    Comparison {
        from: range.start,
        to: range.end,
        totals: padded(leading, before),
        absolute,
        relative,
    }
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
    use std::sync::Arc;

    use jiff::tz::TimeZone;
    use serde_json::json;
    use tacho_core::record::RecordType;
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
        plan(scoped(query, &scope), &Arc::default(), EXACT_ROWS_MAX)
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

    #[test]
    fn groups_are_compared_with_the_baseline() {
        let answer = |baseline: Value| {
            let plan = planned(json!({
                "source": "executions",
                "measures": ["cost", "count.share"],
                "dimensions": ["workflow", "status"],
                "time": { "period": "day" },
                "baseline": baseline
            }));
            let row = |rank: i64, workflow: &str, cost: f64, count: i64| {
                let leading = [Scalar::Int(1), Scalar::Int(rank), Scalar::Null].into_iter();
                let counts = [Scalar::Null, Scalar::Null, Scalar::Null];
                let dimensions = [text(workflow), text("success"), Scalar::Null];
                let measures = [Scalar::Float(cost), Scalar::Int(count)];
                leading.chain(counts).chain(dimensions).chain(measures).collect()
            };
            let nothing = [Scalar::Null, Scalar::Null, Scalar::Null];
            let rows = result(vec![
                of_totals([8, 0, 0], &nothing, [Scalar::Float(600_000.0), Scalar::Int(8)]),
                row(1, "a", 300_000.0, 4),
                row(2, "b", 200_000.0, 2),
                row(3, "c", 100_000.0, 2),
            ]);
            shape(&plan, &[rows], moment()).unwrap()
        };
        let first = answer(json!("first")).differences.unwrap();
        assert_eq!(json!(first.baseline), json!(["a", "success"]));
        assert_eq!(first.absolute[1], [None, None, None, Some(-0.1), Some(-25.0)]);
        assert_eq!(first.relative[2][4], Some(-0.5));
        let named = answer(json!(["b", "success"])).differences.unwrap();
        assert_eq!(named.absolute[0][3], Some(0.1));
        assert_eq!(named.absolute[1][3..], [Some(0.0), Some(0.0)]);
        let missing = answer(json!(["z", null]));
        assert!(!missing.differences.unwrap().is_known);
        assert_eq!(missing.meta.notes.len(), 1);
    }

    #[test]
    fn what_was_before_the_first_record_is_not_known() {
        let params = QueryParams::from_json(&json!({
            "source": "executions",
            "measures": ["count", "cost.cumulative"],
            "time": { "from": "2026-10-20T00:00:00Z", "to": "2026-10-24T00:00:00Z" },
            "granularity": "day",
            "timezone": "UTC"
        }));
        let now = "2026-10-25T12:00:00Z".parse().unwrap();
        let query = Query::validate(&params.unwrap(), now, &TimeZone::UTC).unwrap();
        let scope = Scope::all(OrganizationId::from_bytes([1; 16]));
        let since: Timestamp = "2026-10-22T00:00:00Z".parse().unwrap();
        let holdings = Holdings {
            days: HashMap::from([(RecordType::Execution, vec![(since, 3)])]),
            ..Holdings::default()
        };
        let plan = plan(scoped(query, &scope), &Arc::new(holdings), EXACT_ROWS_MAX);
        let day = |at: Timestamp, count: i64, cost: f64| {
            let leading = [Scalar::Int(1), Scalar::Null, Scalar::Int(at.as_micros())];
            let counts = [Scalar::Null, Scalar::Null, Scalar::Null];
            let measures = [Scalar::Int(count), Scalar::Float(cost)];
            leading.into_iter().chain(counts).chain(measures).collect()
        };
        let totals = of_totals([3, 0, 0], &[], [Scalar::Int(3), Scalar::Float(1e6)]);
        let rows = result(vec![totals.clone(), day(since, 3, 1e6)]);
        let answer = shape(&plan, &[rows], moment()).unwrap();
        assert_eq!(
            json!(answer.rows),
            json!([
                ["2026-10-20T00:00:00+00:00", null, null],
                ["2026-10-21T00:00:00+00:00", null, null],
                ["2026-10-22T00:00:00+00:00", 3, 1.0],
                ["2026-10-23T00:00:00+00:00", 0, 1.0],
            ])
        );
        assert_eq!(answer.meta.gaps[0].to, since);
        // Rows of an earlier day have come since it was asked what there is.
        let earlier = since.plus_micros(-86_400_000_000);
        let rows = result(vec![totals, day(earlier, 3, 1e6)]);
        let answer = shape(&plan, &[rows], moment()).unwrap();
        assert_eq!(
            json!(answer.rows[2]),
            json!(["2026-10-22T00:00:00+00:00", 0, 1.0])
        );
        assert_eq!(answer.meta.gaps[0].to, earlier);
    }
}
