//! What a store must hold, worked out in the plainest way: all records of a thing joined, no batches, no index, no store.

use std::collections::BTreeMap;

use tacho_core::record::derive::{ExecutionOwner, execution_of, owner_of};
use tacho_core::record::{Record, RecordType, Row};
use tacho_store::{Lsn, StoredRow};

use super::{Key, Rows};

/// The rows of a store after these records, and how many of them said nothing new.
pub fn project(records: &[(Lsn, Record)]) -> (Rows, u64) {
    let mut merged: BTreeMap<Key, (Lsn, Row)> = BTreeMap::new();
    let mut duplicates = 0;
    for (lsn, record) in records {
        let key = (record.record_type, record.id.clone(), record.attempt);
        let row = Row::from(record.clone());
        match merged.get_mut(&key) {
            None => {
                merged.insert(key, (*lsn, row));
            }
            Some((last_lsn, known)) => {
                if known.join(row) {
                    *last_lsn = *lsn;
                } else {
                    duplicates += 1;
                }
            }
        }
    }
    // The latest try of an execution is the last of its keys.
    let owners: BTreeMap<Box<str>, ExecutionOwner> = merged
        .iter()
        .filter(|((record_type, ..), _)| *record_type == RecordType::Execution)
        .map(|((_, id, _), (_, row))| (id.clone(), owner_of(row)))
        .collect();
    let rows = merged.into_iter().map(|(key, (lsn, row))| {
        let owner = execution_of(&row)
            .and_then(|execution| owners.get(execution))
            .cloned();
        (key, StoredRow::new(lsn, row, owner.as_ref()))
    });
    (rows.collect(), duplicates)
}
