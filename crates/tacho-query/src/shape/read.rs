//! Taking a result apart.

use std::collections::HashMap;

use serde_json::{Number, Value};

use super::ShapeError;
use crate::answer::ColumnType;
use crate::compile::{Part, Side};
use crate::model::Measure;
use crate::query::Query;
use crate::statement::{ResultSet, Scalar};

/// Below it a floating-point number holds every whole number.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// A group: its dimensions with the names of workflows in their places, and its measures, one for each bucket that has
/// rows.
#[derive(Clone, Default)]
pub(super) struct Group {
    pub(super) dimensions: Vec<Value>,
    pub(super) buckets: HashMap<i64, Vec<Value>>,
    /// Without buckets: the measures, if there are rows.
    pub(super) measures: Option<Vec<Value>>,
    rank: i64,
}

/// The measures over everything.
pub(super) struct Totals {
    pub(super) rows: u64,
    pub(super) unattributed: u64,
    pub(super) conflicts: u64,
    pub(super) measures: Vec<Value>,
}

/// What a result says of one range.
pub(super) struct OfRange {
    pub(super) totals: Totals,
    /// The groups in their order, not more than the limit. Without dimensions there is one.
    pub(super) groups: Vec<Group>,
    /// Whether there are more of them than the limit.
    pub(super) has_more: bool,
    /// All groups beyond the limit together.
    pub(super) other: Group,
}

/// A result, taken apart.
pub(super) struct Read {
    pub(super) now: OfRange,
    pub(super) before: Option<OfRange>,
}

impl Read {
    pub(super) fn of(query: &Query, result: &ResultSet) -> Result<Read, ShapeError> {
        let (mut now, mut before) = (Gathered::new(query), Gathered::new(query));
        for row in &result.rows {
            let mut cells = row.iter();
            let part = integer(cells.next())?;
            let (side, part) = Part::of_number(part).ok_or(ShapeError("there is no such part"))?;
            let gathered = match side {
                Side::Now => &mut now,
                Side::Before => &mut before,
            };
            gathered.put(query, part, cells)?;
        }
        Ok(Read {
            now: now.all(query)?,
            before: match &query.previous {
                Some(_) => Some(before.all(query)?),
                None => None,
            },
        })
    }
}

/// What has been read so far of one range.
struct Gathered {
    totals: Option<Totals>,
    groups: Vec<Group>,
    other: Group,
}

impl Gathered {
    fn new(query: &Query) -> Self {
        let dimensions = query.dimensions.iter();
        let leading: usize = dimensions
            .map(|dimension| 1 + usize::from(dimension.is_workflow))
            .sum();
        Self {
            totals: None,
            groups: Vec::new(),
            other: Group {
                dimensions: vec![Value::Null; leading],
                ..Group::default()
            },
        }
    }

    /// Takes a row's cells after the first, which has said of which part it is.
    fn put<'a>(
        &mut self,
        query: &Query,
        part: Part,
        mut cells: impl Iterator<Item = &'a Scalar>,
    ) -> Result<(), ShapeError> {
        let (rank, bucket) = (cells.next(), cells.next());
        let counts = [cells.next(), cells.next(), cells.next()];
        let ids: Vec<Value> = query
            .dimensions
            .iter()
            .map(|_| text(cells.next()))
            .collect::<Result<_, _>>()?;
        let mut dimensions = Vec::new();
        for (dimension, id) in query.dimensions.iter().zip(ids) {
            dimensions.push(id);
            if dimension.is_workflow {
                // The names stand after all dimensions, in the order of the dimensions that have them.
                dimensions.push(text(cells.next())?);
            }
        }
        let measures = measures(query, cells)?;
        match part {
            Part::Totals => {
                let [rows, unattributed, conflicts] = counts;
                let count = |cell| integer(cell).map(i64::unsigned_abs);
                self.totals = Some(Totals {
                    rows: count(rows)?,
                    unattributed: count(unattributed)?,
                    conflicts: count(conflicts)?,
                    measures,
                });
            }
            Part::Other => self.other.put(bucket, measures)?,
            Part::Rows => {
                // Without dimensions, all buckets are of one group.
                let rank = match query.dimensions.is_empty() {
                    true => 1,
                    false => integer(rank)?,
                };
                self.group(rank, dimensions).put(bucket, measures)?;
            }
        }
        Ok(())
    }

    /// The group of a rank, which is the last one or a new one.
    fn group(&mut self, rank: i64, dimensions: Vec<Value>) -> &mut Group {
        if self.groups.last().is_none_or(|last| last.rank != rank) {
            self.groups.push(Group {
                dimensions,
                rank,
                ..Group::default()
            });
        }
        let last = self.groups.len() - 1;
        &mut self.groups[last]
    }

    fn all(mut self, query: &Query) -> Result<OfRange, ShapeError> {
        let limit = query.limit as usize;
        let has_more = self.groups.len() > limit && !query.dimensions.is_empty();
        if has_more {
            self.groups.truncate(limit);
        }
        if self.groups.is_empty() && query.dimensions.is_empty() {
            self.groups.push(Group {
                rank: 1,
                ..Group::default()
            });
        }
        Ok(OfRange {
            totals: self.totals.ok_or(ShapeError("there are no totals"))?,
            groups: self.groups,
            has_more,
            other: self.other,
        })
    }
}

impl Group {
    fn put(&mut self, bucket: Option<&Scalar>, measures: Vec<Value>) -> Result<(), ShapeError> {
        match bucket {
            None | Some(Scalar::Null) => self.measures = Some(measures),
            key => {
                self.buckets.insert(integer(key)?, measures);
            }
        }
        Ok(())
    }
}

impl OfRange {
    /// Puts the groups into the places of the same groups of another range. One that has no rows here is empty.
    pub(super) fn line_up(&mut self, with: &OfRange) {
        let mut mine = std::mem::take(&mut self.groups).into_iter().peekable();
        self.groups = with
            .groups
            .iter()
            .map(|theirs| {
                while mine.next_if(|group| group.rank < theirs.rank).is_some() {}
                let same = mine.next_if(|group| group.rank == theirs.rank);
                Group {
                    dimensions: theirs.dimensions.clone(),
                    ..same.unwrap_or_default()
                }
            })
            .collect();
    }

    /// Whether there are rows in a bucket.
    pub(super) fn has(&self, bucket: i64) -> bool {
        let mut groups = self.groups.iter().chain([&self.other]);
        groups.any(|group| group.buckets.contains_key(&bucket))
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

pub(super) fn finite(value: f64) -> Value {
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
