//! Where the time of one workflow goes: step by step, and by what it waits for.

use serde::Serialize;
use tacho_query::params::Order;
use utoipa::ToSchema;

use super::figures::DurationFigures;
use super::time::{ReportMeta, limit};
use crate::answer_table::{Row, Table};
use crate::asking::Context;
use crate::problem::{Problem, Result};

/// From which share of the time of all steps, in percent, a step is a bottleneck.
const BOTTLENECK_SHARE: f64 = 25.0;

report_params! {
    /// Over which time.
    pub(crate) struct StepsParams {
        /// Steps that are answered, those that take the most time together first: 1 to 500; 100 if left out.
        #[param(minimum = 1, maximum = 500)]
        limit: Option<u32>,
    }
}

/// Where the time of a workflow goes.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct WorkflowSteps {
    /// Its id.
    workflow_id: String,
    /// Its steps, those that take the most time together first.
    steps: Vec<StepPerformance>,
    /// The same time by what was waited for; `none` is time in which something was done.
    waits: Vec<WaitTime>,
    /// The time of all steps together, in milliseconds.
    duration_total_ms: f64,
    /// Whether there are more steps.
    has_more: bool,
    /// How it came about.
    meta: ReportMeta,
}

/// How a step fared.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct StepPerformance {
    /// Its name; null where none was told.
    #[schema(required)]
    step_name: Option<String>,
    /// How often it came, of every status.
    count: u64,
    /// How often it failed.
    count_failed: u64,
    /// How often it was left out.
    count_skipped: u64,
    /// Failed in percent of completed and failed; null without any.
    #[schema(required)]
    failure_rate: Option<f64>,
    /// How long it took.
    duration: DurationFigures,
    /// Its share of the time of all steps, in percent.
    #[schema(required)]
    time_share: Option<f64>,
    /// Whether that is a quarter or more: where making it quicker helps most.
    is_bottleneck: bool,
}

/// Time by what was waited for.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct WaitTime {
    /// `none`, `queue`, `external`, `human` or `retry_backoff`; null where nothing was told.
    #[schema(required)]
    wait_kind: Option<String>,
    /// In milliseconds.
    duration_total_ms: f64,
    /// In percent of the time of all steps.
    #[schema(required)]
    time_share: Option<f64>,
}

impl StepsParams {
    pub(crate) async fn answer(self, context: &Context<'_>, workflow_id: String) -> Result<WorkflowSteps> {
        if !context.has_workflow(&workflow_id).await? {
            return Err(Problem::not_found("workflow"));
        }
        let time = self.time();
        let mut measures = vec![
            "count",
            "count_failed",
            "count_skipped",
            "failure_rate",
            "duration_total.share",
        ];
        measures.extend(DurationFigures::MEASURES);
        let by = |dimension: &str, measures: &[&str]| {
            let mut question = time.question("steps", measures, Some(&workflow_id));
            question.dimensions = vec![dimension.to_owned()];
            question.order = vec![Order::descending("duration_total")];
            question
        };
        let mut steps = by("step_name", &measures);
        steps.limit = Some(limit(self.limit, 100, 500)?);
        let waits = by("wait_kind", &["duration_total", "duration_total.share"]);
        let mut batch = context.ask(vec![steps.into(), waits.into()]).await?;
        let (steps, waits) = (batch.next_numbers()?, batch.next_numbers()?);
        let step = |row: Row<'_>| {
            let time_share = row.number("duration_total.share");
            StepPerformance {
                step_name: row.text("step_name"),
                count: row.count("count"),
                count_failed: row.count("count_failed"),
                count_skipped: row.count("count_skipped"),
                failure_rate: row.number("failure_rate"),
                duration: DurationFigures::of(row),
                time_share,
                is_bottleneck: time_share.is_some_and(|share| share >= BOTTLENECK_SHARE),
            }
        };
        let wait = |row: Row<'_>| WaitTime {
            wait_kind: row.text("wait_kind"),
            duration_total_ms: row.number("duration_total").unwrap_or(0.0),
            time_share: row.number("duration_total.share"),
        };
        let table = Table(&steps);
        Ok(WorkflowSteps {
            steps: table.rows().map(step).collect(),
            waits: Table(&waits).rows().map(wait).collect(),
            duration_total_ms: table.totals().number("duration_total").unwrap_or(0.0),
            has_more: steps.meta.has_more,
            meta: (&steps.meta).into(),
            workflow_id,
        })
    }
}
