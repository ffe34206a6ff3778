//! Rows of results as failures of the wire.

use super::wire::{AffectedWorkflow, Failure, FailureState, FailureStates, FailuresOfType};
use crate::cells::{Cells, MICROS};
use crate::shape::ShapeError;
use crate::statement::ResultSet;

/// What a page holds, and the totals.
pub(super) struct PageRead {
    pub(super) failures: Vec<Failure>,
    pub(super) count: u64,
    pub(super) count_before: u64,
    pub(super) by_state: FailureStates,
}

/// Reads what [`Faults::write_page`](super::faults::Faults::write_page) asks for.
pub(super) fn page(result: &ResultSet) -> Result<PageRead, ShapeError> {
    let mut page: Option<PageRead> = None;
    for row in &result.rows {
        let mut cells = Cells::of(row);
        let totals = totals(&mut cells).ok_or(ShapeError::new("failures lack their totals"))?;
        let page = page.get_or_insert(totals);
        let Some(fingerprint) = cells.text() else {
            continue;
        };
        let is_next = page
            .failures
            .last()
            .is_none_or(|last| last.fingerprint != fingerprint);
        let failure = failure(fingerprint, &mut cells).ok_or(ShapeError::new("a failure is not whole"))?;
        if is_next {
            page.failures.push(failure);
        }
        if let (Some(last), Some(workflow_id)) = (page.failures.last_mut(), cells.text()) {
            last.workflows.push(AffectedWorkflow {
                workflow_id,
                workflow_name: cells.text(),
                count: count(&mut cells).ok_or(ShapeError::new("a workflow lacks its count"))?,
            });
        }
    }
    page.ok_or(ShapeError::new("failures lack their totals"))
}

/// Reads what [`Faults::write_types`](super::faults::Faults::write_types) asks for.
pub(super) fn types(result: &ResultSet) -> Result<Vec<FailuresOfType>, ShapeError> {
    let of_row = |row| {
        let mut cells = Cells::of(row);
        Some(FailuresOfType {
            error_type: cells.text(),
            count: count(&mut cells)?,
            count_before: count(&mut cells)?,
            fingerprints: count(&mut cells)?,
        })
    };
    let types = result.rows.iter().map(|row| of_row(row)).collect::<Option<_>>();
    types.ok_or(ShapeError::new("a type of error lacks its count"))
}

/// The one number that a result is.
pub(super) fn number(result: &ResultSet) -> Result<u64, ShapeError> {
    let row = result.rows.first();
    row.and_then(|row| count(&mut Cells::of(row)))
        .ok_or(ShapeError::new("a count is missing"))
}

fn count(cells: &mut Cells<'_>) -> Option<u64> {
    cells.int().and_then(|count| u64::try_from(count).ok())
}

fn totals(cells: &mut Cells<'_>) -> Option<PageRead> {
    Some(PageRead {
        failures: Vec::new(),
        count: count(cells)?,
        count_before: count(cells)?,
        by_state: FailureStates {
            new: count(cells)?,
            regressed: count(cells)?,
            ongoing: count(cells)?,
            resolved: count(cells)?,
        },
    })
}

fn failure(fingerprint: String, cells: &mut Cells<'_>) -> Option<Failure> {
    Some(Failure {
        fingerprint,
        error_type: cells.text(),
        pattern: cells.text(),
        sample_message: cells.text(),
        state: state(&cells.text()?)?,
        count: count(cells)?,
        count_before: count(cells)?,
        cost_usd: cells.amount(MICROS)?,
        workflow_count: count(cells)?,
        workflows: Vec::new(),
        first_seen: cells.time()?,
        last_seen: cells.time()?,
        last_execution_id: cells.text()?,
        last_execution_attempt: cells.attempt()?,
    })
}

pub(super) fn state(word: &str) -> Option<FailureState> {
    FailureState::ALL.into_iter().find(|state| state.as_str() == word)
}
