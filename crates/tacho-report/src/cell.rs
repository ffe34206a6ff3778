//! What stands in one place of a table.

use tacho_core::Timestamp;

/// A value of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// No value: an empty field in CSV, `null` in JSON.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number. What is not finite is written as no value.
    Float(f64),
    /// Text. The only kind that a spreadsheet could take for a formula.
    Text(&'a str),
    /// An instant, written as RFC 3339 in UTC.
    Time(Timestamp),
    /// A JSON value as text: itself in JSON, its text in CSV.
    Json(&'a str),
}
