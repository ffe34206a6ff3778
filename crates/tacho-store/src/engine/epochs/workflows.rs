//! Whether what is known of workflows has changed. Senders say what a workflow is again and again, `tacho run` with each
//! run, and nothing but the moment of it is new: no answer would be another for that.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use tacho_core::record::{RecordType, Row};

use crate::{Change, Lsn};

/// Rows of workflows that are remembered of an organization. When there are more, all are forgotten and count as changed
/// when they are said again.
const ROWS_MAX: usize = 20_000;

/// The rows of workflows that came since the start.
#[derive(Debug, Default)]
pub(super) struct Workflows {
    /// Hashes of what they say, by position.
    said: HashMap<Lsn, u64>,
}

impl Workflows {
    /// Takes a change in, and tells whether what comes of workflows says anything else than what leaves. What leaves and is
    /// not remembered may have said something else.
    pub(super) fn change(&mut self, change: &Change) -> bool {
        let leaving = change.retracted.iter();
        let leaving = leaving.filter(|row| row.target.record_type == RecordType::Workflow);
        let mut before: Vec<Option<u64>> = leaving.map(|row| self.said.remove(&row.lsn)).collect();
        let coming = change.rows.iter();
        let coming = coming.filter(|row| row.row.record_type == RecordType::Workflow);
        let mut after = Vec::new();
        for stored in coming {
            let says = hash_of(&stored.row);
            self.said.insert(stored.lsn, says);
            after.push(Some(says));
        }
        if self.said.len() > ROWS_MAX {
            self.said.clear();
        }
        before.sort_unstable();
        after.sort_unstable();
        before != after
    }
}

/// A hash of what a row says, whenever that was said.
fn hash_of(row: &Row) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&row.id, row.attempt).hash(&mut hasher);
    for cell in &row.cells {
        (cell.field, format!("{:?}", cell.value)).hash(&mut hasher);
    }
    hasher.finish()
}
