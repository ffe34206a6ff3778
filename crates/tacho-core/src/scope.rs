//! What the asker may see. A query cannot be compiled without one (DESIGN invariant 5).

use crate::OrganizationId;

/// The rows that an asker may see: always one organization, and in it everything or what the asker owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    organization: OrganizationId,
    rows: Rows,
}

/// Which rows of the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rows {
    /// All of them.
    All,
    /// Records of the workflows owned now, and records without a workflow that name the asker as their user.
    Owned {
        /// The names by which records refer to the asker: user id, e-mail address and the id in other systems. Never
        /// empty.
        subjects: Vec<String>,
    },
}

impl Scope {
    /// Everything of an organization.
    pub fn all(organization: OrganizationId) -> Self {
        Self {
            organization,
            rows: Rows::All,
        }
    }

    /// What one person owns in an organization. `subjects` are the names by which records refer to that person.
    pub fn owned(organization: OrganizationId, mut subjects: Vec<String>) -> Self {
        subjects.sort();
        subjects.dedup();
        Self {
            organization,
            rows: Rows::Owned { subjects },
        }
    }

    /// The organization asked about.
    pub fn organization(&self) -> OrganizationId {
        self.organization
    }

    /// The rows of it that may be seen.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }
}
