//! How a workflow is: what its owner says of it, when it ran last, whether it runs now, how often it has failed in a row.

mod detail;
mod known;
pub mod wire;

pub use detail::{WorkflowQuery, compile_workflow, shape_workflow};
pub use known::compile_known;
