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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detection::limits::{HOUR_US, MINUTE_US};

    const DUE: Timestamp = Timestamp::from_millis(1_795_341_600_000);

    fn after(micros: i64) -> Timestamp {
        DUE.plus_micros(micros)
    }

    #[test]
    fn what_has_not_started_when_the_grace_is_over_was_missed() {
        let next = Some(after(HOUR_US));
        let at = |now| missed(DUE, next, &[after(-HOUR_US)], 0, now);
        assert_eq!(at(after(15 * MINUTE_US - 1)), None);
        let found = at(after(15 * MINUTE_US)).unwrap();
        assert_eq!(
            (found.since, found.measured, found.limit),
            (DUE, 900_000.0, 900_000.0)
        );
        assert_eq!(
            found.reason,
            "Was due 15 min ago and has not started; it may be 15 min late."
        );
        let late = [after(40 * MINUTE_US)];
        assert_eq!(missed(DUE, next, &late, 0, after(45 * MINUTE_US)), None);
    }

    #[test]
    fn who_tells_late_is_waited_for() {
        let at = |now| missed(DUE, None, &[], 10 * MINUTE_US, now);
        assert_eq!(at(after(25 * MINUTE_US - 1)), None);
        assert_eq!(at(after(25 * MINUTE_US)).unwrap().limit, 1_500_000.0);
    }
}
