//! The query engine's pure half: what can be asked, and a question's way from the wire to SQL and from rows back to an
//! answer.

pub mod answer;
pub mod buckets;
pub mod error;
pub mod executions;
pub mod granularity;
pub mod model;
pub mod params;
pub mod statement;
pub mod time;

pub use answer::Answer;
pub use error::QueryError;
pub use granularity::Granularity;
pub use params::QueryParams;
pub use statement::{Param, ResultSet, Scalar, Statement};
