//! Readings that take long: one moment for all statements, and no more of the memory than for one of them.

use std::ops::ControlFlow;
use std::time::Duration;

use duckdb::Connection;
use tacho_core::OrganizationId;
use tacho_store::{LongRead, LongWork, Lsn, ScalarRef, Statement, Stop, StoreError};

use crate::cells;
use crate::error::{is_interrupt, translate};
use crate::file::File;
use crate::files::{Limits, lock};
use crate::statements::visit;
use crate::store::{DuckDbStore, applied};
use crate::watchdog::Watchdog;

/// How long one of its statements may take.
const STATEMENT_TIME_MAX: Duration = Duration::from_secs(300);
/// Bytes of the file that a long reading may leave in memory beside those that were there before. Reading all of a large file
/// would fill the memory up to its limit with blocks that nobody needs again.
const CACHE_BYTES_MAX: u64 = 48 * 1024 * 1024;
/// Down to how many it is trimmed then.
const CACHE_BYTES_KEPT: u64 = 16 * 1024 * 1024;

struct LongReader<'a> {
    file: &'a File,
    reader: &'a Connection,
    watchdog: &'a Watchdog,
    stop: &'a Stop,
    as_of_lsn: Lsn,
    cells_lsn: Lsn,
    /// Bytes of the file that were in memory before.
    cached_before: u64,
    /// What DuckDB said last, if it failed.
    failed: Option<duckdb::Error>,
}

impl LongRead for LongReader<'_> {
    fn as_of_lsn(&self) -> Lsn {
        self.as_of_lsn
    }

    fn rows(
        &mut self,
        statement: &Statement,
        take: &mut dyn FnMut(&[ScalarRef<'_>]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, StoreError> {
        if self.stop.is_stopped() {
            return Err(StoreError::Stopped);
        }
        let handle = self.reader.interrupt_handle();
        let watch = self.watchdog.watch(handle, STATEMENT_TIME_MAX, Some(self.stop));
        let mut is_stopped = false;
        let flow = visit(self.reader, statement, self.cells_lsn, &mut |_, values| {
            is_stopped = self.stop.is_stopped();
            match is_stopped {
                true => ControlFlow::Break(()),
                false => take(values),
            }
        });
        drop(watch);
        match flow {
            Ok(_) if is_stopped => Err(StoreError::Stopped),
            Ok(flow) => {
                self.trim_cache();
                Ok(flow)
            }
            Err(error) if is_interrupt(&error) && self.stop.is_stopped() => Err(StoreError::Stopped),
            Err(error) => {
                let translated = translate(&error, STATEMENT_TIME_MAX);
                self.failed = Some(error);
                Err(translated)
            }
        }
    }
}

impl LongReader<'_> {
    fn trim_cache(&self) {
        let trimmed =
            self.file
                .cached_bytes()
                .and_then(|cached| match cached > self.cached_before + CACHE_BYTES_MAX {
                    true => self.file.trim_cache(self.cached_before + CACHE_BYTES_KEPT),
                    false => Ok(()),
                });
        if let Err(error) = trimmed {
            tracing::debug!(%error, "could not trim what is kept of a file in memory");
        }
    }
}

impl DuckDbStore {
    /// Lets `work` read in one transaction until it is done or told to stop.
    pub(crate) fn with_long_reader(
        &self,
        organization: OrganizationId,
        stop: &Stop,
        work: LongWork<'_>,
    ) -> Result<ControlFlow<()>, StoreError> {
        let slot = self.slot(organization);
        lock(&slot.long_readings).push(stop.clone());
        let mut outcome = Err(StoreError::Stopped);
        let limits = Limits::of_question(STATEMENT_TIME_MAX);
        let read = self.with_file(organization, limits, |file| {
            let reader = file.reader()?;
            reader.execute_batch("BEGIN TRANSACTION READ ONLY")?;
            let mut long = LongReader {
                file,
                reader: &reader,
                watchdog: &self.watchdog,
                stop,
                as_of_lsn: applied(&reader)?.0,
                cells_lsn: cells::position(&reader)?.0,
                cached_before: file.cached_bytes()?,
                failed: None,
            };
            outcome = work(&mut long);
            let failed = long.failed.take();
            let ended = reader.execute_batch("ROLLBACK");
            if failed.is_none() && ended.is_ok() {
                file.give_back(reader);
            }
            failed.map_or(Ok(()), Err)
        });
        lock(&slot.long_readings).retain(|other| !other.is_same(stop));
        read.and(outcome)
    }
}
