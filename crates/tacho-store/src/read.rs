//! What a query gets back from a store.

use tacho_core::time::Timestamp;
pub use tacho_query::statement::{Param, ResultSet, Scalar, Statement};

use crate::Lsn;

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
