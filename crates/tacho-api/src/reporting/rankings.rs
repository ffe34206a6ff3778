//! Workflows in an order: the slowest, the most used, those that fail most, the dearest.

use serde::{Deserialize, Serialize};
use tacho_query::params::{Having, Order};
use utoipa::ToSchema;

use super::figures::{ExecutionFigures, WorkflowName};
use super::time::{ReportMeta, limit};
use crate::answer_table::{Row, Table};
use crate::asking::Context;
use crate::problem::Result;

/// Executions that a workflow must have to be judged by a rate or a duration, if the asker does not say.
const EXECUTIONS_MIN: u32 = 5;

report_params! {
    /// Which order.
    pub(crate) struct RankingsParams {
        /// By what; `slowest` if left out.
        #[param(inline)]
        by: Option<RankBy>,
        /// Leaves out workflows with fewer executions: 5 if left out for an order by a rate or a duration, else 1.
        #[param(rename = "minExecutions", minimum = 1)]
        #[serde(rename = "minExecutions", alias = "min_executions")]
        min_executions: Option<u32>,
        /// Workflows that are answered: 1 to 100; 10 if left out.
        #[param(minimum = 1, maximum = 100)]
        limit: Option<u32>,
    }
}

/// By what workflows are ordered, the greatest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RankBy {
    /// Mean duration.
    #[default]
    Slowest,
    /// How often they ran.
    Executions,
    /// How often they failed.
    Failures,
    /// In how many percent they failed or timed out.
    FailureRate,
    /// What they cost.
    Cost,
}

impl RankBy {
    fn measure(self) -> &'static str {
        match self {
            RankBy::Slowest => "duration_avg",
            RankBy::Executions => "count",
            RankBy::Failures => "count_failed",
            RankBy::FailureRate => "failure_rate",
            RankBy::Cost => "cost",
        }
    }

    fn executions_min(self) -> u32 {
        match self {
            RankBy::Slowest | RankBy::FailureRate => EXECUTIONS_MIN,
            RankBy::Executions | RankBy::Failures | RankBy::Cost => 1,
        }
    }
}

/// Workflows in an order.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct WorkflowRankings {
    /// By what.
    by: RankBy,
    /// The workflows.
    workflows: Vec<RankedWorkflow>,
    /// Whether there are more.
    has_more: bool,
    /// How it came about.
    meta: ReportMeta,
}

/// A workflow in an order.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct RankedWorkflow {
    /// Its place, from 1.
    rank: u32,
    /// The workflow.
    workflow: WorkflowName,
    /// By what it is ordered: milliseconds, a count, percent or US dollars.
    #[schema(required)]
    value: Option<f64>,
    /// How its executions went.
    #[serde(flatten)]
    figures: ExecutionFigures,
}

impl RankingsParams {
    pub(crate) async fn answer(self, context: &Context<'_>) -> Result<WorkflowRankings> {
        let time = self.time();
        let by = self.by.unwrap_or_default();
        let mut question = time.question("executions", &ExecutionFigures::MEASURES, None);
        question.dimensions = vec!["workflow".to_owned()];
        question.order = vec![Order::descending(by.measure())];
        let executions_min = self.min_executions.unwrap_or(by.executions_min());
        question.having = vec![Having::at_least("count", f64::from(executions_min))];
        question.limit = Some(limit(self.limit, 10, 100)?);
        let answer = context.ask(vec![question.into()]).await?.next_numbers()?;
        let ranked = |(rank, row): (u32, Row<'_>)| RankedWorkflow {
            rank,
            workflow: WorkflowName::of(row),
            value: row.number(by.measure()),
            figures: ExecutionFigures::of(row),
        };
        Ok(WorkflowRankings {
            by,
            workflows: (1..).zip(Table(&answer).rows()).map(ranked).collect(),
            has_more: answer.meta.has_more,
            meta: (&answer.meta).into(),
        })
    }
}
