//! The numbers that reports say of some executions.

use serde::Serialize;
use utoipa::ToSchema;

use crate::answer_table::Row;

/// How some executions went.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct ExecutionFigures {
    /// Executions of every status.
    count: u64,
    /// Those that succeeded.
    count_success: u64,
    /// Those that failed.
    count_failed: u64,
    /// Those that ran out of time.
    count_timeout: u64,
    /// Those that somebody stopped.
    count_cancelled: u64,
    /// Those that run.
    count_running: u64,
    /// Succeeded in percent of succeeded, failed and timed out; null without any.
    #[schema(required)]
    success_rate: Option<f64>,
    /// Failed and timed out in percent of the same; null without any.
    #[schema(required)]
    failure_rate: Option<f64>,
    /// The mean duration of those that have ended, in milliseconds; null without any.
    #[schema(required)]
    duration_avg_ms: Option<f64>,
    /// 95 of 100 took less, in milliseconds.
    #[schema(required)]
    duration_p95_ms: Option<f64>,
    /// What they cost in US dollars, as their senders say.
    cost_usd: f64,
}

impl ExecutionFigures {
    /// The measures that they are made of.
    pub(crate) const MEASURES: [&'static str; 11] = [
        "count",
        "count_success",
        "count_failed",
        "count_timeout",
        "count_cancelled",
        "count_running",
        "success_rate",
        "failure_rate",
        "duration_avg",
        "duration_p95",
        "cost",
    ];

    pub(crate) fn of(row: Row<'_>) -> Self {
        Self {
            count: row.count("count"),
            count_success: row.count("count_success"),
            count_failed: row.count("count_failed"),
            count_timeout: row.count("count_timeout"),
            count_cancelled: row.count("count_cancelled"),
            count_running: row.count("count_running"),
            success_rate: row.number("success_rate"),
            failure_rate: row.number("failure_rate"),
            duration_avg_ms: row.number("duration_avg"),
            duration_p95_ms: row.number("duration_p95"),
            cost_usd: row.number("cost").unwrap_or(0.0),
        }
    }
}

/// How long some executions or steps took, in milliseconds; null without any that have ended.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct DurationFigures {
    /// The mean.
    #[schema(required)]
    avg_ms: Option<f64>,
    /// Half of them took less.
    #[schema(required)]
    median_ms: Option<f64>,
    /// 95 of 100 took less.
    #[schema(required)]
    p95_ms: Option<f64>,
    /// 99 of 100 took less.
    #[schema(required)]
    p99_ms: Option<f64>,
    /// The shortest.
    #[schema(required)]
    min_ms: Option<f64>,
    /// The longest.
    #[schema(required)]
    max_ms: Option<f64>,
    /// All together.
    total_ms: f64,
}

impl DurationFigures {
    /// The measures that they are made of.
    pub(crate) const MEASURES: [&'static str; 7] = [
        "duration_avg",
        "duration_median",
        "duration_p95",
        "duration_p99",
        "duration_min",
        "duration_max",
        "duration_total",
    ];

    pub(crate) fn of(row: Row<'_>) -> Self {
        Self {
            avg_ms: row.number("duration_avg"),
            median_ms: row.number("duration_median"),
            p95_ms: row.number("duration_p95"),
            p99_ms: row.number("duration_p99"),
            min_ms: row.number("duration_min"),
            max_ms: row.number("duration_max"),
            total_ms: row.number("duration_total").unwrap_or(0.0),
        }
    }
}

/// The workflow of a row.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct WorkflowName {
    /// Its id; null for what belongs to none.
    #[schema(required)]
    pub(crate) id: Option<String>,
    /// Its name now.
    #[schema(required)]
    pub(crate) name: Option<String>,
}

impl WorkflowName {
    pub(crate) fn of(row: Row<'_>) -> Self {
        Self {
            id: row.text("workflow"),
            name: row.text("workflow_name"),
        }
    }
}

/// The measures of both, each once.
pub(crate) fn all_measures() -> Vec<&'static str> {
    let mut measures = ExecutionFigures::MEASURES.to_vec();
    let missing = DurationFigures::MEASURES
        .into_iter()
        .filter(|measure| !ExecutionFigures::MEASURES.contains(measure));
    measures.extend(missing);
    measures
}
