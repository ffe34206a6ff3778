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
