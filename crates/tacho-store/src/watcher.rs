//! Who is told what has changed before the store has it.

use tacho_core::OrganizationId;

use crate::{Change, StoredRow};

/// A row that another takes the place of.
#[derive(Clone, Debug, PartialEq)]
pub struct Replaced {
    /// Which of [`Change::rows`] takes its place.
    pub by: usize,
    /// The row as it was.
    pub row: StoredRow,
}

/// Follows what is merged. Called by the thread that merges, so it must be quick and never wait.
pub trait Watcher: Send + Sync + 'static {
    /// These rows are about to be applied; those that they replace stand in the order of `by`. Of one organization, changes
    /// come in the order of their positions.
    fn merged(&self, organization: OrganizationId, change: &Change, replaced: &[Replaced]);

    /// What was told so far is not what the store holds, or not all of it: the store has caught up with the journal, failed
    /// to apply, or was replaced. What is merged from here on is told again.
    fn lost(&self, organization: OrganizationId);
}
