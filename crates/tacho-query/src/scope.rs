//! Stage 3: whose rows a question may see (DESIGN invariant 5).
//!
//! [`scoped`] is the only function that applies a [`Scope`], and [`Visible`] cannot be made without it. Every statement
//! that reads records is written by [`crate::relation`], which takes a `Visible`; so a question without a scope does not
//! compile, in both senses.

use tacho_core::OrganizationId;
use tacho_core::record::RecordType;
use tacho_core::record::schema::TypeSpec;
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
    rows: Rows,
}

/// Binds a question to what its asker may see.
pub fn scoped<Q>(question: Q, scope: &Scope) -> Scoped<Q> {
    Scoped {
        question,
        visible: Visible {
            organization: scope.organization(),
            rows: scope.rows().clone(),
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

    /// Whether the asker sees everything of the organization.
    pub(crate) fn is_everything(&self) -> bool {
        self.rows == Rows::All
    }

    /// The condition that every row of a type that is seen must meet: its workflow (or the workflow that it is) is owned by
    /// the asker, or it belongs to no workflow and to the asker. Who owns things sees none of a type that has neither.
    pub(crate) fn rule(&self, spec: &TypeSpec) -> Predicate {
        let subjects = match &self.rows {
            Rows::All => return Predicate::All(Vec::new()),
            Rows::Owned { subjects } if subjects.is_empty() => return Predicate::Any(Vec::new()),
            Rows::Owned { subjects } => subjects,
        };
        let is_own = || Predicate::OneOf {
            column: "user_id".into(),
            values: subjects.iter().cloned().map(Param::Text).collect(),
        };
        let owns = |column| Predicate::WorkflowOwnedBy {
            column,
            subjects: subjects.clone(),
        };
        if spec.record_type == RecordType::Workflow {
            return owns("id");
        }
        let is_of_own_workflow = || owns("workflow_id");
        match (has_column(spec, "workflow_id"), has_column(spec, "user_id")) {
            (true, true) => Predicate::Any(vec![
                is_of_own_workflow(),
                Predicate::All(vec![Predicate::IsNull("workflow_id".into()), is_own()]),
            ]),
            (true, false) => is_of_own_workflow(),
            (false, true) => is_own(),
            (false, false) => Predicate::Any(Vec::new()),
        }
    }
}

/// Whether rows of a type have a column.
pub(crate) fn has_column(spec: &TypeSpec, column: &str) -> bool {
    spec.fields.iter().any(|field| field.column == column)
        || spec.derived.iter().any(|derived| derived.column == column)
}
