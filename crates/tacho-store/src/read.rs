//! What a query gets back from a store.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tacho_core::time::Timestamp;
pub use tacho_query::statement::{Param, ResultSet, Scalar, ScalarRef, Statement};

use crate::{Lsn, StoreError};

/// Tells a long reading to stop. All clones are one.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Says so, for good.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it was said.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Whether both are clones of one.
    pub fn is_same(&self, other: &Stop) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// A reading of one moment, statement after statement.
pub trait LongRead {
    /// The position in the journal that everything read is as of.
    fn as_of_lsn(&self) -> Lsn;

    /// Calls back with each row that a statement gives, until told to break. The statement should not give more rows than
    /// may be held in memory: a store may have all of them before it calls back with the first.
    fn rows(
        &mut self,
        statement: &Statement,
        visit: &mut dyn FnMut(&[ScalarRef<'_>]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, StoreError>;
}

/// The answers to several statements, all of one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The position in the journal that all of them are as of.
    pub as_of_lsn: Lsn,
    /// When the rows up to that position were stored. `None` if nothing was yet, or if nothing is missing: then they are as
    /// of the moment of asking.
    pub as_of: Option<Timestamp>,
    /// How the cells of rollups are cut.
    pub cells: CellsCut,
    /// An answer per statement, in their order.
    pub results: Vec<ResultSet>,
}

/// What is done in a long reading. It may break, which is no error.
pub type LongWork<'a> = &'a mut dyn FnMut(&mut dyn LongRead) -> Result<ControlFlow<()>, StoreError>;

/// How the cells of rollups are cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellsCut {
    /// The zone in which the slots of cells of a day and more are cut, by its IANA name.
    pub zone: String,
    /// Since when there are cells of a quarter of an hour.
    pub quarter_hours_since: Timestamp,
}

impl Default for CellsCut {
    fn default() -> Self {
        Self {
            zone: "UTC".to_owned(),
            quarter_hours_since: Timestamp::MIN,
        }
    }
}
