//! A store whose questions fail when told to, while everything else works.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tacho_core::{OrganizationId, Timestamp};
use tacho_store::holdings::Holdings;
use tacho_store::{
    Change, LongWork, Lsn, Snapshot, Statement, Stop, Store, StoreDigest, StoreError, StoreStatus, StoredRow,
    Target,
};

pub(crate) struct FailingStore {
    pub(crate) inner: Arc<dyn Store>,
    pub(crate) is_failing: Arc<AtomicBool>,
}

impl Store for FailingStore {
    fn read(
        &self,
        organization: OrganizationId,
        statements: &[Statement],
        timeout: Duration,
    ) -> Result<Snapshot, StoreError> {
        if self.is_failing.load(Ordering::Relaxed) {
            return Err(StoreError::Engine("told to fail".to_owned()));
        }
        self.inner.read(organization, statements, timeout)
    }

    fn applied_lsn(&self, organization: OrganizationId) -> Result<Lsn, StoreError> {
        self.inner.applied_lsn(organization)
    }

    fn apply(&self, organization: OrganizationId, change: &Change, now: Timestamp) -> Result<(), StoreError> {
        self.inner.apply(organization, change, now)
    }

    fn tidy(&self, organization: OrganizationId) -> Result<(), StoreError> {
        self.inner.tidy(organization)
    }

    fn rows_at(
        &self,
        organization: OrganizationId,
        target: Target,
        lsns: &[Lsn],
    ) -> Result<Vec<StoredRow>, StoreError> {
        self.inner.rows_at(organization, target, lsns)
    }

    fn rows_where(
        &self,
        organization: OrganizationId,
        target: Target,
        column: &'static str,
        texts: &[&str],
    ) -> Result<Vec<StoredRow>, StoreError> {
        self.inner.rows_where(organization, target, column, texts)
    }

    fn scan_identities(
        &self,
        organization: OrganizationId,
        above: Lsn,
        visit: &mut dyn FnMut(Target, &str, u32, Lsn),
    ) -> Result<(), StoreError> {
        self.inner.scan_identities(organization, above, visit)
    }

    fn unattributed_executions(&self, organization: OrganizationId) -> Result<Vec<String>, StoreError> {
        self.inner.unattributed_executions(organization)
    }

    fn digest(&self, organization: OrganizationId, with_positions: bool) -> Result<StoreDigest, StoreError> {
        self.inner.digest(organization, with_positions)
    }

    fn scan_followers(
        &self,
        organization: OrganizationId,
        above: Lsn,
        visit: &mut dyn FnMut(&str, Lsn),
    ) -> Result<(), StoreError> {
        self.inner.scan_followers(organization, above, visit)
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

    fn set_rebuilding(&self, organization: OrganizationId, is_rebuilding: bool) {
        self.inner.set_rebuilding(organization, is_rebuilding);
    }

    fn status(&self, organization: OrganizationId) -> Result<StoreStatus, StoreError> {
        self.inner.status(organization)
    }
}
