//! Figures over time, and whether they are flat.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A stretch of time has so many windows, of which the middle one by value stands for it: a stall in one of them is no
/// slope.
const WINDOWS: u32 = 15;

/// Values with the moments at which they were read.
#[derive(Debug)]
pub(super) struct Series {
    started: Instant,
    points: Mutex<Vec<(Duration, f64)>>,
}

/// The two stretches that are compared: the second quarter, when the server is warm, and the last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quarters {
    /// The second.
    pub(super) second: f64,
    /// The last.
    pub(super) last: f64,
}

impl Series {
    /// An empty one that begins now.
    pub(super) fn begin(started: Instant) -> Self {
        Self {
            started,
            points: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Duration, f64)>> {
        self.points.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a value that was read at a moment.
    pub(super) fn note(&self, at: Instant, value: f64) {
        let at = at.saturating_duration_since(self.started);
        self.lock().push((at, value));
    }

    /// Adds how long something took, in milliseconds.
    pub(super) fn took(&self, at: Instant, took: Duration) {
        self.note(at, took.as_secs_f64() * 1e3);
    }

    /// The greatest value. `None` without any.
    pub(super) fn max(&self) -> Option<f64> {
        self.lock().iter().map(|(_, value)| *value).reduce(f64::max)
    }

    /// That quantile of each window of the two quarters, and of those the median. `None` if one of them has no value.
    pub(super) fn quarters(&self, length: Duration, share: f64) -> Option<Quarters> {
        let quarter = length / 4;
        Some(Quarters {
            second: self.typical(quarter, 2 * quarter, share)?,
            last: self.typical(3 * quarter, length, share)?,
        })
    }

    fn typical(&self, from: Duration, to: Duration, share: f64) -> Option<f64> {
        let window = (to - from) / WINDOWS;
        let points = self.lock();
        let of_windows = (0..WINDOWS).filter_map(|number| {
            let (begin, end) = (from + window * number, from + window * (number + 1));
            let within = points.iter().filter(|(at, _)| (begin..end).contains(at));
            quantile(within.map(|(_, value)| *value).collect(), share)
        });
        quantile(of_windows.collect(), 0.5)
    }
}

fn quantile(mut values: Vec<f64>, share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let rank = (share * values.len() as f64).ceil() as usize;
    values.get(rank.saturating_sub(1)).copied()
}

impl Quarters {
    /// Whether it has not grown by more than a factor; what is below the floor is as good as the floor.
    pub(super) fn is_flat(self, factor: f64, floor: f64) -> bool {
        self.last <= factor * self.second.max(floor)
    }

    /// What it grew by, an hour, when `length` is the whole time: the middles of the quarters are half of that apart.
    pub(super) fn per_hour(self, length: Duration) -> f64 {
        (self.last - self.second) / (length.as_secs_f64() / 2.0) * 3_600.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hundred values, one a second, over a time of a hundred seconds.
    fn series(value: impl Fn(u64) -> f64) -> Series {
        let started = Instant::now();
        let series = Series::begin(started);
        (0..100).for_each(|second| series.note(started + Duration::from_secs(second), value(second)));
        series
    }

    const LENGTH: Duration = Duration::from_secs(100);

    #[test]
    fn what_grows_is_not_flat_and_a_stall_is_no_slope() {
        let grows = series(|second| second as f64).quarters(LENGTH, 1.0).unwrap();
        assert!(!grows.is_flat(2.0, 0.0));
        assert!(grows.is_flat(2.0, 50.0), "below the floor");
        assert!((grows.per_hour(LENGTH) - 3_600.0).abs() < 200.0, "{grows:?}");
        let stalls = series(|second| if second > 95 { 1_000.0 } else { 1.0 });
        let stalls = stalls.quarters(LENGTH, 1.0).unwrap();
        assert_eq!(
            stalls,
            Quarters {
                second: 1.0,
                last: 1.0
            }
        );
    }

    #[test]
    fn a_quarter_without_values_says_nothing() {
        let started = Instant::now();
        let series = Series::begin(started);
        series.note(started + Duration::from_secs(30), 1.0);
        assert_eq!(series.quarters(LENGTH, 0.5), None);
        assert_eq!(series.max(), Some(1.0));
    }
}
