//! Conditions on rows, checked and typed. Both the filters of a question and the scope of its asker become these.

use crate::operand::Operand;
use crate::statement::Param;

/// A condition on rows. It holds or it does not: a comparison with a value that a row does not have does not hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// All hold. None at all: every row.
    All(Vec<Predicate>),
    /// One holds. None at all: no row.
    Any(Vec<Predicate>),
    /// It does not hold.
    Not(Box<Predicate>),
    /// A column compared with a value. [`Comparison::Differs`] keeps rows without a value.
    Compare {
        /// The column.
        column: Operand,
        /// How.
        comparison: Comparison,
        /// With what.
        value: Param,
    },
    /// A column has one of the values.
    OneOf {
        /// The column.
        column: Operand,
        /// The values, at least one.
        values: Vec<Param>,
    },
    /// A column has none of the values, or no value.
    NoneOf {
        /// The column.
        column: Operand,
        /// The values, at least one.
        values: Vec<Param>,
    },
    /// One of the columns holds the text somewhere, whatever the case.
    Contains {
        /// The columns, at least one.
        columns: Vec<Operand>,
        /// The text.
        text: String,
    },
    /// A column begins with the text.
    StartsWith {
        /// The column.
        column: Operand,
        /// The text.
        text: String,
    },
    /// A column holds what a regular expression describes, somewhere.
    Matches {
        /// The column.
        column: Operand,
        /// The regular expression, of those that [`Condition`](crate::params::Condition)s take.
        pattern: String,
    },
    /// A column has no value.
    IsNull(Operand),
    /// A column has a value.
    IsNotNull(Operand),
    /// The workflow that a column names has an owner now who is one of the subjects.
    WorkflowOwnedBy {
        /// The column: `workflow_id`, or a workflow's own `id`.
        column: &'static str,
        /// The names of owners, at least one.
        subjects: Vec<String>,
    },
    /// The name that the row's workflow has now holds the text, whatever the case.
    WorkflowNameContains(String),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// They are the same.
    Equals,
    /// They are not the same.
    Differs,
    /// The column's is less.
    Less,
    /// The column's is less or the same.
    AtMost,
    /// The column's is greater.
    Greater,
    /// The column's is greater or the same.
    AtLeast,
}

impl Predicate {
    /// The column is exactly that text.
    pub fn equals(column: &'static str, text: impl Into<String>) -> Self {
        Predicate::Compare {
            column: Operand::Column(column),
            comparison: Comparison::Equals,
            value: Param::Text(text.into()),
        }
    }

    /// Calls back with everything that is compared in it.
    pub fn visit_operands(&self, visit: &mut impl FnMut(&Operand)) {
        match self {
            Predicate::All(parts) | Predicate::Any(parts) => {
                parts.iter().for_each(|part| part.visit_operands(visit));
            }
            Predicate::Not(inner) => inner.visit_operands(visit),
            Predicate::Compare { column, .. }
            | Predicate::OneOf { column, .. }
            | Predicate::NoneOf { column, .. }
            | Predicate::StartsWith { column, .. }
            | Predicate::Matches { column, .. }
            | Predicate::IsNull(column)
            | Predicate::IsNotNull(column) => visit(column),
            Predicate::Contains { columns, .. } => columns.iter().for_each(visit),
            Predicate::WorkflowOwnedBy { column, .. } => visit(&Operand::Column(column)),
            Predicate::WorkflowNameContains(_) => visit(&Operand::Column("workflow_id")),
        }
    }
}
