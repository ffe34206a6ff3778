//! How workflows are, listed and one by one: what their owners say of them, when they ran last, whether they run now,
//! how often one has failed in a row.

mod declared;
mod detail;
mod known;
mod list;
mod scheduled;
mod waits;
pub mod wire;

pub use declared::{DeclaredWorkflow, DeclaredWorkflowsQuery, compile_declared, shape_declared};
pub use detail::{WorkflowQuery, compile_workflow, shape_workflow};
pub use known::compile_known;
pub use list::{WorkflowListQuery, compile_workflows, shape_workflows};
pub use scheduled::{ScheduledRuns, ScheduledRunsQuery, compile_scheduled, shape_scheduled};
pub use waits::{QueueWaits, QueueWaitsQuery, compile_queue_waits, shape_queue_waits};
