//! What can be asked in one batch, and what is answered: numbers, pages of executions, workflows.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tacho_core::Scope;
use tacho_core::record::RecordType;
use tacho_core::time::{TimeRange, Timestamp};
use tacho_query::Answer;
use tacho_query::QueryParams;
use tacho_query::compile::compile;
use tacho_query::dialect::Dialect;
use tacho_query::executions::wire::{ExecutionList, ExecutionListParams};
use tacho_query::executions::{ExecutionListQuery, compile_list, shape_list};
use tacho_query::failures::wire::{FailureDetail, FailureList, FailureListParams, FailureParams};
use tacho_query::failures::{
    FailureListQuery, FailureQuery, compile_failure, compile_failures, shape_failure, shape_failures,
};
use tacho_query::holdings::Holdings;
use tacho_query::plan::{Plan, plan_raw};
use tacho_query::scope::scoped;
use tacho_query::shape::{Moment, shape};
use tacho_query::workflows::wire::{Workflow, WorkflowListParams, Workflows};
use tacho_query::workflows::{
    ScheduledRuns, ScheduledRunsQuery, WorkflowListQuery, WorkflowQuery, compile_known, compile_scheduled,
    compile_workflow, compile_workflows, shape_scheduled, shape_workflow, shape_workflows,
};

use super::{Asker, EngineError};
use crate::{ResultSet, Statement};

/// All time.
pub(super) const EVER: TimeRange = TimeRange {
    start: Timestamp::MIN,
    end: Timestamp::MAX,
};

/// Something that can be asked.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// For numbers.
    Query(Box<QueryParams>),
    /// For a page of executions.
    Executions(Box<ExecutionListParams>),
    /// For a page of what goes wrong.
    Failures(Box<FailureListParams>),
    /// For the failure with this fingerprint.
    Failure(String, Box<FailureParams>),
    /// For workflows.
    Workflows(Box<WorkflowListParams>),
    /// How the workflow with this id is.
    Workflow(String),
    /// For the executions of a workflow that its schedule started.
    ScheduledRuns(Box<ScheduledRunsQuery>),
    /// Whether there is a workflow with this id that the asker may see. Takes the same time for one that is not there and
    /// for one that the asker may not see.
    HasWorkflow(String),
}

impl From<QueryParams> for Question {
    fn from(params: QueryParams) -> Self {
        Question::Query(Box::new(params))
    }
}

/// What is answered to a [`Question`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answered {
    /// Numbers.
    Query(Box<Answer>),
    /// A page of executions.
    Executions(Box<ExecutionList>),
    /// A page of what goes wrong.
    Failures(Box<FailureList>),
    /// The failure; `None` if there is none that the asker may see.
    Failure(Option<Box<FailureDetail>>),
    /// Workflows.
    Workflows(Box<Workflows>),
    /// The workflow; `None` if there is none that the asker may see.
    Workflow(Option<Box<Workflow>>),
    /// The executions.
    ScheduledRuns(Box<ScheduledRuns>),
    /// Whether there is such a workflow.
    HasWorkflow(bool),
}

impl Answered {
    /// The numbers, if it was asked for some.
    pub fn into_query(self) -> Option<Answer> {
        match self {
            Answered::Query(answer) => Some(*answer),
            _ => None,
        }
    }

    /// What is numbers in it.
    pub(super) fn numbers(&self) -> Option<&Answer> {
        match self {
            Answered::Query(answer) => Some(answer),
            Answered::Failure(Some(detail)) => Some(&detail.timeline),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub(super) fn numbers_mut(&mut self) -> Option<&mut Answer> {
        match self {
            Answered::Query(answer) => Some(answer),
            Answered::Failure(Some(detail)) => Some(&mut detail.timeline),
            _ => None,
        }
    }

    /// About how many bytes it takes.
    pub(super) fn weight(&self) -> usize {
        // Of which ten or so if it is written, too.
        const CELL_BYTES: usize = 50;
        const ANSWER_BYTES: usize = 4_096;
        const EXECUTION_BYTES: usize = 1_024;
        const WORKFLOW_BYTES: usize = 512;
        const RUN_BYTES: usize = 128;
        const FAILURE_BYTES: usize = 2_048;
        let of_numbers = self.numbers().map_or(0, |answer| {
            let rows = answer.rows.len() + answer.other.as_ref().map_or(0, Vec::len);
            ANSWER_BYTES + rows * answer.columns.len() * CELL_BYTES
        });
        let of_rest = match self {
            Answered::Query(_) => 0,
            Answered::Failures(list) => {
                (list.failures.len() + list.totals.by_error_type.len()) * FAILURE_BYTES
            }
            Answered::Failure(_) => FAILURE_BYTES,
            Answered::Executions(list) => list.executions.len() * EXECUTION_BYTES,
            Answered::Workflows(list) => list.workflows.len() * WORKFLOW_BYTES,
            Answered::ScheduledRuns(scheduled) => scheduled.runs.len() * RUN_BYTES,
            Answered::Workflow(_) | Answered::HasWorkflow(_) => EXECUTION_BYTES,
        };
        of_numbers + of_rest
    }
}

/// About how many rows one could read with all that they have in the time that it takes to read when all executions were.
fn rows_of_times(holdings: &Holdings) -> u64 {
    holdings.rows_in(RecordType::Execution, EVER) / 5
}

/// A question on its way: what is read for it, and how the answer is made.
pub(super) enum Work {
    Query(Box<Plan>, [Statement; 1]),
    Executions(ExecutionListQuery, Vec<Statement>),
    /// With the rows that are read for it.
    Failures(Box<FailureListQuery>, Vec<Statement>, u64),
    /// The same, and how its timeline is worked out.
    Failure(Box<FailureQuery>, Box<Plan>, Vec<Statement>, u64),
    /// A failure that nobody can have seen.
    NoFailure,
    /// With the rows that are read for it.
    Workflows(Vec<Statement>, u64),
    Workflow(WorkflowQuery, Vec<Statement>),
    ScheduledRuns(Vec<Statement>),
    HasWorkflow([Statement; 1]),
}

impl Work {
    pub(super) fn of_list(
        params: &ExecutionListParams,
        asker: Asker<'_>,
        dialect: &dyn Dialect,
    ) -> Result<Self, EngineError> {
        let query = ExecutionListQuery::validate(params, asker.range_end, asker.context.zone)?;
        let scoped = scoped(query, asker.context.scope);
        let statements = compile_list(&scoped, dialect);
        Ok(Work::Executions(scoped.question().clone(), statements))
    }

    pub(super) fn of_failures(
        params: &FailureListParams,
        asker: Asker<'_>,
        holdings: &Holdings,
        dialect: &dyn Dialect,
    ) -> Result<Self, EngineError> {
        let query = scoped(
            FailureListQuery::validate(params, asker.range_end, asker.context.zone)?,
            asker.context.scope,
        );
        let rows = holdings.rows_in(RecordType::Execution, query.question().read());
        let statements = compile_failures(&query, dialect);
        let question = Box::new(query.question().clone());
        Ok(Work::Failures(
            question,
            statements,
            rows.max(rows_of_times(holdings)),
        ))
    }

    pub(super) fn of_failure(
        fingerprint: &str,
        params: &FailureParams,
        asker: Asker<'_>,
        holdings: &Arc<Holdings>,
        dialect: &dyn Dialect,
    ) -> Result<Self, EngineError> {
        let Some(query) = FailureQuery::validate(fingerprint, params, asker.range_end, asker.context.zone)?
        else {
            return Ok(Work::NoFailure);
        };
        // From rows, because no cell has fingerprints.
        let timeline = plan_raw(scoped(query.timeline().clone(), asker.context.scope), holdings);
        let query = scoped(query, asker.context.scope);
        let statements = vec![compile_failure(&query, dialect), compile(&timeline, dialect)];
        let question = Box::new(query.question().clone());
        Ok(Work::Failure(
            question,
            Box::new(timeline),
            statements,
            rows_of_times(holdings),
        ))
    }

    pub(super) fn of_workflows(
        params: &WorkflowListParams,
        scope: &Scope,
        holdings: &Holdings,
        dialect: &dyn Dialect,
    ) -> Result<Self, EngineError> {
        let query = scoped(WorkflowListQuery::validate(params)?, scope);
        Ok(Work::Workflows(
            compile_workflows(&query, dialect),
            rows_of_times(holdings),
        ))
    }

    pub(super) fn of_workflow(id: &str, scope: &Scope, dialect: &dyn Dialect) -> Self {
        let query = WorkflowQuery { id: id.to_owned() };
        let statements = compile_workflow(&scoped(query.clone(), scope), dialect);
        Work::Workflow(query, statements)
    }

    pub(super) fn of_scheduled(query: ScheduledRunsQuery, scope: &Scope, dialect: &dyn Dialect) -> Self {
        Work::ScheduledRuns(compile_scheduled(&scoped(query, scope), dialect))
    }

    pub(super) fn of_knowing(id: &str, scope: &Scope, dialect: &dyn Dialect) -> Self {
        let query = WorkflowQuery { id: id.to_owned() };
        Work::HasWorkflow([compile_known(&scoped(query, scope), dialect)])
    }

    /// What is read, in this order.
    pub(super) fn statements(&self) -> &[Statement] {
        match self {
            Work::Query(_, statement) | Work::HasWorkflow(statement) => statement,
            Work::Executions(_, statements) | Work::Workflow(_, statements) => statements,
            Work::Failures(_, statements, _) | Work::Failure(_, _, statements, _) => statements,
            Work::Workflows(statements, _) | Work::ScheduledRuns(statements) => statements,
            Work::NoFailure => &[],
        }
    }

    /// About how many rows are read one by one for it, where that may be many.
    pub(super) fn rows_read_max(&self) -> u64 {
        match self {
            Work::Query(plan, _) => plan.rows_read_max(),
            Work::Workflows(_, rows) | Work::Failures(_, _, rows) | Work::Failure(_, _, _, rows) => *rows,
            _ => 0,
        }
    }

    /// How numbers are worked out.
    pub(super) fn plan(&self) -> Option<&Plan> {
        match self {
            Work::Query(plan, _) => Some(plan),
            _ => None,
        }
    }

    /// The answer that the results of its statements are.
    pub(super) fn shape(&self, results: &[ResultSet], moment: Moment) -> Result<Answered, EngineError> {
        Ok(match self {
            Work::Query(plan, _) => {
                let result = results.first().ok_or(EngineError::Lost)?;
                Answered::Query(Box::new(shape(plan, result, moment)?))
            }
            Work::Executions(query, _) => Answered::Executions(Box::new(shape_list(query, results, moment)?)),
            Work::Failures(query, ..) => {
                Answered::Failures(Box::new(shape_failures(query, results, moment)?))
            }
            Work::Failure(query, plan, ..) => {
                let [failure, series] = results else {
                    return Err(EngineError::Lost);
                };
                let timeline = shape(plan, series, moment)?;
                Answered::Failure(shape_failure(query, failure, timeline, moment)?.map(Box::new))
            }
            Work::NoFailure => Answered::Failure(None),
            Work::Workflows(..) => Answered::Workflows(Box::new(shape_workflows(results, moment)?)),
            Work::Workflow(query, _) => {
                Answered::Workflow(shape_workflow(query, results, moment)?.map(Box::new))
            }
            Work::ScheduledRuns(_) => Answered::ScheduledRuns(Box::new(shape_scheduled(results, moment)?)),
            Work::HasWorkflow(_) => {
                let result = results.first().ok_or(EngineError::Lost)?;
                Answered::HasWorkflow(!result.rows.is_empty())
            }
        })
    }
}
