//! All executions that meet some filters, for exports: slice after slice, with the memory of one.

use std::ops::ControlFlow;

use tacho_core::Scope;
use tacho_core::time::{TimeRange, Timestamp};
use tacho_query::executions::{
    Cursor, ExecutionExportQuery, compile_count, compile_page, compile_slots, slices, slot_length,
};
use tacho_query::scope::{Scoped, scoped};
use tacho_query::shape::ShapeError;

use super::error::store_error;
use super::{EngineError, QueryEngine};
use crate::read::{LongRead, ScalarRef, Stop};
use crate::{Lsn, StoreError};

/// Rows of a slice, which one statement sorts and gives: some tens of megabytes.
const SLICE_ROWS: u64 = 25_000;
/// Columns of a page before those that were asked for.
const KEY_COLUMNS: usize = 3;

/// What an export is about to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportExtent {
    /// How many executions.
    pub rows: u64,
    /// The position in the journal that all of them are as of.
    pub as_of_lsn: Lsn,
}

impl QueryEngine {
    /// Calls back with every execution that the asker may see, in the order of time, id and attempt, each as the values of the
    /// columns asked for; before that with how many there are. All are of one moment. Blocks for as long as it takes, by a
    /// reader of its own beside those of questions; `stop` ends it at once, with [`StoreError::Stopped`]. So does a callback
    /// that breaks, without an error.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub fn export_executions(
        &self,
        scope: &Scope,
        query: ExecutionExportQuery,
        stop: &Stop,
        begin: &mut dyn FnMut(ExportExtent),
        visit: &mut dyn FnMut(&[ScalarRef<'_>]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, EngineError> {
        let query = scoped(query, scope);
        let mut odd = None;
        let flow = self.store.read_long(scope.organization(), stop, &mut |reading| {
            let mut export = Export {
                engine: self,
                query: &query,
                reading,
                odd: None,
            };
            let flow = export.read(begin, visit);
            odd = export.odd;
            flow
        });
        match odd {
            Some(odd) => Err(EngineError::Shape(odd)),
            None => flow.map_err(store_error),
        }
    }
}

struct Export<'a> {
    engine: &'a QueryEngine,
    query: &'a Scoped<ExecutionExportQuery>,
    reading: &'a mut dyn LongRead,
    /// What was not as asked.
    odd: Option<ShapeError>,
}

/// The first columns of a page.
fn cursor_of(row: &[ScalarRef<'_>]) -> Option<Cursor> {
    match row {
        [
            ScalarRef::Time(event_time),
            ScalarRef::Text(id),
            ScalarRef::Int(attempt),
            ..,
        ] => Some(Cursor {
            event_time: *event_time,
            id: (*id).to_owned(),
            attempt: u32::try_from(*attempt).ok()?,
        }),
        _ => None,
    }
}

impl Export<'_> {
    fn read(
        &mut self,
        begin: &mut dyn FnMut(ExportExtent),
        visit: &mut dyn FnMut(&[ScalarRef<'_>]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, StoreError> {
        let (rows, range) = self.count()?;
        begin(ExportExtent {
            rows,
            as_of_lsn: self.reading.as_of_lsn(),
        });
        let Some(range) = range else {
            return Ok(ControlFlow::Continue(()));
        };
        let slots = self.slots(range)?;
        for slice in slices(&slots, slot_length(range), SLICE_ROWS) {
            if self.slice(slice.range, visit)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// How many there are, and between which times.
    fn count(&mut self) -> Result<(u64, Option<TimeRange>), StoreError> {
        let statement = compile_count(self.query, self.engine.dialect);
        let mut counted = None;
        let mut odd = false;
        let _ = self.reading.rows(&statement, &mut |row| {
            match row {
                [
                    ScalarRef::Int(rows),
                    ScalarRef::Time(first),
                    ScalarRef::Time(last),
                ] => {
                    counted = Some((rows.unsigned_abs(), Some(range_of(*first, *last))));
                }
                [ScalarRef::Int(0), ScalarRef::Null, ScalarRef::Null] => counted = Some((0, None)),
                _ => odd = true,
            }
            ControlFlow::Continue(())
        })?;
        self.note(odd || counted.is_none(), "a count is not three values")?;
        Ok(counted.unwrap_or_default())
    }

    fn slots(&mut self, range: TimeRange) -> Result<Vec<(i64, u64)>, StoreError> {
        let statement = compile_slots(self.query, range, self.engine.dialect);
        let mut slots = Vec::new();
        let mut odd = false;
        let _ = self.reading.rows(&statement, &mut |row| {
            match row {
                [ScalarRef::Int(slot), ScalarRef::Int(rows)] => slots.push((*slot, rows.unsigned_abs())),
                _ => odd = true,
            }
            ControlFlow::Continue(())
        })?;
        self.note(odd, "a slot is not two numbers")?;
        Ok(slots)
    }

    /// A slice, in pages where it has too many rows for one.
    fn slice(
        &mut self,
        range: TimeRange,
        visit: &mut dyn FnMut(&[ScalarRef<'_>]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, StoreError> {
        let mut after: Option<Cursor> = None;
        loop {
            let statement = compile_page(self.query, range, after.as_ref(), SLICE_ROWS, self.engine.dialect);
            let (mut rows, mut odd) = (0, false);
            let flow = self.reading.rows(&statement, &mut |row| {
                rows += 1;
                if rows == SLICE_ROWS {
                    after = cursor_of(row);
                    odd = after.is_none();
                }
                match row.get(KEY_COLUMNS..) {
                    Some(values) => visit(values),
                    None => {
                        odd = true;
                        ControlFlow::Break(())
                    }
                }
            })?;
            self.note(odd, "a row lacks its id")?;
            if flow.is_break() || rows < SLICE_ROWS {
                return Ok(flow);
            }
        }
    }

    fn note(&mut self, is_odd: bool, what: &'static str) -> Result<(), StoreError> {
        if !is_odd {
            return Ok(());
        }
        self.odd = Some(ShapeError::new(what));
        Err(StoreError::Stopped)
    }
}

/// From the first row's time to just after the last one's.
fn range_of(first: Timestamp, last: Timestamp) -> TimeRange {
    TimeRange {
        start: first,
        end: last.plus_micros(1),
    }
}
