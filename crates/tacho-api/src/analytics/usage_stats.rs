//! `getUsageStats` (FR-003): executions over time.

use serde::Serialize;
use serde_json::Value;
use tacho_core::period::Period;
use tacho_query::params::PeriodWord;
use tacho_query::{Answer, Granularity};
use utoipa::ToSchema;

use super::date::{Date, DateRange};
use super::task::numbers;
use super::{Context, Fields, Issue, Procedure};
use crate::answer_table::Table;
use crate::problem::{Problem, Result};

/// `getUsageStats`.
pub(crate) struct UsageStats;

/// What it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UsageStatsInput {
    pub(crate) period: Period,
    pub(crate) group_by: GroupBy,
}

/// By which length of time executions are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum GroupBy {
    Hour,
    Day,
    Week,
    Month,
}

impl GroupBy {
    const WORDS: [(&'static str, GroupBy); 4] = [
        ("hour", GroupBy::Hour),
        ("day", GroupBy::Day),
        ("week", GroupBy::Week),
        ("month", GroupBy::Month),
    ];

    fn granularity(self) -> Granularity {
        match self {
            GroupBy::Hour => Granularity::Hour,
            GroupBy::Day => Granularity::Day,
            GroupBy::Week => Granularity::Week,
            GroupBy::Month => Granularity::Month,
        }
    }

    fn of(granularity: Granularity) -> Option<Self> {
        let mut all = Self::WORDS.into_iter().map(|(_, group_by)| group_by);
        all.find(|group_by| group_by.granularity() == granularity)
    }
}

/// Executions over time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsageStatsResult {
    /// The period asked for.
    #[schema(value_type = PeriodWord)]
    period: Period,
    /// The length of a point's time. Longer than asked for where there would be more than 365 points.
    group_by: GroupBy,
    /// From when to when the period is.
    date_range: DateRange,
    /// A point for every length of time, oldest first; those without executions are 0.
    data: Vec<UsageDataPoint>,
    /// The sums of the points.
    summary: UsageSummary,
    /// Whether it was worked out for an earlier question.
    from_cache: bool,
}

/// Executions of a length of time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsageDataPoint {
    /// When it begins.
    period: Date,
    /// Executions of every status.
    total_executions: u64,
    /// Those that succeeded.
    success_count: u64,
    /// Those that failed.
    failed_count: u64,
    /// Those that ran out of time.
    timeout_count: u64,
    /// The durations of all that have ended, added up, in milliseconds.
    total_duration: f64,
    /// Their mean, in milliseconds; 0 without any.
    avg_duration: f64,
}

/// The sums of the points.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsageSummary {
    /// Executions of every status.
    total_executions: u64,
    /// Those that succeeded.
    total_success: u64,
    /// Those that failed.
    total_failed: u64,
}

impl Procedure for UsageStats {
    const NAME: &'static str = "getUsageStats";
    const DATES: &'static [&'static str] = &["dateRange.start", "dateRange.end", "data.*.period"];
    type Input = UsageStatsInput;
    type Output = UsageStatsResult;

    fn read(input: Option<&Value>) -> Result<Self::Input, Vec<Issue>> {
        let mut fields = Fields::of(input);
        let input = UsageStatsInput {
            period: fields.period(Period::Month),
            group_by: fields.word("groupBy", GroupBy::Day, &GroupBy::WORDS),
        };
        fields.finish(input)
    }

    async fn answer(context: &Context<'_>, input: Self::Input) -> Result<Self::Output> {
        let measures = [
            "count",
            "count_success",
            "count_failed",
            "count_timeout",
            "duration_total",
            "duration_avg",
        ];
        let mut question = numbers("executions", &measures, input.period, None);
        question.granularity = Some(input.group_by.granularity());
        let mut batch = context.ask(vec![question.into()]).await?;
        result(input.period, &batch.next_numbers()?, batch.from_cache)
    }
}

fn result(period: Period, answer: &Answer, from_cache: bool) -> Result<UsageStatsResult> {
    let table = Table(answer);
    let group_by = answer.meta.granularity.and_then(GroupBy::of);
    let group_by = group_by.ok_or_else(|| Problem::from(tacho_store::EngineError::Lost))?;
    let points = table.rows().filter_map(|row| {
        Some(UsageDataPoint {
            period: Date(row.time()?),
            total_executions: row.count("count"),
            success_count: row.count("count_success"),
            failed_count: row.count("count_failed"),
            timeout_count: row.count("count_timeout"),
            total_duration: row.number("duration_total").unwrap_or(0.0),
            avg_duration: row.number("duration_avg").unwrap_or(0.0).round(),
        })
    });
    let data: Vec<UsageDataPoint> = points.collect();
    let summary = data
        .iter()
        .fold(UsageSummary::default(), |sum, point| UsageSummary {
            total_executions: sum.total_executions + point.total_executions,
            total_success: sum.total_success + point.success_count,
            total_failed: sum.total_failed + point.failed_count,
        });
    Ok(UsageStatsResult {
        period,
        group_by,
        date_range: DateRange::of(answer),
        data,
        summary,
        from_cache,
    })
}
