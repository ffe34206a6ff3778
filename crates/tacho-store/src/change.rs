//! What the merger hands to a store: the rows of one batch, and those that they replace.

use tacho_core::record::derive::{ExecutionOwner, derived_values, event_time};
use tacho_core::record::{RecordType, Row, Value};
use tacho_core::time::Timestamp;

use crate::Lsn;

/// A merged row as a store keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRow {
    /// The position of the last record that changed it. No two rows of an organization share one.
    pub lsn: Lsn,
    /// What is known about the thing.
    pub row: Row,
    /// The moment under which queries count it.
    pub event_time: Timestamp,
    /// Derived values, in the order in which the type declares them.
    pub derived: Vec<Option<Value>>,
}

impl StoredRow {
    /// Works out what is derived. `owner` is what is known of the row's execution.
    pub fn new(lsn: Lsn, row: Row, owner: Option<&ExecutionOwner>) -> Self {
        let event_time = event_time(&row);
        let derived = derived_values(&row, owner);
        Self {
            lsn,
            row,
            event_time,
            derived,
        }
    }

    /// Which of the type's tables holds it.
    pub fn target(&self) -> Target {
        Target {
            record_type: self.row.record_type,
            is_open: self.row.is_open(),
        }
    }

    /// What says that it is no longer true.
    pub fn retracted(&self) -> Retracted {
        Retracted {
            target: self.target(),
            lsn: self.lsn,
            event_time: self.event_time,
        }
    }
}

/// A table of a store: a record type, and whether its things have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    /// The type.
    pub record_type: RecordType,
    /// Whether it holds the things that have not ended.
    pub is_open: bool,
}

impl Target {
    /// Every table of a store.
    pub fn all() -> impl Iterator<Item = Target> {
        RecordType::ALL.into_iter().flat_map(|record_type| {
            [false, true]
                .into_iter()
                .filter(move |is_open| !is_open || record_type.spec().lifecycle.is_some())
                .map(move |is_open| Target { record_type, is_open })
        })
    }

    /// Its name.
    pub fn table(self) -> String {
        if self.is_open {
            format!("{}_open", self.record_type.as_str())
        } else {
            self.record_type.as_str().to_owned()
        }
    }
}

/// A row that is no longer true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Retracted {
    /// The table that holds it.
    pub target: Target,
    /// Its position.
    pub lsn: Lsn,
    /// The moment under which queries have counted it.
    pub event_time: Timestamp,
}

/// What one batch of records changes, applied in one transaction together with the position that it reaches.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The position in the journal after this batch.
    pub applied_lsn: Lsn,
    /// Rows that are no longer true.
    pub retracted: Vec<Retracted>,
    /// Rows that are now true.
    pub rows: Vec<StoredRow>,
}

impl Change {
    /// The type and the moment of every row that leaves or comes.
    pub fn touched(&self) -> impl Iterator<Item = (RecordType, Timestamp)> {
        let leaving = self.retracted.iter();
        let leaving = leaving.map(|row| (row.target.record_type, row.event_time));
        let coming = self.rows.iter();
        leaving.chain(coming.map(|row| (row.row.record_type, row.event_time)))
    }
}
