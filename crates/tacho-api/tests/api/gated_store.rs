//! A store whose long readings can be held after some rows, so that tests see exports midway, and whose questions fail when
//! told to, while everything else works.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use tacho_core::{OrganizationId, Timestamp};
use tacho_store::holdings::Holdings;
use tacho_store::{
    Change, LongRead, LongWork, Lsn, ScalarRef, Snapshot, Statement, Stop, Store, StoreDigest, StoreError,
    StoreStatus, StoreUsage, StoredRow, Target,
};

/// Rows of pages have more values than those of counts.
const COUNTS_VALUES_MAX: usize = 3;

/// What of the store may still be read.
pub(crate) struct Gate {
    /// How many rows of pages.
    rows: Mutex<u64>,
    changed: Condvar,
    is_failing: AtomicBool,
}

impl Gate {
    fn open() -> Arc<Self> {
        Arc::new(Self {
            rows: Mutex::new(u64::MAX),
            changed: Condvar::new(),
            is_failing: AtomicBool::new(false),
        })
    }

    /// Lets so many more rows pass, all exports together.
    pub(crate) fn let_pass(&self, rows: u64) {
        *self.rows.lock().unwrap() = rows;
        self.changed.notify_all();
    }

    /// Whether questions fail from now on.
    pub(crate) fn fail(&self, is_failing: bool) {
        self.is_failing.store(is_failing, Ordering::Relaxed);
    }

    fn pass(&self, stop: &Stop) {
        let mut rows = self.rows.lock().unwrap();
        while *rows == 0 && !stop.is_stopped() {
            rows = self
                .changed
                .wait_timeout(rows, Duration::from_millis(5))
                .unwrap()
                .0;
        }
        if *rows < u64::MAX {
            *rows = rows.saturating_sub(1);
        }
    }
}

pub(crate) struct GatedStore {
    inner: Arc<dyn Store>,
    gate: Arc<Gate>,
}

impl GatedStore {
    pub(crate) fn with_gate(inner: Arc<dyn Store>) -> (Arc<dyn Store>, Arc<Gate>) {
        let gate = Gate::open();
        let store = Self {
            inner,
            gate: gate.clone(),
        };
        (Arc::new(store), gate)
    }
}

struct GatedRead<'a> {
    inner: &'a mut dyn LongRead,
    gate: &'a Gate,
    stop: &'a Stop,
}

impl LongRead for GatedRead<'_> {
    fn as_of_lsn(&self) -> Lsn {
        self.inner.as_of_lsn()
    }

    fn rows(
        &mut self,
        statement: &Statement,
        visit: &mut dyn FnMut(&[ScalarRef<'_>]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, StoreError> {
        self.inner.rows(statement, &mut |values| {
            if values.len() > COUNTS_VALUES_MAX {
                self.gate.pass(self.stop);
                if self.stop.is_stopped() {
                    return ControlFlow::Continue(());
                }
            }
            visit(values)
        })
    }
}

impl Store for GatedStore {
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
        self.inner.read_long(organization, stop, &mut |inner| {
            work(&mut GatedRead {
                inner,
                gate: &self.gate,
                stop,
            })
        })
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

    fn read(
        &self,
        organization: OrganizationId,
        statements: &[Statement],
        timeout: Duration,
    ) -> Result<Snapshot, StoreError> {
        if self.gate.is_failing.load(Ordering::Relaxed) {
            return Err(StoreError::Engine("told to fail".to_owned()));
        }
        self.inner.read(organization, statements, timeout)
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

    fn usage(&self) -> StoreUsage {
        self.inner.usage()
    }
}
