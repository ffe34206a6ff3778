//! How long is too long, by the workflow's own history.
//!
//! Durations spread like a log-normal distribution: their logarithms are normal. There the ninety-ninth percentile lies 2.33
//! standard deviations above the median, so `p50 × (p99 / p50)^k` lies `2.33 k` above it. `k` is 2.4 where the percentiles
//! are well known, which one of 80 million executions exceeds, and more where they were estimated from few: `2.4 + 6 / √runs`.

use crate::detection::History;

pub(super) const SECOND_US: i64 = 1_000_000;
pub(super) const MINUTE_US: i64 = 60 * SECOND_US;
pub(super) const HOUR_US: i64 = 60 * MINUTE_US;
pub(super) const DAY_US: i64 = 24 * HOUR_US;

/// Fewer executions say nothing about how long one may take.
pub(super) const RUNS_MIN: u64 = 20;
/// Nothing is too long that is within that of the ninety-ninth percentile: what ends is not told in the same instant.
const FLOOR_US: i64 = 4 * MINUTE_US;
/// How long after its timeout an execution is still given to say that it has ended.
pub(super) const TIMEOUT_GRACE_US: i64 = MINUTE_US;
/// Beyond a day, nothing is waited for longer than so many times the ninety-ninth percentile.
const LONG_P99S: f64 = 10.0;

/// How long an execution may run, in microseconds: what its history says, or its timeout and a minute if that is less. A
/// day if there is neither.
pub fn stuck_limit_us(history: &History) -> i64 {
    let by_history = extrapolated_us(history.runs, history.duration_p50_ms, history.duration_p99_ms);
    let limits = timeout_limit_us(history).into_iter().chain(by_history);
    limits.min().unwrap_or(DAY_US)
}

/// What its timeout says.
pub(super) fn timeout_limit_us(history: &History) -> Option<i64> {
    let timeout = history.timeout_ms?;
    Some(timeout.saturating_mul(1000).saturating_add(TIMEOUT_GRACE_US))
}

/// How long an execution may show no progress, in microseconds; `None` if its steps say nothing.
pub fn silent_limit_us(history: &History) -> Option<i64> {
    extrapolated_us(history.runs, history.step_p50_ms, history.step_p99_ms)
}

/// How long an execution may wait for its turn, in microseconds: ten times as long as 99 of 100 do, or an hour if nothing is
/// known.
pub fn queue_limit_us(history: &History) -> i64 {
    match history.queue_p99_ms.filter(|_| history.runs >= RUNS_MIN) {
        Some(p99) => micros(p99 * LONG_P99S).max(FLOOR_US),
        None => HOUR_US,
    }
}

/// `p50 × (p99 / p50)^k`, within the floor above p99 and a day or ten times p99.
fn extrapolated_us(runs: u64, p50_ms: Option<f64>, p99_ms: Option<f64>) -> Option<i64> {
    let (p50, p99) = p50_ms.zip(p99_ms).filter(|_| runs >= RUNS_MIN)?;
    // A millisecond is the least that is measured.
    let p50 = p50.max(1.0);
    let p99 = p99.max(p50);
    let beyond = p50 * (p99 / p50).powf(margin(runs));
    let longest = micros(p99 * LONG_P99S).max(DAY_US);
    Some(
        micros(beyond)
            .min(longest)
            .max(micros(p99).saturating_add(FLOOR_US)),
    )
}

/// The exponent `k`.
fn margin(runs: u64) -> f64 {
    2.4 + 6.0 / (runs as f64).sqrt()
}

/// Saturates: a sender may say anything.
pub(super) fn micros(ms: f64) -> i64 {
    (ms * 1000.0) as i64
}

pub(super) fn millis(micros: i64) -> f64 {
    micros as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn history(runs: u64, p50_seconds: f64, p99_seconds: f64) -> History {
        History {
            runs,
            duration_p50_ms: Some(p50_seconds * 1000.0),
            duration_p99_ms: Some(p99_seconds * 1000.0),
            ..History::default()
        }
    }

    fn stuck_after_seconds(runs: u64, p50: f64, p99: f64) -> i64 {
        stuck_limit_us(&history(runs, p50, p99)) / SECOND_US
    }

    #[test]
    fn how_long_is_too_long_follows_from_the_spread() {
        // 60 × 10^2.7 with 400 runs, 60 × 10^2.46 with 10,000.
        assert_eq!(stuck_after_seconds(400, 60.0, 600.0), 30_071);
        assert_eq!(stuck_after_seconds(10_000, 60.0, 600.0), 17_304);
        // Hardly any spread: four minutes more than usual.
        assert_eq!(stuck_after_seconds(400, 100.0, 101.0), 341);
        // So much that weeks would be nothing: a day, or ten times what is usual.
        assert_eq!(stuck_after_seconds(10_000, 1.0, 3_600.0), 86_400);
        assert_eq!(stuck_after_seconds(10_000, 60.0, 36_000.0), 360_000);
    }

    #[test]
    fn without_a_history_there_is_the_timeout_or_a_day() {
        assert_eq!(stuck_after_seconds(19, 1.0, 2.0), 86_400);
        assert_eq!(stuck_limit_us(&History::default()), DAY_US);
        let timeout_ms = Some(60_000);
        let unknown = History {
            timeout_ms,
            ..History::default()
        };
        assert_eq!(stuck_limit_us(&unknown), 2 * MINUTE_US);
        let quick = history(400, 1.0, 2.0);
        assert_eq!(stuck_limit_us(&History { timeout_ms, ..quick }), 2 * MINUTE_US);
        let slow = Some(3_600_000);
        assert_eq!(
            stuck_limit_us(&History {
                timeout_ms: slow,
                ..quick
            }),
            242 * SECOND_US
        );
    }

    #[test]
    fn steps_and_queues_have_their_own() {
        let of_steps = History {
            runs: 400,
            step_p50_ms: Some(1_000.0),
            step_p99_ms: Some(100_000.0),
            queue_p99_ms: Some(60_000.0),
            ..History::default()
        };
        // 100^2.7 seconds.
        assert_eq!(silent_limit_us(&of_steps).unwrap() / SECOND_US, 86_400);
        assert_eq!(silent_limit_us(&history(400, 1.0, 2.0)), None);
        assert_eq!(queue_limit_us(&of_steps), 10 * MINUTE_US);
        assert_eq!(queue_limit_us(&History { runs: 19, ..of_steps }), HOUR_US);
        let quick = Some(5.0);
        assert_eq!(
            queue_limit_us(&History {
                queue_p99_ms: quick,
                ..of_steps
            }),
            FLOOR_US
        );
    }

    proptest! {
        /// Whatever a sender says, the limit lies within its bounds, and less is allowed where more is known.
        #[test]
        fn limits_are_bounded(runs in 20u64..1_000_000, p50 in 0f64..1e9, p99 in 0f64..1e12) {
            let limit = |runs| stuck_limit_us(&history(runs, p50 / 1000.0, p99 / 1000.0));
            let usual = micros(p99.max(p50));
            prop_assert!(limit(runs) >= usual + FLOOR_US);
            prop_assert!(limit(runs) <= (usual * 10).max(DAY_US).max(usual + FLOOR_US) + 1_000_000);
            prop_assert!(limit(runs) <= limit(20));
        }
    }
}
