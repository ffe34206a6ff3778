//! What goes wrong: failed executions by fault (docs/adr/0010), each with how often it happens, since when, where, and
//! whether that is new. Under the same scope as every question.

mod detail;
mod faults;
mod list;
mod read;
mod span;
pub mod wire;

pub use detail::{FailureQuery, compile_failure, shape_failure};
pub use list::{FailureListQuery, compile_failures, shape_failures};
