//! Stage 3: whose rows a question may see (DESIGN invariant 5).
//!
//! [`scoped`] is the only function that applies a [`Scope`], and [`Visible`] cannot be made without it. Every statement
//! that reads records is written by [`crate::relation`], which takes a `Visible`; so a question without a scope does not
//! compile, in both senses.

use tacho_core::OrganizationId;
use tacho_core::scope::{Rows, Scope};

use crate::predicate::Predicate;
use crate::statement::Param;

/// A question together with what its asker may see.
#[derive(Clone, Debug, PartialEq)]
pub struct Scoped<Q> {
    question: Q,
    visible: Visible,
}

/// What an asker may see.
#[derive(Clone, Debug, PartialEq)]
pub struct Visible {
    organization: OrganizationId,
    rule: Predicate,
}

/// Binds a question to what its asker may see.
pub fn scoped<Q>(question: Q, scope: &Scope) -> Scoped<Q> {
    let rule = match scope.rows() {
        Rows::All => Predicate::All(Vec::new()),
        Rows::Owned { subjects } if subjects.is_empty() => Predicate::Any(Vec::new()),
        Rows::Owned { subjects } => Predicate::Any(vec![
            Predicate::WorkflowOwnedBy(subjects.clone()),
            Predicate::All(vec![
                Predicate::IsNull("workflow_id"),
                Predicate::OneOf {
                    column: "user_id",
                    values: subjects.iter().cloned().map(Param::Text).collect(),
                },
            ]),
        ]),
    };
    Scoped {
        question,
        visible: Visible {
            organization: scope.organization(),
            rule,
        },
    }
}

impl<Q> Scoped<Q> {
    /// The question.
    pub fn question(&self) -> &Q {
        &self.question
    }

    /// What its asker may see.
    pub fn visible(&self) -> &Visible {
        &self.visible
    }
}

impl Visible {
    /// The organization whose store is asked. No store holds two.
    pub fn organization(&self) -> OrganizationId {
        self.organization
    }

    /// The condition that every row seen must meet.
    pub(crate) fn rule(&self) -> &Predicate {
        &self.rule
    }
}
