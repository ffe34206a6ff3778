//! Counts by the second of what started and what ended, and windows over them.

use std::collections::BTreeMap;

use serde::Serialize;
use tacho_core::record::schema::EXECUTION_STATUSES;
use tacho_core::time::Timestamp;
use tacho_store::live::Finishes;

use crate::fact::{ENDED, ENDS, Execution, QUEUED};

/// Seconds that are kept.
const KEPT_SECONDS: i64 = 3600;

/// Counts of one second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Bucket {
    starts: i64,
    /// By the way of ending.
    ends: [i64; ENDS],
    duration_ms: i64,
    durations: i64,
}

/// Counts of the last hour, of the seconds in which there is anything. Times are those that the records name, so a record
/// that comes late counts where it belongs, and one that is corrected moves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Windows {
    /// By seconds since 1970; none before `first`.
    buckets: BTreeMap<i64, Bucket>,
    first: i64,
}

/// What happened in the seconds up to now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Window {
    /// Executions that began.
    pub starts: i64,
    /// Executions that ended, in whatever way.
    pub finishes: i64,
    /// Those that did what they should.
    pub success: i64,
    /// Those that failed.
    pub failed: i64,
    /// Those that took too long.
    pub timeout: i64,
    /// Those that were called off.
    pub cancelled: i64,
    /// Success ÷ (success + failed + timeout), 0 to 1; `None` if there was none of them.
    pub success_rate: Option<f64>,
    /// The mean time from start to end, in milliseconds; `None` if none ended.
    pub duration_avg_ms: Option<f64>,
    /// Executions that ended, per minute.
    pub finishes_per_minute: f64,
}

/// What happened in a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Point {
    /// When it began, in milliseconds since 1970.
    pub at_ms: i64,
    /// Executions that began.
    pub starts: i64,
    /// Executions that did what they should.
    pub success: i64,
    /// Executions that failed or took too long.
    pub failures: i64,
}

/// The whole second in which an instant lies.
pub(crate) fn second_of(instant: Timestamp) -> i64 {
    instant.as_micros().div_euclid(1_000_000)
}

/// From where on starts and ends are kept at that time.
pub(crate) fn kept_since(now: Timestamp) -> Timestamp {
    Timestamp::from_millis((second_of(now) - KEPT_SECONDS + 1).max(0) * 1000)
}

impl Windows {
    /// From what was counted by the store from that instant on.
    pub(crate) fn read(since: Timestamp, starts: &[(i64, u64)], finishes: &[Finishes]) -> Self {
        let mut windows = Self {
            first: second_of(since),
            ..Self::default()
        };
        for (second, count) in starts {
            windows.change(*second, |bucket| bucket.starts += whole(*count));
        }
        for finish in finishes {
            let Some(way) = usize::from(finish.status).checked_sub(ENDED.into()) else {
                continue;
            };
            windows.change(finish.second, |bucket| {
                bucket.ends[way] += whole(finish.count);
                bucket.duration_ms += finish.duration_ms;
                bucket.durations += whole(finish.durations);
            });
        }
        windows
    }

    /// Counts an execution (`sign` 1) or takes it back (-1).
    pub(crate) fn count(&mut self, execution: &Execution<'_>, sign: i64) {
        if execution.status != QUEUED {
            let second = second_of(execution.event_time);
            self.change(second, |bucket| bucket.starts += sign);
        }
        if let Some(way) = usize::from(execution.status).checked_sub(ENDED.into()) {
            let second = second_of(execution.finished_at());
            self.change(second, |bucket| {
                bucket.ends[way] += sign;
                if let Some(duration_ms) = execution.duration_ms {
                    bucket.duration_ms += sign * duration_ms;
                    bucket.durations += sign;
                }
            });
        }
    }

    fn change(&mut self, second: i64, change: impl FnOnce(&mut Bucket)) {
        if second < self.first {
            return;
        }
        let bucket = self.buckets.entry(second).or_default();
        change(bucket);
        if *bucket == Bucket::default() {
            self.buckets.remove(&second);
        }
    }

    /// Forgets what is too old.
    pub(crate) fn forget(&mut self, now: Timestamp) {
        let first = second_of(kept_since(now));
        if first <= self.first {
            return;
        }
        self.first = first;
        if self.buckets.keys().next().is_some_and(|oldest| *oldest < first) {
            self.buckets = self.buckets.split_off(&first);
        }
    }

    /// Whether an instant lies in the time that is kept, or later.
    pub(crate) fn keeps(&self, instant: Timestamp) -> bool {
        second_of(instant) >= self.first
    }

    /// What happened in the last so many seconds, the one that goes on included.
    pub fn window(&self, now: Timestamp, seconds: i64) -> Window {
        let last = second_of(now);
        let sum = self.sum(last - seconds + 1, last);
        let [success, failed, timeout, cancelled] = sum.ends;
        let judged = success + failed + timeout;
        let finishes = judged + cancelled;
        let ratio = |a: i64, b: i64| (b > 0).then(|| a as f64 / b as f64);
        Window {
            starts: sum.starts,
            finishes,
            success,
            failed,
            timeout,
            cancelled,
            success_rate: ratio(success, judged),
            duration_avg_ms: ratio(sum.duration_ms, sum.durations),
            finishes_per_minute: finishes as f64 * 60.0 / seconds as f64,
        }
    }

    /// What happened in each stretch of so many seconds, the oldest first; the last one goes on.
    pub fn series(&self, now: Timestamp, seconds: i64, points: i64) -> Vec<Point> {
        let last = second_of(now).div_euclid(seconds);
        (last - points + 1..=last)
            .map(|number| self.point(number * seconds, seconds))
            .collect()
    }

    fn point(&self, start: i64, seconds: i64) -> Point {
        let sum = self.sum(start, start + seconds - 1);
        let [success, failed, timeout, _] = sum.ends;
        Point {
            at_ms: start * 1000,
            starts: sum.starts,
            success,
            failures: failed + timeout,
        }
    }

    fn sum(&self, from: i64, to: i64) -> Bucket {
        let mut sum = Bucket::default();
        for bucket in self.buckets.range(from..=to).map(|(_, bucket)| bucket) {
            sum.starts += bucket.starts;
            for (sum, count) in sum.ends.iter_mut().zip(bucket.ends) {
                *sum += count;
            }
            sum.duration_ms += bucket.duration_ms;
            sum.durations += bucket.durations;
        }
        sum
    }
}

const _: () = assert!(
    EXECUTION_STATUSES.len() == 6,
    "a new way of ending needs a name in Window"
);

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
