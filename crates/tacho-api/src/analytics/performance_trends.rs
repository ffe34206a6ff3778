//! `getPerformanceTrends` (FR-005): how executions fared day by day, against the time before, and which days stand out.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tacho_analysis::change::{self, change};
use tacho_analysis::outliers::outliers_in_seasons;
use tacho_core::period::Period;
use tacho_query::params::{Compare, CompareWith, PeriodWord};
use tacho_query::{Answer, Granularity};
use utoipa::ToSchema;

use super::date::{Date, DateRange};
use super::rates::to_tenths;
use super::task::numbers;
use super::{Context, Fields, Issue, Procedure, TaskId};
use crate::answer_table::{Row, Table};
use crate::problem::Result;

const DAYS_OF_A_WEEK: usize = 7;

/// `getPerformanceTrends`.
pub(crate) struct PerformanceTrends;

/// What it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PerformanceTrendsInput {
    pub(crate) task: Option<TaskId>,
    pub(crate) period: Period,
    pub(crate) metrics: Vec<TrendMetric>,
}

/// Something whose trend can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TrendMetric {
    /// How long executions took: mean, shortest and longest.
    Duration,
    /// How many of them succeeded.
    SuccessRate,
    /// How many there were.
    ExecutionCount,
}

impl TrendMetric {
    /// Every metric, in the document's order.
    pub(crate) const ALL: [TrendMetric; 3] = [
        TrendMetric::Duration,
        TrendMetric::SuccessRate,
        TrendMetric::ExecutionCount,
    ];

    const WORDS: [(&'static str, TrendMetric); 3] = [
        ("duration", TrendMetric::Duration),
        ("success_rate", TrendMetric::SuccessRate),
        ("execution_count", TrendMetric::ExecutionCount),
    ];

    /// The measure whose change is its trend.
    fn measure(self) -> &'static str {
        match self {
            TrendMetric::Duration => "duration_avg",
            TrendMetric::SuccessRate => "success_rate",
            TrendMetric::ExecutionCount => "count",
        }
    }

    fn value(self, row: Row<'_>) -> Option<f64> {
        let value = row.number(self.measure());
        match self {
            TrendMetric::Duration => value.map(f64::round),
            TrendMetric::SuccessRate => value.map(to_tenths),
            TrendMetric::ExecutionCount => value,
        }
    }
}

/// How executions fared day by day.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PerformanceTrendsResult {
    /// The period asked for.
    #[schema(value_type = PeriodWord)]
    period: Period,
    /// From when to when that is.
    date_range: DateRange,
    /// The metrics asked for.
    metrics: Vec<TrendMetric>,
    /// A point for every day (for a longer time where there would be more than 365), oldest first.
    data: Vec<TrendDataPoint>,
    /// How each metric has changed against the same length of time before.
    trends: Vec<Trend>,
    /// Whether it was worked out for an earlier question.
    from_cache: bool,
}

/// How executions fared on a day. What belongs to a metric that was not asked for is left out.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TrendDataPoint {
    /// When it begins.
    date: Date,
    /// With `execution_count`: executions of every status.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    execution_count: Option<u64>,
    /// With `success_rate`: those that succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    success_count: Option<u64>,
    /// With `success_rate`: in percent of those that succeeded, failed or timed out; null without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    success_rate: Option<Option<f64>>,
    /// With `duration`: the mean of those that have ended, in milliseconds; null without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    avg_duration: Option<Option<f64>>,
    /// With `duration`: the shortest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    min_duration: Option<Option<f64>>,
    /// With `duration`: the longest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    max_duration: Option<Option<f64>>,
    /// The metrics that stand out from the other days, after three weeks from those of the same weekday: modified z-score
    /// above 3.5.
    anomalies: Vec<TrendMetric>,
}

/// How a metric has changed.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Trend {
    /// The metric.
    metric: TrendMetric,
    /// Over the period: mean duration in milliseconds, success rate in percent, or count.
    #[schema(required)]
    current: Option<f64>,
    /// Over the same length of time before.
    #[schema(required)]
    baseline: Option<f64>,
    /// The change in percent of the baseline, to one decimal.
    #[schema(required)]
    change_percent: Option<f64>,
    /// Which way it has gone; less than one percent is `stable`.
    direction: TrendDirection,
    /// What to think of that.
    assessment: TrendAssessment,
}

/// Which way a metric has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TrendDirection {
    Up,
    Down,
    Stable,
    Unknown,
}

/// What to think of a change: shorter durations and more success are better, more executions are neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TrendAssessment {
    Improving,
    Declining,
    Neutral,
    Unknown,
}

impl Procedure for PerformanceTrends {
    const NAME: &'static str = "getPerformanceTrends";
    const DATES: &'static [&'static str] = &["dateRange.start", "dateRange.end", "data.*.date"];
    type Input = PerformanceTrendsInput;
    type Output = PerformanceTrendsResult;

    fn read(input: Option<&Value>) -> Result<Self::Input, Vec<Issue>> {
        let mut fields = Fields::of(input);
        let input = PerformanceTrendsInput {
            task: fields.task_id(),
            period: fields.period(Period::Month),
            metrics: fields.words("metrics", &TrendMetric::ALL, &TrendMetric::WORDS),
        };
        fields.finish(input)
    }

    async fn answer(context: &Context<'_>, input: Self::Input) -> Result<Self::Output> {
        if let Some(task) = &input.task {
            context.require_task(task).await?;
        }
        let measures = [
            "count",
            "count_success",
            "success_rate",
            "duration_avg",
            "duration_min",
            "duration_max",
        ];
        let mut question = numbers("executions", &measures, input.period, input.task.as_ref());
        question.granularity = Some(Granularity::Day);
        question.compare = Some(Compare::With(CompareWith::PreviousPeriod));
        let mut batch = context.ask(vec![question.into()]).await?;
        Ok(result(input, &batch.next_numbers()?, batch.from_cache))
    }
}

fn result(input: PerformanceTrendsInput, answer: &Answer, from_cache: bool) -> PerformanceTrendsResult {
    let table = Table(answer);
    let metrics: Vec<TrendMetric> = TrendMetric::ALL
        .into_iter()
        .filter(|metric| input.metrics.contains(metric))
        .collect();
    let season = match answer.meta.granularity {
        Some(Granularity::Day) => DAYS_OF_A_WEEK,
        _ => 1,
    };
    let marks: Vec<(TrendMetric, Vec<bool>)> = metrics
        .iter()
        .map(|&metric| {
            let mut values: Vec<_> = table.rows().map(|row| metric.value(row)).collect();
            if metric == TrendMetric::ExecutionCount {
                // The first and the last day are in the period in part only, so that their counts tell nothing.
                values.first_mut().into_iter().for_each(|end| *end = None);
                values.last_mut().into_iter().for_each(|end| *end = None);
            }
            (metric, outliers_in_seasons(&values, season))
        })
        .collect();
    let points = table.rows().enumerate().filter_map(|(at, row)| {
        let stands_out = |(metric, marks): &(TrendMetric, Vec<bool>)| marks[at].then_some(*metric);
        Some(TrendDataPoint {
            anomalies: marks.iter().filter_map(stands_out).collect(),
            ..point(row, &metrics)?
        })
    });
    PerformanceTrendsResult {
        period: input.period,
        date_range: DateRange::of(answer),
        data: points.collect(),
        trends: metrics.iter().map(|&metric| trend(metric, &table)).collect(),
        metrics,
        from_cache,
    }
}

fn point(row: Row<'_>, metrics: &[TrendMetric]) -> Option<TrendDataPoint> {
    let has = |metric| metrics.contains(&metric);
    Some(TrendDataPoint {
        date: Date(row.time()?),
        execution_count: has(TrendMetric::ExecutionCount).then(|| row.count("count")),
        success_count: has(TrendMetric::SuccessRate).then(|| row.count("count_success")),
        success_rate: has(TrendMetric::SuccessRate).then(|| TrendMetric::SuccessRate.value(row)),
        avg_duration: has(TrendMetric::Duration).then(|| TrendMetric::Duration.value(row)),
        min_duration: has(TrendMetric::Duration).then(|| row.number("duration_min")),
        max_duration: has(TrendMetric::Duration).then(|| row.number("duration_max")),
        anomalies: Vec::new(),
    })
}

fn trend(metric: TrendMetric, table: &Table<'_>) -> Trend {
    let current = metric.value(table.totals());
    let baseline = table.totals_before().and_then(|before| metric.value(before));
    let change = change(current, baseline);
    let direction = match change.direction {
        change::Direction::Up => TrendDirection::Up,
        change::Direction::Down => TrendDirection::Down,
        change::Direction::Stable => TrendDirection::Stable,
        change::Direction::Unknown => TrendDirection::Unknown,
    };
    let is_better_up = metric == TrendMetric::SuccessRate;
    Trend {
        metric,
        current,
        baseline,
        change_percent: change.relative.map(|relative| to_tenths(relative * 100.0)),
        direction,
        assessment: match direction {
            TrendDirection::Unknown => TrendAssessment::Unknown,
            TrendDirection::Stable => TrendAssessment::Neutral,
            _ if metric == TrendMetric::ExecutionCount => TrendAssessment::Neutral,
            TrendDirection::Up if is_better_up => TrendAssessment::Improving,
            TrendDirection::Down if !is_better_up => TrendAssessment::Improving,
            _ => TrendAssessment::Declining,
        },
    }
}
