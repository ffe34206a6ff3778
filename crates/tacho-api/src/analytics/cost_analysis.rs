//! `getCostAnalysis` (FR-004): what sessions are estimated to cost, beside what was recorded.

use serde::Serialize;
use serde_json::Value;
use tacho_core::period::Period;
use tacho_metastore::CostRates;
use tacho_query::params::PeriodWord;
use tacho_query::{Answer, Granularity};
use tacho_store::Question;
use utoipa::ToSchema;

use super::date::{Date, DateRange};
use super::rates::to_tenths;
use super::task::numbers;
use super::{Context, Fields, Issue, Procedure, TaskId};
use crate::answer_table::Table;
use crate::asking::is_one_of;
use crate::problem::Result;

const MS_PER_MINUTE: f64 = 60_000.0;
const MICROS_PER_USD: f64 = 1_000_000.0;
const USD: &str = "USD";

/// `getCostAnalysis`.
pub(crate) struct CostAnalysis;

/// What it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CostAnalysisInput {
    pub(crate) period: Period,
    pub(crate) task: Option<TaskId>,
}

/// What sessions are estimated to cost, beside what was recorded.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CostAnalysisResult {
    /// The period asked for.
    #[schema(value_type = PeriodWord)]
    period: Period,
    /// From when to when that is.
    date_range: DateRange,
    /// The successful executions, of which the estimate is.
    executions: CostedExecutions,
    /// The estimate.
    cost: EstimatedCost,
    /// What the estimate is made of; adds up to it.
    breakdown: CostBreakdown,
    /// What was recorded; null if no costs were.
    #[schema(required)]
    actual: Option<ActualCost>,
    /// Both by day (by a longer time where there would be more than 365 points), oldest first.
    trend: Vec<CostPoint>,
    /// Whether it was worked out for an earlier question.
    from_cache: bool,
}

/// Executions of which the cost is estimated.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CostedExecutions {
    /// How many succeeded.
    total: u64,
    /// Their durations, added up.
    total_duration_ms: f64,
    /// The same in minutes, to two decimals.
    total_duration_minutes: f64,
    /// Their mean.
    avg_duration_ms: f64,
}

/// An estimate of costs.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EstimatedCost {
    /// In total, to two decimals.
    #[schema(example = 21.25)]
    estimated_total: f64,
    /// In what amounts are: `USD`.
    #[schema(example = "USD")]
    currency: &'static str,
    /// The total divided by how many succeeded; 0 without any.
    cost_per_execution: f64,
    /// What a minute costs.
    #[schema(example = 0.005)]
    cost_per_minute: f64,
    /// How the estimate is made.
    notes: Vec<String>,
}

/// What an estimate is made of.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CostBreakdown {
    /// Executions times the minimum for a session.
    #[schema(example = 12.5)]
    session_costs: f64,
    /// Minutes times the rate.
    #[schema(example = 8.75)]
    duration_costs: f64,
}

/// Costs that were recorded.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActualCost {
    /// In total, of executions of every status, to two decimals.
    total: f64,
    /// In what amounts are: `USD`.
    #[schema(example = "USD")]
    currency: &'static str,
    /// Executions of every status.
    executions: u64,
    /// The total divided by them.
    #[schema(required)]
    cost_per_execution: Option<f64>,
    /// The part of executions that failed or timed out.
    failed_total: f64,
    /// The total minus the estimate.
    difference_from_estimate: f64,
    /// The same in percent of the estimate, to one decimal.
    #[schema(required)]
    difference_percent: Option<f64>,
    /// From what the total is worked out.
    notes: Vec<String>,
}

/// Costs of a length of time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct CostPoint {
    /// When it begins.
    date: Date,
    /// The estimate.
    estimated: f64,
    /// What was recorded; null if nothing was in the whole period.
    #[schema(required)]
    actual: Option<f64>,
    /// Successful executions.
    executions: u64,
}

impl Procedure for CostAnalysis {
    const NAME: &'static str = "getCostAnalysis";
    const DATES: &'static [&'static str] = &["dateRange.start", "dateRange.end", "trend.*.date"];
    type Input = CostAnalysisInput;
    type Output = CostAnalysisResult;

    fn read(input: Option<&Value>) -> Result<Self::Input, Vec<Issue>> {
        let mut fields = Fields::of(input);
        let input = CostAnalysisInput {
            period: fields.period(Period::Month),
            task: fields.task_id(),
        };
        fields.finish(input)
    }

    async fn answer(context: &Context<'_>, input: Self::Input) -> Result<Self::Output> {
        if let Some(task) = &input.task {
            context.require_task(task).await?;
        }
        let rates = context.state.cost_rates(context.asker.organization.id).await?;
        let mut batch = context.ask(questions(&input)).await?;
        let answers = CostAnswers {
            successful: batch.next_numbers()?,
            all: batch.next_numbers()?,
            failed: batch.next_numbers()?,
            recorded: batch.next_numbers()?,
            recorded_failed: batch.next_numbers()?,
        };
        Ok(result(input.period, &answers, rates, batch.from_cache))
    }
}

struct CostAnswers {
    /// Successful executions and their durations.
    successful: Answer,
    /// Executions of every status and what they say that they cost.
    all: Answer,
    /// The same of those that failed or timed out.
    failed: Answer,
    /// Cost records.
    recorded: Answer,
    /// Those of executions that failed or timed out.
    recorded_failed: Answer,
}

fn questions(input: &CostAnalysisInput) -> Vec<Question> {
    let ask = |source: &str, measures: &[&str]| numbers(source, measures, input.period, input.task.as_ref());
    let by_day = |mut params: tacho_query::QueryParams| {
        params.granularity = Some(Granularity::Day);
        params
    };
    let of_status = |mut params: tacho_query::QueryParams, field: &str, statuses: &[&str]| {
        params.filters.push(is_one_of(field, statuses));
        params
    };
    let unsuccessful = ["failed", "timeout"];
    let measures = ["count", "duration_total", "duration_avg"];
    [
        of_status(by_day(ask("executions", &measures)), "status", &["success"]),
        by_day(ask("executions", &["count", "cost"])),
        of_status(ask("executions", &["cost"]), "status", &unsuccessful),
        by_day(ask("costs", &["count", "amount"])),
        of_status(ask("costs", &["amount"]), "execution_status", &unsuccessful),
    ]
    .map(Question::from)
    .into()
}

fn result(period: Period, answers: &CostAnswers, rates: CostRates, from_cache: bool) -> CostAnalysisResult {
    let table = Table(&answers.successful);
    let totals = table.totals();
    let (count, ms) = (
        totals.count("count"),
        totals.number("duration_total").unwrap_or(0.0),
    );
    let estimate = Estimate::of(count, ms, rates);
    let recorded = Recorded::of(answers);
    CostAnalysisResult {
        period,
        date_range: DateRange::of(&answers.successful),
        executions: CostedExecutions {
            total: count,
            total_duration_ms: ms,
            total_duration_minutes: to_cents(ms / MS_PER_MINUTE),
            avg_duration_ms: totals.number("duration_avg").unwrap_or(0.0).round(),
        },
        cost: EstimatedCost {
            estimated_total: to_cents(estimate.usd()),
            currency: USD,
            cost_per_execution: match count {
                0 => 0.0,
                count => to_micros(estimate.usd() / count as f64),
            },
            cost_per_minute: rates.per_minute_in_usd(),
            notes: notes(rates),
        },
        breakdown: estimate.breakdown(),
        actual: recorded.as_ref().map(|recorded| recorded.beside(&estimate)),
        trend: trend(answers, recorded.as_ref(), rates),
        from_cache,
    }
}

/// What executions are estimated to cost, in micro-dollars.
struct Estimate {
    sessions: f64,
    duration: f64,
}

impl Estimate {
    /// That of so many successful executions that took so long together (FR-004): the minimum for each session and the rate
    /// for each minute.
    fn of(executions: u64, duration_ms: f64, rates: CostRates) -> Self {
        Self {
            sessions: executions as f64 * rates.session_minimum_usd as f64,
            duration: duration_ms / MS_PER_MINUTE * rates.per_minute_usd as f64,
        }
    }

    fn usd(&self) -> f64 {
        (self.sessions + self.duration) / MICROS_PER_USD
    }

    /// Its parts in whole cents, which add up to the whole in whole cents: what rounding would add or take away is in the
    /// second.
    fn breakdown(&self) -> CostBreakdown {
        let session_costs = to_cents(self.sessions / MICROS_PER_USD);
        CostBreakdown {
            session_costs,
            duration_costs: to_cents(to_cents(self.usd()) - session_costs),
        }
    }
}

/// What was recorded.
struct Recorded<'a> {
    /// With buckets of time.
    answer: &'a Answer,
    measure: &'static str,
    total: f64,
    failed: f64,
    executions: u64,
    note: &'static str,
}

impl<'a> Recorded<'a> {
    /// Cost records if there are any, else what executions say that they cost. Both together would count twice where a
    /// sender tells both.
    fn of(answers: &'a CostAnswers) -> Option<Self> {
        let total_of = |answer: &Answer, measure| Table(answer).totals().number(measure).unwrap_or(0.0);
        let executions = Table(&answers.all).totals().count("count");
        if Table(&answers.recorded).totals().count("count") > 0 {
            return Some(Self {
                answer: &answers.recorded,
                measure: "amount",
                total: total_of(&answers.recorded, "amount"),
                failed: total_of(&answers.recorded_failed, "amount"),
                executions,
                note: "The sum of cost records, refunds taken off.",
            });
        }
        let total = total_of(&answers.all, "cost");
        (total != 0.0).then(|| Self {
            answer: &answers.all,
            measure: "cost",
            total,
            failed: total_of(&answers.failed, "cost"),
            executions,
            note: "The sum of what executions say that they cost: there are no cost records.",
        })
    }

    fn beside(&self, estimate: &Estimate) -> ActualCost {
        let (total, estimated) = (to_cents(self.total), to_cents(estimate.usd()));
        let difference = to_cents(total - estimated);
        ActualCost {
            total,
            currency: USD,
            executions: self.executions,
            cost_per_execution: (self.executions > 0).then(|| to_micros(self.total / self.executions as f64)),
            failed_total: to_cents(self.failed),
            difference_from_estimate: difference,
            difference_percent: (estimated != 0.0).then(|| to_tenths(difference / estimated * 100.0)),
            notes: vec![
                self.note.to_owned(),
                "Executions of every status are counted; failedTotal is the part of those that failed or timed out."
                    .to_owned(),
            ],
        }
    }
}

fn trend(answers: &CostAnswers, recorded: Option<&Recorded<'_>>, rates: CostRates) -> Vec<CostPoint> {
    let actual: Vec<f64> = recorded.map_or_else(Vec::new, |recorded| {
        let rows = Table(recorded.answer).rows();
        rows.map(|row| row.number(recorded.measure).unwrap_or(0.0))
            .collect()
    });
    // All answers of a batch have the same range and buckets.
    let points = Table(&answers.successful).rows().enumerate();
    let points = points.filter_map(|(at, row)| {
        let (executions, ms) = (row.count("count"), row.number("duration_total").unwrap_or(0.0));
        Some(CostPoint {
            date: Date(row.time()?),
            estimated: to_micros(Estimate::of(executions, ms, rates).usd()),
            actual: actual.get(at).copied().map(to_micros),
            executions,
        })
    });
    points.collect()
}

fn notes(rates: CostRates) -> Vec<String> {
    let (minute, session) = (rates.per_minute_in_usd(), rates.session_minimum_in_usd());
    vec![
        format!("Estimated: ${session} for each session and ${minute} for each minute that it lasted."),
        "sessionCosts = successful executions × the minimum for a session; durationCosts = their minutes × the rate \
         for a minute; the total is the sum of both."
            .to_owned(),
        "Only successful executions count. What failed, timed out, was cancelled or still runs is not estimated."
            .to_owned(),
    ]
}

fn to_cents(usd: f64) -> f64 {
    (usd * 100.0).round() / 100.0
}

fn to_micros(usd: f64) -> f64 {
    (usd * MICROS_PER_USD).round() / MICROS_PER_USD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_is_that_of_the_document_and_its_parts_add_up() {
        // 1,250 sessions of 84 seconds at the document's rates: $12.50 and $8.75.
        let estimate = Estimate::of(1_250, 1_250.0 * 84_000.0, CostRates::default());
        let parts = estimate.breakdown();
        assert_eq!((parts.session_costs, parts.duration_costs), (12.5, 8.75));
        assert_eq!(to_cents(estimate.usd()), 21.25);
        for (count, ms) in [
            (0, 0.0),
            (1, 1.0),
            (7, 1_234_567.0),
            (333, 98_765.0),
            (3, 59_999.0),
        ] {
            let estimate = Estimate::of(count, ms, CostRates::default());
            let parts = estimate.breakdown();
            let sum = to_cents(parts.session_costs + parts.duration_costs);
            assert_eq!(sum, to_cents(estimate.usd()));
        }
    }
}
