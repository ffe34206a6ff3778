//! Questions about one metric at a time, in the shape that the real-time dashboard's specification gives them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tacho_core::Timestamp;
use tacho_query::params::{
    Condition, DIMENSIONS_MAX, FILTER_LEAVES_MAX, Filter, FilterOp, QueryParams, TimeParams,
};
use tacho_query::{Answer, Granularity};
use utoipa::ToSchema;

use crate::problem::Problem;

/// What a metric's name stands for, if it is not that of a custom metric: a source and the stem of its measures.
const BUILT_IN: &[(&str, &str, &str)] = &[
    ("task.execution.duration", "executions", "duration"),
    ("task.execution.cost", "executions", "cost"),
    ("task.execution.count", "executions", "count"),
    ("task.step.duration", "steps", "duration"),
];

/// A question about one metric.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "metric_name": "task.execution.duration",
    "time_range": { "start": "2026-11-21T00:00:00Z", "end": "2026-11-22T00:00:00Z" },
    "aggregation": "p95",
    "group_by": ["workflow"],
    "filters": { "status": "success" }
}))]
pub(crate) struct MetricQuery {
    /// `task.execution.duration` (milliseconds), `task.execution.cost` (US dollars), `task.execution.count`,
    /// `task.step.duration` (milliseconds), or the name of a custom metric.
    pub(crate) metric_name: String,
    /// Over which time; the last 24 hours if left out.
    #[serde(default)]
    pub(crate) time_range: MetricTimeRange,
    /// How points are brought together; the average if left out.
    #[serde(default)]
    pub(crate) aggregation: Aggregation,
    /// Dimensions or keys of tags.
    #[serde(default)]
    pub(crate) group_by: Vec<String>,
    /// A value, or a list of values, for each dimension or key of a tag that has to have it.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(crate) filters: BTreeMap<String, Value>,
}

/// Over which time.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MetricTimeRange {
    /// The first instant inside.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) start: Option<Timestamp>,
    /// The first instant after it; now if left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) end: Option<Timestamp>,
}

/// How points are brought together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Aggregation {
    #[default]
    Avg,
    Sum,
    Count,
    Min,
    Max,
    P95,
    P99,
}

/// The answer to a question about one metric.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "data": [{ "timestamp": "2026-11-21T01:00:00+01:00", "value": 4210.5, "tags": { "workflow": "invoices" } }]
}))]
pub(crate) struct MetricData {
    /// A point for each bucket of time and group that has a value.
    pub(crate) data: Vec<MetricPoint>,
}

/// A point.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct MetricPoint {
    /// The start of the bucket.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) timestamp: Value,
    /// The value.
    #[schema(value_type = f64)]
    pub(crate) value: Value,
    /// The group, by the names of `group_by`.
    #[schema(value_type = Object)]
    pub(crate) tags: BTreeMap<String, Value>,
}

impl MetricQuery {
    /// The same as a question of ours.
    ///
    /// # Errors
    /// If a metric cannot be brought together like that, or a filter is none.
    pub(crate) fn params(&self) -> Result<QueryParams, Problem> {
        let built_in = BUILT_IN.iter().find(|(name, ..)| *name == self.metric_name);
        let (source, stem) = built_in.map_or(("metrics", "value"), |(_, source, stem)| (*source, *stem));
        let mut filters = self
            .filters
            .iter()
            .take(FILTER_LEAVES_MAX + 1)
            .map(|(name, value)| condition(source, name, value))
            .collect::<Result<Vec<_>, _>>()?;
        if built_in.is_none() {
            filters.push(Filter::Condition(Condition {
                field: "name".to_owned(),
                op: FilterOp::Eq,
                value: Some(self.metric_name.as_str().into()),
                values: None,
            }));
        }
        let (from, to) = (self.time_range.start, self.time_range.end);
        let time = match (from, to) {
            (None, None) => TimeParams {
                last: Some("24h".to_owned()),
                ..TimeParams::default()
            },
            (from, to) => TimeParams {
                from,
                to,
                ..TimeParams::default()
            },
        };
        Ok(QueryParams {
            source: source.to_owned(),
            measures: vec![self.measure(stem)?],
            dimensions: self
                .group_by
                .iter()
                .take(DIMENSIONS_MAX + 1)
                .map(|name| field(source, name))
                .collect(),
            time,
            // Widened until the points are few enough.
            granularity: Some(Granularity::Minute),
            filters,
            ..QueryParams::default()
        })
    }

    fn measure(&self, stem: &str) -> Result<String, Problem> {
        let suffix = match self.aggregation {
            Aggregation::Avg => "avg",
            Aggregation::Sum => "sum",
            Aggregation::Count => return Ok("count".to_owned()),
            Aggregation::Min => "min",
            Aggregation::Max => "max",
            Aggregation::P95 => "p95",
            Aggregation::P99 => "p99",
        };
        match (stem, suffix) {
            ("count", "sum") => Ok("count".to_owned()),
            ("cost", "sum") => Ok("cost".to_owned()),
            ("cost", "avg") => Ok("cost_per_execution".to_owned()),
            ("count" | "cost", _) => Err(Problem::invalid(
                "/aggregation",
                format!("{} is brought together by sum or count.", self.metric_name),
            )),
            ("duration", "sum") => Ok("duration_total".to_owned()),
            _ => Ok(format!("{stem}_{suffix}")),
        }
    }

    /// The points of an answer to it.
    pub(crate) fn data(&self, answer: Answer) -> MetricData {
        // Dimensions stand between the time and the measure; a workflow is followed by its name.
        let mut grouped: Vec<usize> = Vec::new();
        for at in 1..answer.columns.len().saturating_sub(1) {
            let before = &answer.columns[at - 1].name;
            if answer.columns[at].name != format!("{before}_name") {
                grouped.push(at);
            }
        }
        let points = answer.rows.into_iter().filter_map(|row| {
            let value = row.last().filter(|value| !value.is_null())?.clone();
            let tags = self.group_by.iter().zip(&grouped);
            Some(MetricPoint {
                timestamp: row.first()?.clone(),
                value,
                tags: tags
                    .filter_map(|(name, at)| Some((name.clone(), row.get(*at)?.clone())))
                    .collect(),
            })
        });
        MetricData {
            data: points.collect(),
        }
    }
}

/// A dimension of the source by its name; what is none is the key of a tag.
fn field(source: &str, name: &str) -> String {
    let known = tacho_query::model::names::source(source, "")
        .is_ok_and(|source| source.field(name, &Default::default()).is_some());
    match known {
        true => name.to_owned(),
        false => format!("tags.{name}"),
    }
}

fn condition(source: &str, name: &str, value: &Value) -> Result<Filter, Problem> {
    let (op, value, values) = match value {
        Value::Array(values) => (FilterOp::In, None, Some(values.clone())),
        Value::Null | Value::Object(_) => {
            return Err(Problem::invalid(
                "/filters",
                "A filter is a value or a list of values for each dimension or key of a tag.",
            ));
        }
        value => (FilterOp::Eq, Some(value.clone()), None),
    };
    Ok(Filter::Condition(Condition {
        field: field(source, name),
        op,
        value,
        values,
    }))
}
