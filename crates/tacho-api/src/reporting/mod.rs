//! The endpoints of "Analytics & Reporting" about executions and workflows (AR-1, AR-2, AR-12): what they take, what they
//! answer, and the questions that they put to the query engine. The routes are in `routes/reporting.rs`.

#[macro_use]
mod time;

mod comparison;
mod errors;
mod executions;
mod figures;
mod performance;
mod rankings;
mod steps;

pub(crate) use comparison::{ComparisonParams, WorkflowComparison};
pub(crate) use errors::{ErrorsParams, ExecutionErrors};
pub(crate) use executions::{ExecutionsOverTime, ExecutionsParams, ExecutionsSummary, SummaryParams};
pub(crate) use performance::{PerformanceParams, WorkflowPerformance};
pub(crate) use rankings::{RankingsParams, WorkflowRankings};
pub(crate) use steps::{StepsParams, WorkflowSteps};
