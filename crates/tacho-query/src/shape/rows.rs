//! The rows of an answer, those of buckets in which nothing was counted included.

use serde_json::Value;
use tacho_core::time::{TimeRange, Timestamp};

use super::derived::derive;
use super::read::{Group, OfRange, Totals};
use crate::answer::ColumnType;
use crate::buckets::{Bucket, format_instant};
use crate::model::Measure;
use crate::plan::Plan;
use crate::query::{Query, Series};

/// A range with its buckets, and since when something is known of it.
pub(super) struct Stretch<'a> {
    pub(super) range: TimeRange,
    series: Option<&'a Series>,
    /// The instant before which nothing was recorded, if that is after the range begins.
    pub(super) since: Option<Timestamp>,
}

impl<'a> Stretch<'a> {
    pub(super) fn new(
        plan: &Plan,
        range: TimeRange,
        series: Option<&'a Series>,
        read: &OfRange,
    ) -> Stretch<'a> {
        let mut stretch = Stretch {
            range,
            series,
            since: None,
        };
        let known = plan.holdings().since(plan.query().source.record_type);
        stretch.since = known.map(|since| stretch.earliest(since, read));
        stretch.since = stretch.since.filter(|since| *since > range.start);
        stretch
    }

    /// Since when something is known. What is known of the store beforehand may be a minute old, and records of long ago
    /// have come since.
    fn earliest(&self, since: Timestamp, read: &OfRange) -> Timestamp {
        if since >= self.range.end && read.totals.rows > 0 {
            return self.range.start;
        }
        let first = self.buckets().find(|(bucket, _)| read.has(bucket.key));
        match first {
            Some((bucket, end)) if end <= since => bucket.start,
            _ => since,
        }
    }

    /// Whether nothing is known of the range at all.
    pub(super) fn is_unknown(&self) -> bool {
        self.since.is_some_and(|since| since >= self.range.end)
    }

    /// The buckets, each with the first instant after it.
    fn buckets(&self) -> impl Iterator<Item = (&'a Bucket, Timestamp)> {
        let end = self.range.end;
        self.series.into_iter().flat_map(move |series| series.ends(end))
    }

    /// How many rows each group has: one for each bucket, or one.
    pub(super) fn points(&self) -> usize {
        self.series.map_or(1, |series| series.buckets.buckets.len())
    }

    /// What was asked for of the measures over everything. Of a range before anything was recorded, nothing is known.
    pub(super) fn totals(&self, query: &Query, totals: &Totals) -> Vec<Value> {
        let measures = match self.is_unknown() {
            true => vec![Value::Null; query.measures.len()],
            false => totals.measures.clone(),
        };
        let mut rows = [(self.range, measures)];
        derive(query, &totals.measures, &mut rows);
        let [(_, measures)] = rows;
        measures
    }

    /// A row for each group, or bucket by bucket for each of the groups. `totals` are the measures over everything.
    pub(super) fn rows(&self, query: &Query, groups: &[Group], totals: &[Value]) -> Vec<Vec<Value>> {
        let of_groups: Vec<Vec<Vec<Value>>> = groups
            .iter()
            .map(|group| self.measures(query, group, totals))
            .collect();
        let starts: Vec<Option<Timestamp>> = match self.series {
            Some(_) => self.buckets().map(|(bucket, _)| Some(bucket.start)).collect(),
            None => vec![None],
        };
        let mut order: Vec<usize> = (0..starts.len()).collect();
        if self.is_descending() {
            order.reverse();
        }
        let mut rows = Vec::with_capacity(starts.len() * groups.len());
        for at in order {
            let start = starts[at].map(|start| Value::String(format_instant(start, &query.zone)));
            for (group, measures) in groups.iter().zip(&of_groups) {
                let dimensions = group.dimensions.iter();
                let row = start.iter().chain(dimensions).chain(&measures[at]);
                rows.push(row.cloned().collect());
            }
        }
        rows
    }

    /// The measures of a group: one row for each bucket in order of time, or one.
    fn measures(&self, query: &Query, group: &Group, totals: &[Value]) -> Vec<Vec<Value>> {
        let mut rows: Vec<(TimeRange, Vec<Value>)> = match self.series {
            None => {
                let measures = group.measures.clone();
                let end = self.range.end;
                vec![(
                    self.range,
                    measures.unwrap_or_else(|| self.of_nothing(query, end)),
                )]
            }
            Some(_) => self
                .buckets()
                .map(|(bucket, end)| {
                    let range = TimeRange {
                        start: bucket.start.max(self.range.start),
                        end: end.min(self.range.end),
                    };
                    let measures = group.buckets.get(&bucket.key).cloned();
                    (range, measures.unwrap_or_else(|| self.of_nothing(query, end)))
                })
                .collect(),
        };
        derive(query, totals, &mut rows);
        rows.into_iter().map(|(_, measures)| measures).collect()
    }

    /// The measures where there are no rows until `end`: zeros, or nothing if nothing is known.
    fn of_nothing(&self, query: &Query, end: Timestamp) -> Vec<Value> {
        let is_unknown = self.since.is_some_and(|since| end <= since);
        let measures = query.measures.iter();
        measures
            .map(|measure| match is_unknown {
                true => Value::Null,
                false => of_nothing(measure),
            })
            .collect()
    }

    fn is_descending(&self) -> bool {
        self.series.is_some_and(|series| series.is_descending)
    }

    /// The place of a row among those of another stretch that has its bucket at the same place, if there is one there.
    pub(super) fn place_in(&self, at: usize, other: &Stretch<'_>, groups: usize) -> Option<usize> {
        let (point, group) = (at / groups, at % groups);
        // In order of time.
        let point = match self.is_descending() {
            true => self.points() - 1 - point,
            false => point,
        };
        let theirs = match self.is_descending() {
            true => other.points().checked_sub(1 + point)?,
            false => point,
        };
        (theirs < other.points()).then_some(theirs * groups + group)
    }
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
