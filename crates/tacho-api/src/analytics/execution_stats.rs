//! `getExecutionStats` (FR-001): how executions went, in a few numbers.

use serde::Serialize;
use serde_json::Value;
use tacho_core::period::Period;
use tacho_query::Answer;
use tacho_query::params::PeriodWord;
use utoipa::ToSchema;

use super::date::DateRange;
use super::duration::formatted;
use super::rates::rates;
use super::task::numbers;
use super::{Context, Fields, Issue, Procedure, TaskId};
use crate::answer_table::Table;
use crate::problem::Result;

/// `getExecutionStats`.
pub(crate) struct ExecutionStats;

/// What it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExecutionStatsInput {
    pub(crate) period: Period,
    pub(crate) task: Option<TaskId>,
}

/// How executions went.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExecutionStatsResult {
    /// The period asked for.
    #[schema(value_type = PeriodWord)]
    period: Period,
    /// From when to when that is.
    date_range: DateRange,
    /// Executions of every status.
    total_executions: u64,
    /// Those that succeeded.
    success_count: u64,
    /// Those that failed.
    failed_count: u64,
    /// Those that ran out of time.
    timeout_count: u64,
    /// Those that run.
    running_count: u64,
    /// Succeeded in percent of succeeded, failed and timed out, to one decimal.
    #[schema(example = 94.5)]
    success_rate: f64,
    /// The rest to 100.
    #[schema(example = 5.5)]
    failure_rate: f64,
    /// The mean duration of all that have ended, in milliseconds: that of each status weighted by how many there are.
    average_duration: f64,
    /// The same in words.
    #[schema(example = "45s")]
    average_duration_formatted: String,
    /// Whether it was worked out for an earlier question.
    from_cache: bool,
}

impl Procedure for ExecutionStats {
    const NAME: &'static str = "getExecutionStats";
    const DATES: &'static [&'static str] = &["dateRange.start", "dateRange.end"];
    type Input = ExecutionStatsInput;
    type Output = ExecutionStatsResult;

    fn read(input: Option<&Value>) -> Result<Self::Input, Vec<Issue>> {
        let mut fields = Fields::of(input);
        let input = ExecutionStatsInput {
            period: fields.period(Period::Week),
            task: fields.task_id(),
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
            "count_failed",
            "count_timeout",
            "count_running",
            "success_rate",
            "duration_avg",
        ];
        let question = numbers("executions", &measures, input.period, input.task.as_ref());
        let mut batch = context.ask(vec![question.into()]).await?;
        Ok(result(input.period, &batch.next_numbers()?, batch.from_cache))
    }
}

fn result(period: Period, answer: &Answer, from_cache: bool) -> ExecutionStatsResult {
    let table = Table(answer);
    let totals = table.totals();
    let (success_rate, failure_rate) = rates(totals.number("success_rate"));
    let average_duration = totals.number("duration_avg").unwrap_or(0.0).round();
    ExecutionStatsResult {
        period,
        date_range: DateRange::of(answer),
        total_executions: totals.count("count"),
        success_count: totals.count("count_success"),
        failed_count: totals.count("count_failed"),
        timeout_count: totals.count("count_timeout"),
        running_count: totals.count("count_running"),
        success_rate,
        failure_rate,
        average_duration,
        average_duration_formatted: formatted(average_duration),
        from_cache,
    }
}
