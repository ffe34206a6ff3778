//! The query engine's pure half: what can be asked, and a question's way from the wire to SQL and from rows back to an
//! answer. No I/O, no clock; who runs the statements is [`tacho_store`'s engine](../tacho_store/engine/index.html).
//!
//! The stages are values, each in a file of its own:
//!
//! ```text
//! QueryParams ─validate→ Query ─scoped→ Scoped<Query> ─plan→ Plan ─compile→ Statements … ResultSets ─shape→ Answer
//!   params.rs            query.rs       scope.rs             plan.rs  compile.rs                  shape.rs
//! ```
//!
//! [`model`] declares what names mean; [`dialect`] is the only place that differs between engines; [`executions`] lists
//! and shows executions themselves, [`failures`] what goes wrong with them, and [`workflows`] how a workflow is, under the
//! same scope.

pub mod answer;
pub mod bins;
pub mod buckets;
mod cells;
pub mod compile;
pub mod cubes;
pub mod dialect;
pub mod error;
pub mod executions;
pub mod extent;
pub mod failures;
mod filter;
pub mod granularity;
pub mod holdings;
pub mod live;
pub mod log_buckets;
pub mod model;
pub mod operand;
pub mod params;
mod pattern;
pub mod plan;
pub mod predicate;
pub mod query;
mod relation;
pub mod scope;
pub mod shape;
pub mod slots;
pub mod statement;
pub mod time;
pub mod workflows;
mod written;

pub use answer::Answer;
pub use error::QueryError;
pub use granularity::Granularity;
pub use params::QueryParams;
pub use scope::scoped;
pub use statement::{Param, ResultSet, Scalar, ScalarRef, Statement};
pub use written::WrittenAnswer;
