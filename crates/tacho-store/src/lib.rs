//! What a store is, whatever engine is below it.
//!
//! A store is the columnar projection of the journal: rows, and the position in the journal up to which they are
//! complete. It can be thrown away and made again. Nothing engine-specific stands in this crate, and nothing here knows
//! of HTTP or of the journal's files.

pub mod change;
#[cfg(feature = "contract-tests")]
#[allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]
pub mod contract;
pub mod engine;
pub mod read;
pub mod store;
pub mod tables;
pub mod turns;
pub mod watcher;

pub use change::{Change, Retracted, StoredRow, Target};
pub use engine::{
    Answered, Answers, CacheStats, EngineConfig, EngineError, Epochs, ExportExtent, Freshness, QueryContext,
    QueryEngine, Question, SharedCache, SharedCacheStatus,
};
pub use read::{
    CellsCut, LongRead, LongWork, Param, ResultSet, Scalar, ScalarRef, Snapshot, Statement, Stop,
};
pub use store::{Store, StoreDigest, StoreError, StoreState, StoreStatus, StoreUsage, TableDigest};
pub use tacho_query::{cubes, holdings, live, slots, time};
pub use turns::{TooManyWait, Turn, Turns};
pub use watcher::{Replaced, Watcher};

/// A position in the journal: the ordinal of a record. The first record is 1; 0 is "before everything".
pub type Lsn = u64;
