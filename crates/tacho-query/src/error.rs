//! Why a question cannot be answered as it was asked. Every message says what to do.

use crate::params::FilterOp;

/// Why a question cannot be answered as it was asked. Pointers are JSON pointers into the question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// It is not of the shape of a question.
    #[error("the query is malformed: {reason}")]
    Malformed {
        /// Where.
        pointer: String,
        /// What is wrong there.
        reason: String,
    },
    /// A name that the semantic model does not have.
    #[error("there is no {what} \"{name}\"{}; choose from {known}", nearest_hint(.nearest))]
    UnknownName {
        /// Where.
        pointer: String,
        /// What kind of thing was named.
        what: &'static str,
        /// The name, cut to what is readable.
        name: String,
        /// The most similar name that exists, if one is similar.
        nearest: Option<String>,
        /// Names that exist.
        known: String,
    },
    /// More of something than one question may have.
    #[error("{found} {what} are too many; one query takes at most {max}")]
    TooMany {
        /// Where.
        pointer: String,
        /// Of what.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        max: usize,
    },
    /// A range of time that is none.
    #[error("{reason}")]
    InvalidTime {
        /// Where.
        pointer: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// A field does not take this comparison.
    #[error("{field} cannot be compared with {}; it takes {}", .op.as_str(), words(.known))]
    UnsupportedOp {
        /// Where.
        pointer: String,
        /// The field.
        field: String,
        /// The comparison.
        op: FilterOp,
        /// Those that it takes.
        known: &'static [FilterOp],
    },
    /// A value that a field cannot have, or that is missing.
    #[error("{reason}")]
    InvalidValue {
        /// Where.
        pointer: String,
        /// What is wrong, and what to do.
        reason: String,
    },
}

impl QueryError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            QueryError::Malformed { .. } => "malformed_query",
            QueryError::UnknownName { .. } => "unknown_name",
            QueryError::TooMany { .. } => "query_too_large",
            QueryError::InvalidTime { .. } => "invalid_time",
            QueryError::UnsupportedOp { .. } => "unsupported_filter",
            QueryError::InvalidValue { .. } => "invalid_value",
        }
    }

    /// Where in the question.
    pub fn pointer(&self) -> &str {
        match self {
            QueryError::Malformed { pointer, .. }
            | QueryError::UnknownName { pointer, .. }
            | QueryError::TooMany { pointer, .. }
            | QueryError::InvalidTime { pointer, .. }
            | QueryError::UnsupportedOp { pointer, .. }
            | QueryError::InvalidValue { pointer, .. } => pointer,
        }
    }
}

fn nearest_hint(nearest: &Option<String>) -> String {
    match nearest {
        Some(nearest) => format!("; did you mean \"{nearest}\"?"),
        None => String::new(),
    }
}

fn words(ops: &[FilterOp]) -> String {
    ops.iter().map(|op| op.as_str()).collect::<Vec<_>>().join(", ")
}
