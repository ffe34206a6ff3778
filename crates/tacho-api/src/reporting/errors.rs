//! What goes wrong, by type of error.

use serde::Serialize;
use tacho_query::Granularity;
use utoipa::ToSchema;

use super::time::{ReportGranularity, ReportMeta, limit};
use crate::answer_table::{Row, Table};
use crate::asking::{Context, is_one_of};
use crate::problem::Result;

const DAY_MICROS: f64 = 86_400_000_000.0;

report_params! {
    /// Which errors.
    pub(crate) struct ErrorsParams {
        /// The length of a point's time; a day if left out.
        #[param(inline)]
        granularity: Option<ReportGranularity>,
        /// Of this workflow alone.
        #[param(rename = "workflowId")]
        #[serde(rename = "workflowId", alias = "workflow_id")]
        workflow_id: Option<String>,
        /// Types of errors that are answered, the most frequent first: 1 to 200; 50 if left out.
        #[param(minimum = 1, maximum = 200)]
        limit: Option<u32>,
    }
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct ExecutionErrors {
    /// Types of errors, the most frequent first.
    errors: Vec<ErrorType>,
    /// Executions that failed or timed out, by time; zeros where there were none.
    timeline: Vec<ErrorPoint>,
    /// The length of a point's time.
    granularity: Granularity,
    /// Executions that failed or timed out.
    total: u64,
    /// Whether there are more types.
    has_more: bool,
    /// How it came about.
    meta: ReportMeta,
}

/// Executions that ended with one type of error.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct ErrorType {
    /// The type, in its sender's words; null where none was told.
    #[schema(required)]
    error_type: Option<String>,
    /// How many.
    count: u64,
    /// Those of them that ran out of time.
    count_timeout: u64,
    /// In percent of all that failed or timed out.
    #[schema(required)]
    share: Option<f64>,
    /// How many a day.
    per_day: f64,
    /// In how many different workflows.
    workflows: u64,
    /// What these executions cost in US dollars, as their senders say.
    cost_usd: f64,
}

/// Executions that failed in a length of time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct ErrorPoint {
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    time: String,
    /// How many.
    count: u64,
}

impl ErrorsParams {
    pub(crate) async fn answer(self, context: &Context<'_>) -> Result<ExecutionErrors> {
        let time = self.time();
        let workflow = self.workflow_id.as_deref().filter(|id| !id.is_empty());
        let question = |measures: &[&str]| {
            let mut question = time.question("executions", measures, workflow);
            question.filters.push(is_one_of("status", &["failed", "timeout"]));
            question
        };
        let measures = [
            "count",
            "count.share",
            "count_timeout",
            "distinct_workflows",
            "cost",
        ];
        let mut by_type = question(&measures);
        by_type.dimensions = vec!["error_type".to_owned()];
        by_type.limit = Some(limit(self.limit, 50, 200)?);
        let mut timeline = question(&["count"]);
        let granularity = self.granularity.unwrap_or(ReportGranularity::Day).into();
        timeline.granularity = Some(granularity);
        let mut batch = context.ask(vec![by_type.into(), timeline.into()]).await?;
        let (by_type, timeline) = (batch.next_numbers()?, batch.next_numbers()?);
        let days = by_type.meta.to.micros_since(by_type.meta.from) as f64 / DAY_MICROS;
        let error = |row: Row<'_>| ErrorType {
            error_type: row.text("error_type"),
            count: row.count("count"),
            count_timeout: row.count("count_timeout"),
            share: row.number("count.share"),
            per_day: row.count("count") as f64 / days,
            workflows: row.count("distinct_workflows"),
            cost_usd: row.number("cost").unwrap_or(0.0),
        };
        let point = |row: Row<'_>| {
            Some(ErrorPoint {
                time: row.text("time")?,
                count: row.count("count"),
            })
        };
        Ok(ExecutionErrors {
            errors: Table(&by_type).rows().map(error).collect(),
            timeline: Table(&timeline).rows().filter_map(point).collect(),
            granularity: timeline.meta.granularity.unwrap_or(granularity),
            total: Table(&by_type).totals().count("count"),
            has_more: by_type.meta.has_more,
            meta: (&by_type.meta).into(),
        })
    }
}
