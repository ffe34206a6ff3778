//! Queues that grow.

use tacho_core::Timestamp;

use crate::detection::limits::{MINUTE_US, micros, millis, queue_limit_us};
use crate::detection::words::{bound, length};
use crate::detection::{Finding, History};

/// Fewer that wait are no queue.
pub const DEPTH_MIN: u64 = 10;
/// Through which time a queue has to grow.
pub const GROWTH_US: i64 = 5 * MINUTE_US;

/// How many waited at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    /// When.
    pub at: Timestamp,
    /// How many.
    pub waiting: u64,
}

/// Whether ten or more wait, became more through the last five minutes and never fewer, and the one that waits since
/// `oldest` has waited for longer than [`queue_limit_us`]. The `depths` are what was seen, the oldest first; the last is how
/// it is.
pub fn queue_growing(
    depths: &[Depth],
    oldest: Timestamp,
    history: &History,
    now: Timestamp,
) -> Option<Finding> {
    let last = depths.last().filter(|last| last.waiting >= DEPTH_MIN)?;
    let (measured, limit) = (now.micros_since(oldest), queue_limit_us(history));
    if measured <= limit {
        return None;
    }
    // Where the five minutes began, something has to be known.
    let from = depths
        .iter()
        .rposition(|depth| now.micros_since(depth.at) >= GROWTH_US)?;
    let seen = &depths[from..];
    let grew = seen[0].waiting < last.waiting && seen.is_sorted_by_key(|depth| depth.waiting);
    grew.then(|| {
        let usual = match history.queue_p99_ms {
            Some(p99) => format!("99 of 100 start within {}.", bound(micros(p99))),
            None => "it is not known how long is usual.".to_owned(),
        };
        Finding {
            since: oldest,
            measured: millis(measured),
            limit: millis(limit),
            reason: format!(
                "{} wait, {} more than five minutes ago, the first for {}; {usual}",
                last.waiting,
                last.waiting - seen[0].waiting,
                length(measured)
            ),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_795_341_600_000);

    fn minute(minutes: i64) -> Timestamp {
        START.plus_micros(minutes * MINUTE_US)
    }

    /// So many wait, minute by minute; the oldest since the first.
    fn found(waiting: &[u64], history: &History) -> Option<Finding> {
        let depths: Vec<Depth> = (0..)
            .zip(waiting)
            .map(|(number, waiting)| Depth {
                at: minute(number),
                waiting: *waiting,
            })
            .collect();
        queue_growing(&depths, START, history, depths.last()?.at)
    }

    #[test]
    fn a_queue_grows_through_five_minutes_while_its_oldest_waits_too_long() {
        let history = History {
            runs: 100,
            queue_p99_ms: Some(20_000.0),
            ..History::default()
        };
        let growing = found(&[3, 5, 7, 9, 11, 12], &history).unwrap();
        assert_eq!(
            (growing.since, growing.measured, growing.limit),
            (START, 300_000.0, 240_000.0)
        );
        assert_eq!(
            growing.reason,
            "12 wait, 9 more than five minutes ago, the first for 5 min; 99 of 100 start within 20 s."
        );
        // Not for so long, not so many, not always more, not more at all, not too long.
        assert_eq!(found(&[5, 7, 9, 11, 12], &history), None);
        assert_eq!(found(&[3, 5, 7, 8, 9, 9], &history), None);
        assert_eq!(found(&[3, 5, 12, 11, 12, 13], &history), None);
        assert_eq!(found(&[12; 6], &history), None);
        assert_eq!(found(&[3, 5, 7, 9, 11, 12], &History::default()), None);
        // What was before the five minutes does not count.
        assert!(found(&[90, 3, 5, 7, 9, 11, 12], &history).is_some());
    }

    #[test]
    fn without_a_history_an_hour_is_too_long() {
        let waiting: Vec<u64> = (10..=71).collect();
        assert_eq!(found(&waiting[..61], &History::default()), None);
        let growing = found(&waiting, &History::default()).unwrap();
        assert_eq!(
            growing.reason,
            "71 wait, 5 more than five minutes ago, the first for 1 h 1 min; it is not known how long is usual."
        );
    }
}
