//! A store that fails, or does not answer, when it is told to.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use tacho_core::{OrganizationId, Timestamp};
use tacho_store::holdings::Holdings;
use tacho_store::{
    Change, LongWork, Lsn, Snapshot, Statement, Stop, Store, StoreDigest, StoreError, StoreStatus, StoredRow,
    Target,
};

pub struct FaultyStore {
    inner: Arc<dyn Store>,
    /// So many calls fail before anything happens.
    failing_before: AtomicU32,
    /// So many batches are applied and reported as failed.
    failing_after: AtomicU32,
    stuck: Mutex<HashSet<OrganizationId>>,
    unstuck: Condvar,
    tidied: AtomicU32,
}

fn takes_one(left: &AtomicU32) -> bool {
    left.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(1))
        .is_ok()
}

impl FaultyStore {
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self {
            inner,
            failing_before: AtomicU32::new(0),
            failing_after: AtomicU32::new(0),
            stuck: Mutex::default(),
            unstuck: Condvar::new(),
            tidied: AtomicU32::new(0),
        }
    }

    /// The next so many calls fail without having done anything.
    pub fn fail_before(&self, count: u32) {
        self.failing_before.store(count, Ordering::Release);
    }

    /// The next so many batches are applied, but their sender is told that they failed.
    pub fn fail_after(&self, count: u32) {
        self.failing_after.store(count, Ordering::Release);
    }

    /// How often stores have been tidied up.
    pub fn tidied(&self) -> u32 {
        self.tidied.load(Ordering::Acquire)
    }

    /// Whether nothing is left that would fail.
    pub fn has_failed_enough(&self) -> bool {
        self.failing_before.load(Ordering::Acquire) == 0 && self.failing_after.load(Ordering::Acquire) == 0
    }

    /// Batches of that organization wait until [`FaultyStore::release`].
    pub fn hold(&self, organization: OrganizationId) {
        self.stuck.lock().unwrap().insert(organization);
    }

    pub fn release(&self, organization: OrganizationId) {
        self.stuck.lock().unwrap().remove(&organization);
        self.unstuck.notify_all();
    }

    /// Lets everything go on.
    pub fn release_all(&self) {
        self.stuck.lock().unwrap().clear();
        self.unstuck.notify_all();
    }

    fn before(&self) -> Result<(), StoreError> {
        if takes_one(&self.failing_before) {
            Err(StoreError::Engine("told to fail".into()))
        } else {
            Ok(())
        }
    }
}

impl Store for FaultyStore {
    fn applied_lsn(&self, organization: OrganizationId) -> Result<Lsn, StoreError> {
        self.before()?;
        self.inner.applied_lsn(organization)
    }

    fn apply(&self, organization: OrganizationId, change: &Change, now: Timestamp) -> Result<(), StoreError> {
        self.before()?;
        let mut stuck = self.stuck.lock().unwrap();
        while stuck.contains(&organization) {
            stuck = self.unstuck.wait(stuck).unwrap();
        }
        drop(stuck);
        self.inner.apply(organization, change, now)?;
        if takes_one(&self.failing_after) {
            Err(StoreError::Engine("told to fail".into()))
        } else {
            Ok(())
        }
    }

    fn tidy(&self, organization: OrganizationId) -> Result<(), StoreError> {
        self.before()?;
        self.inner.tidy(organization)?;
        self.tidied.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }

    fn rows_at(
        &self,
        organization: OrganizationId,
        target: Target,
        lsns: &[Lsn],
    ) -> Result<Vec<StoredRow>, StoreError> {
        self.before()?;
        self.inner.rows_at(organization, target, lsns)
    }

    fn rows_where(
        &self,
        organization: OrganizationId,
        target: Target,
        column: &'static str,
        texts: &[&str],
    ) -> Result<Vec<StoredRow>, StoreError> {
        self.before()?;
        self.inner.rows_where(organization, target, column, texts)
    }

    fn scan_identities(
        &self,
        organization: OrganizationId,
        above: Lsn,
        visit: &mut dyn FnMut(Target, &str, u32, Lsn),
    ) -> Result<(), StoreError> {
        self.before()?;
        self.inner.scan_identities(organization, above, visit)
    }

    fn scan_followers(
        &self,
        organization: OrganizationId,
        above: Lsn,
        visit: &mut dyn FnMut(&str, Lsn),
    ) -> Result<(), StoreError> {
        self.before()?;
        self.inner.scan_followers(organization, above, visit)
    }

    fn unattributed_executions(&self, organization: OrganizationId) -> Result<Vec<String>, StoreError> {
        self.before()?;
        self.inner.unattributed_executions(organization)
    }

    fn digest(&self, organization: OrganizationId, with_positions: bool) -> Result<StoreDigest, StoreError> {
        self.inner.digest(organization, with_positions)
    }

    fn read(
        &self,
        organization: OrganizationId,
        statements: &[Statement],
        timeout: Duration,
    ) -> Result<Snapshot, StoreError> {
        self.inner.read(organization, statements, timeout)
    }

    fn read_long(
        &self,
        organization: OrganizationId,
        stop: &Stop,
        work: LongWork<'_>,
    ) -> Result<ControlFlow<()>, StoreError> {
        self.inner.read_long(organization, stop, work)
    }

    fn holdings(&self, organization: OrganizationId) -> Result<Holdings, StoreError> {
        self.inner.holdings(organization)
    }

    fn set_aside(&self, organization: OrganizationId) -> Result<Option<PathBuf>, StoreError> {
        self.inner.set_aside(organization)
    }

    fn set_whole_from(&self, organization: OrganizationId, lsn: Lsn) {
        self.inner.set_whole_from(organization, lsn);
    }

    fn status(&self, organization: OrganizationId) -> Result<StoreStatus, StoreError> {
        self.inner.status(organization)
    }
}
