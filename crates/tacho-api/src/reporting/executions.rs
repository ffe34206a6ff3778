//! Executions over time and in sum.

use serde::{Deserialize, Serialize};
use tacho_query::Granularity;
use tacho_query::params::{Compare, CompareWith};
use utoipa::ToSchema;

use super::figures::ExecutionFigures;
use super::time::{ReportGranularity, ReportMeta};
use crate::answer_table::{Row, Table};
use crate::asking::Context;
use crate::problem::Result;

report_params! {
    /// Which executions, and how they are grouped.
    pub(crate) struct ExecutionsParams {
        /// The length of a point's time; a day if left out. Longer where there would be more than 365 points.
        #[param(inline)]
        granularity: Option<ReportGranularity>,
        /// By what points are grouped beside.
        #[param(inline, rename = "groupBy")]
        #[serde(rename = "groupBy", alias = "group_by")]
        group_by: Option<ExecutionGroup>,
        /// Of this workflow alone.
        #[param(rename = "workflowId")]
        #[serde(rename = "workflowId", alias = "workflow_id")]
        workflow_id: Option<String>,
        /// Groups that are answered, those with the most executions first: 1 to 100; 20 if left out.
        #[param(minimum = 1, maximum = 100)]
        limit: Option<u32>,
    }
}

/// By what executions are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExecutionGroup {
    Workflow,
    #[serde(alias = "triggerType")]
    TriggerType,
    Status,
    Version,
    User,
    #[serde(alias = "errorType")]
    ErrorType,
}

impl ExecutionGroup {
    fn dimension(self) -> &'static str {
        match self {
            ExecutionGroup::Workflow => "workflow",
            ExecutionGroup::TriggerType => "trigger_type",
            ExecutionGroup::Status => "status",
            ExecutionGroup::Version => "version",
            ExecutionGroup::User => "user",
            ExecutionGroup::ErrorType => "error_type",
        }
    }
}

/// Executions over time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct ExecutionsOverTime {
    /// The length of a point's time.
    granularity: Granularity,
    /// By what points are grouped beside.
    #[schema(required)]
    group_by: Option<ExecutionGroup>,
    /// A point for each group and length of time, also where nothing ran.
    points: Vec<ExecutionPoint>,
    /// Over all time and groups, those beyond the limit included.
    totals: ExecutionFigures,
    /// Whether there are more groups.
    has_more: bool,
    /// How it came about.
    meta: ReportMeta,
}

/// Executions of a group in a length of time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct ExecutionPoint {
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    time: String,
    /// The group; null if points are not grouped, or for executions that have none.
    #[schema(required)]
    group: Option<String>,
    /// The name of the group now, if groups are workflows.
    #[schema(required)]
    group_name: Option<String>,
    /// How they went.
    #[serde(flatten)]
    figures: ExecutionFigures,
}

impl ExecutionsParams {
    pub(crate) async fn answer(self, context: &Context<'_>) -> Result<ExecutionsOverTime> {
        let time = self.time();
        let workflow = self.workflow_id.as_deref().filter(|id| !id.is_empty());
        let mut question = time.question("executions", &ExecutionFigures::MEASURES, workflow);
        let granularity = self.granularity.unwrap_or(ReportGranularity::Day).into();
        question.granularity = Some(granularity);
        if let Some(group) = self.group_by {
            question.dimensions = vec![group.dimension().to_owned()];
            question.limit = Some(super::time::limit(self.limit, 20, 100)?);
        }
        let answer = context.ask(vec![question.into()]).await?.next_numbers()?;
        let table = Table(&answer);
        let dimension = self.group_by.map(ExecutionGroup::dimension);
        let point = |row: Row<'_>| {
            Some(ExecutionPoint {
                time: row.text("time")?,
                group: dimension.and_then(|dimension| row.text(dimension)),
                group_name: row.text("workflow_name"),
                figures: ExecutionFigures::of(row),
            })
        };
        Ok(ExecutionsOverTime {
            granularity: answer.meta.granularity.unwrap_or(granularity),
            group_by: self.group_by,
            points: table.rows().filter_map(point).collect(),
            totals: ExecutionFigures::of(table.totals()),
            has_more: answer.meta.has_more,
            meta: (&answer.meta).into(),
        })
    }
}

report_params! {
    /// Which executions.
    pub(crate) struct SummaryParams {
        /// Of this workflow alone.
        #[param(rename = "workflowId")]
        #[serde(rename = "workflowId", alias = "workflow_id")]
        workflow_id: Option<String>,
    }
}

/// Executions in sum.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct ExecutionsSummary {
    /// Over the range.
    totals: ExecutionFigures,
    /// Over the range of the same length before; null where there is none, such as before all time.
    #[schema(required)]
    previous: Option<ExecutionFigures>,
    /// How many there are of each status, the most frequent first.
    by_status: Vec<Share>,
    /// How many each kind of trigger started, the most frequent first.
    by_trigger_type: Vec<Share>,
    /// How it came about.
    meta: ReportMeta,
}

/// The executions of one kind.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Share {
    /// The kind; null for those of none.
    #[schema(required)]
    value: Option<String>,
    /// How many.
    count: u64,
    /// In percent of all.
    #[schema(required)]
    share: Option<f64>,
}

impl SummaryParams {
    pub(crate) async fn answer(self, context: &Context<'_>) -> Result<ExecutionsSummary> {
        let time = self.time();
        let workflow = self.workflow_id.as_deref().filter(|id| !id.is_empty());
        let mut all = time.question("executions", &ExecutionFigures::MEASURES, workflow);
        all.compare = Some(Compare::With(CompareWith::PreviousPeriod));
        let by = |dimension: &str| {
            let mut question = time.question("executions", &["count", "count.share"], workflow);
            question.dimensions = vec![dimension.to_owned()];
            question
        };
        let questions = vec![all.into(), by("status").into(), by("trigger_type").into()];
        let mut batch = context.ask(questions).await?;
        let all = batch.next_numbers()?;
        let table = Table(&all);
        let mut shares = |dimension: &str| {
            let answer = batch.next_numbers()?;
            let share = |row: Row<'_>| Share {
                value: row.text(dimension),
                count: row.count("count"),
                share: row.number("count.share"),
            };
            Ok::<_, crate::problem::Problem>(Table(&answer).rows().map(share).collect())
        };
        Ok(ExecutionsSummary {
            totals: ExecutionFigures::of(table.totals()),
            previous: table.totals_before().map(ExecutionFigures::of),
            by_status: shares("status")?,
            by_trigger_type: shares("trigger_type")?,
            meta: (&all.meta).into(),
        })
    }
}
