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
