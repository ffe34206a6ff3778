//! What a question becomes in the end, and what comes back for it: text with parameters, and rows of plain values.

use tacho_core::time::Timestamp;

/// A parameter of a statement. Values never become part of the SQL text.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// Text.
    Text(String),
    /// An instant, compared with `TIMESTAMP` columns.
    Time(Timestamp),
    /// The position up to which the store has put rows into [cells](crate::cubes), as of the moment of reading. The
    /// store fills it in.
    CellsLsn,
}

/// A statement in an engine's dialect, with `?` for each parameter in order.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Statement {
    /// The text.
    pub sql: String,
    /// The values of its `?`.
    pub params: Vec<Param>,
}

/// A value that came back.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number. Sums too large for it are an error, never wrapped.
    Int(i64),
    /// A number.
    Float(f64),
    /// Text.
    Text(String),
    /// An instant (from a `TIMESTAMP` column).
    Time(Timestamp),
}

/// A value that came back and belongs to the row just read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ScalarRef<'a> {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// Text.
    Text(&'a str),
    /// An instant.
    Time(Timestamp),
}

impl From<ScalarRef<'_>> for Scalar {
    fn from(value: ScalarRef<'_>) -> Self {
        match value {
            ScalarRef::Null => Scalar::Null,
            ScalarRef::Bool(value) => Scalar::Bool(value),
            ScalarRef::Int(value) => Scalar::Int(value),
            ScalarRef::Float(value) => Scalar::Float(value),
            ScalarRef::Text(text) => Scalar::Text(text.to_owned()),
            ScalarRef::Time(time) => Scalar::Time(time),
        }
    }
}

/// The rows that a statement gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResultSet {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows, each as long as `columns`.
    pub rows: Vec<Vec<Scalar>>,
}
