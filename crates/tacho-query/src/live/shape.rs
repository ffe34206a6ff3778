//! Rows of results as what they are.

use std::collections::BTreeMap;

use tacho_core::record::schema::{EXECUTION_STATUSES, STEP_STATUSES};

use super::{Finishes, LiveExecution, LiveOutcome, LiveRows, LiveStart, LiveStep, LiveWorkflow};
use crate::cells::Cells;
use crate::shape::ShapeError;
use crate::statement::{ResultSet, Scalar};

/// What was read.
///
/// # Errors
/// If the results are not those of [`super::compile_live`].
pub fn shape_live(results: &[ResultSet]) -> Result<LiveRows, ShapeError> {
    let ([starts, finishes, counts, open, ended, steps, workflows], lately) = results
        .split_first_chunk()
        .ok_or(ShapeError::new("live state is not seven results"))?;
    let (lately_started, lately_ended) = match lately {
        [] => (Vec::new(), Vec::new()),
        [started, ended] => (each(started, start)?, each(ended, outcome)?),
        _ => return Err(ShapeError::new("how workflows fared last is not two results")),
    };
    let mut rows = LiveRows {
        starts: each(starts, |cells| Some((cells.int()?, cells.count())))?,
        finishes: each(finishes, finished)?,
        open: each(open, execution)?,
        ended: each(ended, execution)?,
        steps: each(steps, step)?,
        lately_started,
        lately_ended,
        ..LiveRows::default()
    };
    for (status, count) in each(counts, |cells| {
        Some((word(cells, EXECUTION_STATUSES)?, cells.count()))
    })? {
        match status {
            0 => rows.queued = count,
            _ => rows.running += count,
        }
    }
    // The latest says how it is; a record of a workflow is rarely said to be a second try.
    let latest: BTreeMap<String, Option<String>> =
        each(workflows, |cells| Some((cells.text()?, cells.text())))?
            .into_iter()
            .collect();
    rows.workflows = latest
        .into_iter()
        .map(|(id, name)| LiveWorkflow { id, name })
        .collect();
    Ok(rows)
}

fn each<T>(result: &ResultSet, read: impl Fn(&mut Cells<'_>) -> Option<T>) -> Result<Vec<T>, ShapeError> {
    let rows = result.rows.iter();
    rows.map(|row: &Vec<Scalar>| read(&mut Cells::of(row)))
        .collect::<Option<_>>()
        .ok_or(ShapeError::new("a row of live state lacks what all have"))
}

fn word(cells: &mut Cells<'_>, words: &[&str]) -> Option<u8> {
    let text = cells.text()?;
    let position = words.iter().position(|word| **word == text)?;
    u8::try_from(position).ok()
}

fn finished(cells: &mut Cells<'_>) -> Option<Finishes> {
    Some(Finishes {
        second: cells.int()?,
        status: word(cells, EXECUTION_STATUSES)?,
        count: cells.count(),
        duration_ms: cells.int()?,
        durations: cells.count(),
    })
}

pub(super) fn execution(cells: &mut Cells<'_>) -> Option<LiveExecution> {
    Some(LiveExecution {
        lsn: cells.count(),
        id: cells.text()?,
        attempt: cells.attempt()?,
        status: word(cells, EXECUTION_STATUSES)?,
        event_time: cells.time()?,
        updated_at: cells.time()?,
        workflow_id: cells.text(),
        user_id: cells.text(),
        queued_at: cells.time(),
        started_at: cells.time(),
        completed_at: cells.time(),
        duration_ms: cells.int(),
        steps_completed: cells.int(),
        steps_total: cells.int(),
        error_type: cells.text(),
    })
}

fn start(cells: &mut Cells<'_>) -> Option<LiveStart> {
    Some(LiveStart {
        workflow_id: cells.text()?,
        at: cells.time()?,
        lsn: cells.count(),
    })
}

fn outcome(cells: &mut Cells<'_>) -> Option<LiveOutcome> {
    Some(LiveOutcome {
        workflow_id: cells.text()?,
        at: cells.time()?,
        lsn: cells.count(),
        status: word(cells, EXECUTION_STATUSES)?,
    })
}

fn step(cells: &mut Cells<'_>) -> Option<LiveStep> {
    let (lsn, execution_id, started_at) = (cells.count(), cells.text()?, cells.time()?);
    let updated_at = cells.time()?;
    let status = word(cells, STEP_STATUSES)?;
    let (name, step_id, id) = (cells.text(), cells.text(), cells.text()?);
    Some(LiveStep {
        lsn,
        execution_id,
        started_at,
        updated_at,
        status,
        name: name.or(step_id).unwrap_or(id),
    })
}
