//! Schedules that did not come.

use tacho_core::Timestamp;

use crate::detection::Finding;
use crate::detection::limits::millis;
use crate::detection::words::length;
use crate::punctuality::{DueState, grace_us, match_runs};

/// Whether what was due has not started, as [`match_runs`] tells: nothing that `started` belongs to the time, and the grace
/// is over. `next` is when it is due after that, if ever. What started ascends.
///
/// `told_us` is how long after a start it may be told, because the sender tells of executions only when they have ended; 0
/// if it tells when they start.
pub fn missed(
    due: Timestamp,
    next: Option<Timestamp>,
    started: &[Timestamp],
    told_us: i64,
    now: Timestamp,
) -> Option<Finding> {
    let known_until = now.plus_micros(-told_us);
    let state = match_runs(&[due], next, started, known_until).first()?.state;
    let (measured, limit) = (now.micros_since(due), grace_us(due, next).saturating_add(told_us));
    (state == DueState::Missed).then(|| Finding {
        since: due,
        measured: millis(measured),
        limit: millis(limit),
        reason: format!(
            "Was due {} ago and has not started; it may be {} late.",
            length(measured),
            length(limit)
        ),
    })
}
