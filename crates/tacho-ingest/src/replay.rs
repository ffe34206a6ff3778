//! Making a store from the journal apart from the running one, to compare the two.

use std::path::Path;

use tacho_core::OrganizationId;
use tacho_core::record::Record;
use tacho_core::time::Timestamp;
use tacho_store::{Lsn, Store, StoreError};

use crate::identity::{IdentityIndex, IndexLimits};
use crate::journal::reader::Next;
use crate::journal::{Damage, JournalError, JournalReader};
use crate::merger::{MergeError, Merger};

const BATCH_RECORDS: usize = 20_000;

/// What was replayed.
#[derive(Debug, Default)]
pub struct Replay {
    /// Records read.
    pub records: u64,
    /// Places of the journal that could not be read.
    pub damages: Vec<Damage>,
}

/// Why it could not be.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The merger or its index.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record of the journal.
    #[error("the records at position {0} cannot be read")]
    Record(Lsn),
}

/// Applies an organization's records up to a position to a store that has none yet.
///
/// # Errors
/// If anything but damage inside the journal gets in the way; that is told in the [`Replay`].
pub fn replay(
    journal: &Path,
    organization: OrganizationId,
    up_to: Lsn,
    store: &dyn Store,
    index_directory: &Path,
) -> Result<Replay, ReplayError> {
    let index = IdentityIndex::open(index_directory, IndexLimits::default()).map_err(MergeError::from)?;
    let mut merger = Merger::load(organization, store, index, |identity| identity.fingerprint())?;
    let mut result = Replay::default();
    let mut batch: Vec<(Lsn, Record)> = Vec::new();
    let mut apply = |batch: &mut Vec<(Lsn, Record)>| -> Result<(), ReplayError> {
        if batch.is_empty() {
            return Ok(());
        }
        let merged = merger.merge(store, std::mem::take(batch))?;
        store.apply(organization, &merged.change, Timestamp::default())?;
        Ok(merger.applied(merged)?)
    };
    let damages = JournalReader::new(journal).visit::<ReplayError>(organization, 0, up_to, |frame| {
        let records = frame
            .records()
            .map_err(|_| ReplayError::Record(frame.first_lsn))?;
        result.records += records.len() as u64;
        batch.extend((frame.first_lsn..).zip(records));
        if batch.len() >= BATCH_RECORDS {
            apply(&mut batch)?;
        }
        Ok(Next::Continue)
    })?;
    apply(&mut batch)?;
    result.damages = damages;
    Ok(result)
}
