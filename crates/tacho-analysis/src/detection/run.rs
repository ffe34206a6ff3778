//! Executions that have not ended.

use tacho_core::Timestamp;

use crate::detection::limits::{
    MINUTE_US, RUNS_MIN, TIMEOUT_GRACE_US, micros, millis, queue_limit_us, silent_limit_us, stuck_limit_us,
    timeout_limit_us,
};
use crate::detection::words::{bound, length};
use crate::detection::{Finding, History};

/// How long after its timeout an execution is closed, and has not been heard of.
const CLOSING_GRACE_US: i64 = 5 * MINUTE_US;

/// What is known of an execution that has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Since when it exists: it waited or ran.
    pub known_since: Timestamp,
    /// Since when it runs; `None` while it waits.
    pub started_at: Option<Timestamp>,
    /// When anything was last heard of it.
    pub heard_at: Timestamp,
    /// When it last showed progress: a step ended, or the sender counted one. `None` if it never did.
    pub progressed_at: Option<Timestamp>,
}

/// Whether it runs for longer than [`stuck_limit_us`].
pub fn stuck(run: &Run, history: &History, now: Timestamp) -> Option<Finding> {
    let since = run.started_at?;
    let (measured, limit) = (now.micros_since(since), stuck_limit_us(history));
    if measured <= limit {
        return None;
    }
    let usual = match (timeout_limit_us(history), history.duration_p99_ms) {
        (Some(timeout), _) if timeout == limit => {
            format!("its timeout is {}.", length(timeout - TIMEOUT_GRACE_US))
        }
        (_, Some(p99)) if history.runs >= RUNS_MIN => {
            format!("99 of 100 runs end within {}.", bound(micros(p99)))
        }
        _ => "too few runs have ended to say how long is usual.".to_owned(),
    };
    Some(Finding {
        since,
        measured: millis(measured),
        limit: millis(limit),
        reason: format!("Has run for {}; {usual}", length(measured)),
    })
}

/// Whether it has shown progress, and none for longer than [`silent_limit_us`].
pub fn silent(run: &Run, history: &History, now: Timestamp) -> Option<Finding> {
    let since = run.progressed_at.filter(|_| run.started_at.is_some())?;
    let (limit, p99) = silent_limit_us(history).zip(history.step_p99_ms)?;
    let measured = now.micros_since(since);
    (measured > limit).then(|| Finding {
        since,
        measured: millis(measured),
        limit: millis(limit),
        reason: format!(
            "No progress for {}; 99 of 100 steps end within {}.",
            length(measured),
            bound(micros(p99))
        ),
    })
}

/// The end of an execution that never said that it has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// When it is taken to have ended. The same as long as nothing is heard of it.
    pub ended_at: Timestamp,
    /// Why, in words.
    pub reason: String,
}

/// Whether an execution that never says that it has ended is taken to have timed out.
///
/// If it has a timeout: when that is over, once that is five minutes ago and nothing was heard of it for five minutes. Else
/// when nothing has been heard of it for `patience_us`, and it has run (or waited) past the limit of its history.
pub fn inferred_timeout(run: &Run, history: &History, patience_us: i64, now: Timestamp) -> Option<Expiry> {
    let unheard = now.micros_since(run.heard_at);
    if let Some((start, timeout)) = run.started_at.zip(history.timeout_ms) {
        let ended_at = start.plus_micros(timeout.saturating_mul(1000));
        let is_over = now.micros_since(ended_at) > CLOSING_GRACE_US && unheard > CLOSING_GRACE_US;
        return is_over.then(|| Expiry {
            ended_at,
            reason: format!("Its timeout of {} is over.", length(timeout.saturating_mul(1000))),
        });
    }
    if unheard <= patience_us {
        return None;
    }
    let limit = match run.started_at {
        Some(start) => start.plus_micros(stuck_limit_us(history)),
        None => run.known_since.plus_micros(queue_limit_us(history)),
    };
    let ended_at = run.heard_at.plus_micros(patience_us).max(limit);
    (ended_at < now).then(|| Expiry {
        ended_at,
        reason: format!("Nothing was heard of it for {}.", length(unheard)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detection::limits::{DAY_US, HOUR_US, SECOND_US};

    const START: Timestamp = Timestamp::from_millis(1_795_341_600_000);

    fn after(micros: i64) -> Timestamp {
        START.plus_micros(micros)
    }

    fn running() -> Run {
        Run {
            known_since: START,
            started_at: Some(START),
            heard_at: START,
            progressed_at: None,
        }
    }

    fn history() -> History {
        History {
            runs: 10_000,
            duration_p50_ms: Some(6.0 * 60_000.0),
            duration_p99_ms: Some(12.0 * 60_000.0),
            step_p50_ms: Some(1_000.0),
            step_p99_ms: Some(2_500.0),
            ..History::default()
        }
    }

    #[test]
    fn a_run_is_stuck_past_the_limit_and_not_before() {
        let limit = stuck_limit_us(&history());
        assert_eq!(stuck(&running(), &history(), after(limit)), None);
        let found = stuck(&running(), &history(), after(limit + 1)).unwrap();
        assert_eq!((found.since, found.limit), (START, millis(limit)));
        let found = stuck(&running(), &history(), after(130 * MINUTE_US)).unwrap();
        assert_eq!(
            found.reason,
            "Has run for 2 h 10 min; 99 of 100 runs end within 12 min."
        );
        assert_eq!(found.measured, 7_800_000.0);
        let waiting = Run {
            started_at: None,
            ..running()
        };
        assert_eq!(stuck(&waiting, &history(), after(9 * DAY_US)), None);
    }

    #[test]
    fn a_run_past_its_timeout_is_stuck_for_that_reason() {
        let timeout_ms = Some(600_000);
        let history = History {
            timeout_ms,
            ..history()
        };
        assert_eq!(stuck(&running(), &history, after(11 * MINUTE_US)), None);
        let found = stuck(&running(), &history, after(11 * MINUTE_US + 1)).unwrap();
        assert_eq!(found.reason, "Has run for 11 min; its timeout is 10 min.");
        let unknown = stuck(&running(), &History::default(), after(DAY_US + HOUR_US)).unwrap();
        assert_eq!(
            unknown.reason,
            "Has run for 1 d 1 h; too few runs have ended to say how long is usual."
        );
    }

    #[test]
    fn only_what_has_shown_progress_can_be_silent() {
        let limit = silent_limit_us(&history()).unwrap();
        assert_eq!(limit, 2_500_000 + 240 * SECOND_US);
        assert_eq!(silent(&running(), &history(), after(DAY_US)), None);
        let run = Run {
            progressed_at: Some(after(MINUTE_US)),
            ..running()
        };
        assert_eq!(silent(&run, &history(), after(MINUTE_US + limit)), None);
        let found = silent(&run, &history(), after(MINUTE_US + limit + 1)).unwrap();
        assert_eq!(found.since, after(MINUTE_US));
        assert_eq!(
            found.reason,
            "No progress for 4 min 2 s; 99 of 100 steps end within 3 s."
        );
        assert_eq!(silent(&run, &History::default(), after(DAY_US)), None);
    }

    #[test]
    fn what_has_a_timeout_ends_with_it() {
        let timeout_ms = Some(600_000);
        let history = History {
            timeout_ms,
            ..history()
        };
        let closed =
            |run: &Run, now| inferred_timeout(run, &history, DAY_US, now).map(|expiry| expiry.ended_at);
        assert_eq!(closed(&running(), after(15 * MINUTE_US)), None);
        assert_eq!(
            closed(&running(), after(15 * MINUTE_US + 1)),
            Some(after(10 * MINUTE_US))
        );
        // It still says something.
        let heard = Run {
            heard_at: after(14 * MINUTE_US),
            ..running()
        };
        assert_eq!(closed(&heard, after(19 * MINUTE_US)), None);
        assert_eq!(
            closed(&heard, after(19 * MINUTE_US + 1)),
            Some(after(10 * MINUTE_US))
        );
    }

    #[test]
    fn what_has_none_ends_when_nobody_has_patience_any_more() {
        let closed = |run: &Run, now| inferred_timeout(run, &history(), HOUR_US, now);
        // Past the patience, and past what would be stuck.
        let limit = stuck_limit_us(&history());
        assert!(limit < HOUR_US);
        assert_eq!(closed(&running(), after(HOUR_US)), None);
        let expiry = closed(&running(), after(HOUR_US + 1)).unwrap();
        assert_eq!(
            (expiry.ended_at, &*expiry.reason),
            (after(HOUR_US), "Nothing was heard of it for 1 h.")
        );
        let unknown = inferred_timeout(&running(), &History::default(), HOUR_US, after(23 * HOUR_US));
        assert_eq!(unknown, None);
        let unknown = inferred_timeout(&running(), &History::default(), HOUR_US, after(DAY_US + 1));
        assert_eq!(unknown.unwrap().ended_at, after(DAY_US));
        // What waits has its own limit.
        let waiting = Run {
            started_at: None,
            ..running()
        };
        assert!(inferred_timeout(&waiting, &History::default(), MINUTE_US, after(HOUR_US)).is_none());
        assert!(inferred_timeout(&waiting, &History::default(), MINUTE_US, after(HOUR_US + 1)).is_some());
    }
}
