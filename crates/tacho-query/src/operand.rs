//! What rows are grouped by and compared with values: a column, or something worked out from one.

use std::sync::Arc;

use crate::buckets::Segment;

/// What rows are grouped by and compared with values.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A column of the rows.
    Column(&'static str),
    /// What a column of the row's workflow holds now. Text.
    Workflow(&'static str),
    /// The value of a tag. Text.
    Tag(String),
    /// A part of the time at which the row counts, by the clock on the asker's wall. A whole number.
    Local(LocalPart, Arc<[Segment]>),
    /// The [logarithmic bucket](crate::log_buckets) in which a column of whole numbers lies. A whole number.
    LogBucket(&'static str),
}

/// A part of a local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalPart {
    /// The hour of the day, 0 to 23.
    Hour,
    /// The day of the week, from 1, Monday, to 7.
    Weekday,
}

impl Operand {
    /// The column of the rows that it reads.
    pub const fn reads(&self) -> &'static str {
        match self {
            Operand::Column(column) | Operand::LogBucket(column) => column,
            Operand::Workflow(_) => "workflow_id",
            Operand::Tag(_) => "tags",
            Operand::Local(..) => "event_time",
        }
    }
}

impl From<&'static str> for Operand {
    fn from(column: &'static str) -> Self {
        Operand::Column(column)
    }
}
