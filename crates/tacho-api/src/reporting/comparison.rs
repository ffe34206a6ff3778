//! Workflows side by side.

use serde::Serialize;
use utoipa::ToSchema;

use super::figures::{DurationFigures, ExecutionFigures, WorkflowName, all_measures};
use super::time::ReportMeta;
use crate::answer_table::{Row, Table};
use crate::asking::{Context, is_one_of};
use crate::problem::{Problem, Result};

/// Workflows that can be compared.
const WORKFLOWS_MAX: usize = 20;

report_params! {
    /// Which workflows, over which time.
    pub(crate) struct ComparisonParams {
        /// Ids of 2 to 20 workflows, separated by commas. The others are compared with the first.
        #[param(example = "invoices,payroll")]
        ids: String,
    }
}

/// Workflows side by side.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct WorkflowComparison {
    /// In the order of the ids. Those that did not run, are not there or may not be seen are left out.
    workflows: Vec<ComparedWorkflow>,
    /// How it came about.
    meta: ReportMeta,
}

/// A workflow beside others.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct ComparedWorkflow {
    /// The workflow.
    workflow: WorkflowName,
    /// How its executions went.
    #[serde(flatten)]
    figures: ExecutionFigures,
    /// How long they took.
    duration: DurationFigures,
    /// How far it is from the first; null for the first, and where the first did not run.
    #[schema(required)]
    difference: Option<Difference>,
}

/// How far a workflow is from the first, as fractions of the first's figures (0.25 is a quarter more); null where either is
/// not known or the first's is 0.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Difference {
    #[schema(required)]
    count: Option<f64>,
    #[schema(required)]
    success_rate: Option<f64>,
    #[schema(required)]
    duration_avg: Option<f64>,
    #[schema(required)]
    duration_p95: Option<f64>,
    #[schema(required)]
    cost: Option<f64>,
}

impl ComparisonParams {
    pub(crate) async fn answer(self, context: &Context<'_>) -> Result<WorkflowComparison> {
        let ids: Vec<&str> = self
            .ids
            .split(',')
            .map(str::trim)
            .filter(|id| !id.is_empty())
            .take(WORKFLOWS_MAX + 1)
            .collect();
        if !(2..=WORKFLOWS_MAX).contains(&ids.len()) {
            let detail = format!("Name 2 to {WORKFLOWS_MAX} workflows, separated by commas.");
            return Err(Problem::invalid("/ids", detail));
        }
        let time = self.time();
        let mut question = time.question("executions", &all_measures(), None);
        question.dimensions = vec!["workflow".to_owned()];
        question.filters = vec![is_one_of("workflow", &ids)];
        let answer = context.ask(vec![question.into()]).await?.next_numbers()?;
        let table = Table(&answer);
        let row_of = |id: &str| {
            table
                .rows()
                .find(|row| row.text("workflow").as_deref() == Some(id))
        };
        let first = row_of(ids[0]);
        let mut workflows: Vec<ComparedWorkflow> = Vec::new();
        for (at, row) in ids.iter().map(|id| row_of(id)).enumerate() {
            let Some(row) = row else { continue };
            workflows.push(ComparedWorkflow {
                workflow: WorkflowName::of(row),
                figures: ExecutionFigures::of(row),
                duration: DurationFigures::of(row),
                difference: first.filter(|_| at > 0).map(|first| Difference::of(row, first)),
            });
        }
        Ok(WorkflowComparison {
            workflows,
            meta: (&answer.meta).into(),
        })
    }
}

impl Difference {
    fn of(row: Row<'_>, first: Row<'_>) -> Self {
        let of =
            |measure| tacho_analysis::change::change(row.number(measure), first.number(measure)).relative;
        Self {
            count: of("count"),
            success_rate: of("success_rate"),
            duration_avg: of("duration_avg"),
            duration_p95: of("duration_p95"),
            cost: of("cost"),
        }
    }
}
