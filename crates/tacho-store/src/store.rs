//! The trait that every engine implements.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Duration;

use tacho_core::OrganizationId;
use tacho_core::time::Timestamp;
use tacho_query::holdings::Holdings;

use crate::read::{LongWork, Stop};
use crate::{Change, Lsn, Snapshot, Statement, StoredRow, Target};

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The question took longer than it may.
    #[error("the query took longer than {} s and was stopped", .0.as_secs())]
    TimedOut(Duration),
    /// The question needs more memory than it may have.
    #[error("the query needs more memory than one query may have")]
    OutOfMemory,
    /// The store is being rebuilt or reopened; the journal has everything.
    #[error("the store is {0}")]
    Unavailable(&'static str),
    /// The store does not open or is damaged; it must be rebuilt from the journal.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// The engine refused or failed.
    #[error("the store failed: {0}")]
    Engine(String),
    /// A long reading was told to stop.
    #[error("the reading was stopped")]
    Stopped,
}

/// How a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreState {
    /// Open and whole.
    Open,
    /// Being made again from the journal.
    Rebuilding,
    /// Failing; the last error says how.
    Degraded,
}

/// What the System page says of a store.
#[derive(Clone, Debug)]
pub struct StoreStatus {
    /// How it is.
    pub state: StoreState,
    /// Up to where in the journal it is complete.
    pub applied_lsn: Lsn,
    /// Up to where rows are counted in the cells of cubes; later ones are read one by one.
    pub cells_lsn: Lsn,
    /// Its size on disk.
    pub bytes: u64,
    /// Rows per table.
    pub rows: BTreeMap<String, u64>,
    /// What went wrong last.
    pub last_error: Option<String>,
}

/// What all stores together take of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreUsage {
    /// Files that are open.
    pub open_files: u64,
    /// Bytes of all files, open or not.
    pub bytes: u64,
}

/// What a store holds, of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreDigest {
    /// Up to where in the journal it is complete.
    pub applied_lsn: Lsn,
    /// Each table.
    pub tables: BTreeMap<String, TableDigest>,
}

/// What a table holds, in two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableDigest {
    /// How many rows.
    pub rows: u64,
    /// A checksum over all of them that does not depend on their order.
    pub checksum: u64,
}

/// The columnar projection of the journal. All calls block; callers keep them off the async threads. One writer per
/// organization at a time, any number of readers beside it, each seeing one moment.
pub trait Store: Send + Sync + 'static {
    /// Up to where in the journal the organization's rows are complete; 0 for an organization without rows.
    fn applied_lsn(&self, organization: OrganizationId) -> Result<Lsn, StoreError>;

    /// Applies a batch in one transaction: retracts, inserts, moves the applied position. A batch at or below the applied
    /// position changes nothing. `now` is kept as the time of the position. Where answers are kept, whoever applies a batch
    /// has noted it in the [`Epochs`](crate::Epochs) before.
    fn apply(&self, organization: OrganizationId, change: &Change, now: Timestamp) -> Result<(), StoreError>;

    /// Does what makes later reads faster and can wait, such as counting new rows in rollups. Called when there is time for
    /// it; changes no answer.
    fn tidy(&self, organization: OrganizationId) -> Result<(), StoreError>;

    /// The rows at these positions of a table. Positions without a row are left out; the order is not promised.
    fn rows_at(
        &self,
        organization: OrganizationId,
        target: Target,
        lsns: &[Lsn],
    ) -> Result<Vec<StoredRow>, StoreError>;

    /// The rows of a table whose `column` holds one of the texts, such as the steps of some executions.
    fn rows_where(
        &self,
        organization: OrganizationId,
        target: Target,
        column: &'static str,
        texts: &[&str],
    ) -> Result<Vec<StoredRow>, StoreError>;

    /// Calls back with table, identity and position of every row above a position, in no promised order.
    fn scan_identities(
        &self,
        organization: OrganizationId,
        above: Lsn,
        visit: &mut dyn FnMut(Target, &str, u32, Lsn),
    ) -> Result<(), StoreError>;

    /// Calls back with execution and position of every row above a position that holds [how its execution
    /// is](tacho_core::record::schema::TypeSpec::follows_status), in no promised order.
    fn scan_followers(
        &self,
        organization: OrganizationId,
        above: Lsn,
        visit: &mut dyn FnMut(&str, Lsn),
    ) -> Result<(), StoreError>;

    /// The executions that rows refer to without having inherited anything from them. May name some that are known.
    fn unattributed_executions(&self, organization: OrganizationId) -> Result<Vec<String>, StoreError>;

    /// Rows and a checksum per table, over everything but the positions if `with_positions` is false. Two stores with the
    /// same rows, in whatever order, have the same digests.
    fn digest(&self, organization: OrganizationId, with_positions: bool) -> Result<StoreDigest, StoreError>;

    /// Answers statements, all as of one moment, within the time given.
    fn read(
        &self,
        organization: OrganizationId,
        statements: &[Statement],
        timeout: Duration,
    ) -> Result<Snapshot, StoreError>;

    /// Lets `work` read for as long as it takes, all as of one moment, by a reader of its own. Once `stop` says so, the
    /// statement under way ends with [`StoreError::Stopped`]; so it does when the store is to be set aside. What was committed
    /// meanwhile stays out of sight, and what is written beside is tidied up when the reading is over.
    fn read_long(
        &self,
        organization: OrganizationId,
        stop: &Stop,
        work: LongWork<'_>,
    ) -> Result<ControlFlow<()>, StoreError>;

    /// What the store holds, about, and how its cells are cut: what planning a question needs to know.
    fn holdings(&self, organization: OrganizationId) -> Result<Holdings, StoreError>;

    /// Sets the organization's store aside (the file is kept under another name) so that it can be made again from the
    /// journal. Returns the new name, if there was a file.
    fn set_aside(&self, organization: OrganizationId) -> Result<Option<std::path::PathBuf>, StoreError>;

    /// Says from which position on the organization's store is whole: before it has come there, questions are answered with
    /// [`StoreError::Unavailable`] instead of numbers that lack something. [`Lsn::MAX`] while it is made again, 0 when it is
    /// whole in any case.
    fn set_whole_from(&self, organization: OrganizationId, lsn: Lsn);

    /// What the System page says. `rows` may be as old as the last checkpoint.
    fn status(&self, organization: OrganizationId) -> Result<StoreStatus, StoreError>;

    /// What all stores together take of this machine; nothing where they are kept elsewhere.
    fn usage(&self) -> StoreUsage {
        StoreUsage::default()
    }
}
