//! How one workflow fared: in sum, over time, by version.

use serde::Serialize;
use tacho_query::Granularity;
use tacho_query::params::{Compare, CompareWith};
use utoipa::ToSchema;

use super::figures::{DurationFigures, ExecutionFigures, all_measures};
use super::time::{ReportGranularity, ReportMeta};
use crate::answer_table::{Row, Table};
use crate::asking::Context;
use crate::problem::{Problem, Result};

/// Versions that are answered.
const VERSIONS_MAX: u32 = 50;

report_params! {
    /// Over which time.
    pub(crate) struct PerformanceParams {
        /// The length of a point's time; a day if left out.
        #[param(inline)]
        granularity: Option<ReportGranularity>,
    }
}

/// How a workflow fared.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct WorkflowPerformance {
    /// Its id.
    workflow_id: String,
    /// Over the range.
    totals: ExecutionFigures,
    /// How long its executions took.
    duration: DurationFigures,
    /// Over the range of the same length before; null where there is none.
    #[schema(required)]
    previous: Option<ExecutionFigures>,
    /// How long they took then.
    #[schema(required)]
    previous_duration: Option<DurationFigures>,
    /// By time, oldest first, with zeros where nothing ran.
    points: Vec<PerformancePoint>,
    /// The length of a point's time.
    granularity: Granularity,
    /// Each version that ran, the most frequent first.
    versions: Vec<VersionPerformance>,
    /// How it came about.
    meta: ReportMeta,
}

/// How a workflow fared in a length of time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct PerformancePoint {
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    time: String,
    /// How its executions went.
    #[serde(flatten)]
    figures: ExecutionFigures,
}

/// How a version fared.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct VersionPerformance {
    /// The version; null where none was told.
    #[schema(required)]
    version: Option<String>,
    /// How its executions went.
    #[serde(flatten)]
    figures: ExecutionFigures,
    /// How long they took.
    duration: DurationFigures,
}

impl PerformanceParams {
    pub(crate) async fn answer(
        self,
        context: &Context<'_>,
        workflow_id: String,
    ) -> Result<WorkflowPerformance> {
        if !context.has_workflow(&workflow_id).await? {
            return Err(Problem::not_found("workflow"));
        }
        let time = self.time();
        let question = |measures: &[&str]| time.question("executions", measures, Some(&workflow_id));
        let granularity = self.granularity.unwrap_or(ReportGranularity::Day).into();
        let mut all = question(&all_measures());
        all.compare = Some(Compare::With(CompareWith::PreviousPeriod));
        let mut points = question(&ExecutionFigures::MEASURES);
        points.granularity = Some(granularity);
        let mut versions = question(&all_measures());
        versions.dimensions = vec!["version".to_owned()];
        versions.limit = Some(VERSIONS_MAX);
        let questions = vec![all.into(), points.into(), versions.into()];
        let mut batch = context.ask(questions).await?;
        let (all, points, versions) = (
            batch.next_numbers()?,
            batch.next_numbers()?,
            batch.next_numbers()?,
        );
        let table = Table(&all);
        let point = |row: Row<'_>| {
            Some(PerformancePoint {
                time: row.text("time")?,
                figures: ExecutionFigures::of(row),
            })
        };
        let version = |row: Row<'_>| VersionPerformance {
            version: row.text("version"),
            figures: ExecutionFigures::of(row),
            duration: DurationFigures::of(row),
        };
        Ok(WorkflowPerformance {
            totals: ExecutionFigures::of(table.totals()),
            duration: DurationFigures::of(table.totals()),
            previous: table.totals_before().map(ExecutionFigures::of),
            previous_duration: table.totals_before().map(DurationFigures::of),
            points: Table(&points).rows().filter_map(point).collect(),
            granularity: points.meta.granularity.unwrap_or(granularity),
            versions: Table(&versions).rows().map(version).collect(),
            meta: (&all.meta).into(),
            workflow_id,
        })
    }
}
