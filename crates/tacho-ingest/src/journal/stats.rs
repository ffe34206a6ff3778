//! How long commits take, over the last thousand of them.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const KEPT: usize = 1024;

#[derive(Debug, Default)]
struct Ring {
    micros: Vec<u32>,
    next: usize,
    total: u64,
}

/// The last durations of something that happens often.
#[derive(Debug, Default)]
pub struct RecentDurations(Mutex<Ring>);

impl RecentDurations {
    /// Adds one.
    pub fn record(&self, duration: Duration) {
        let mut ring = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let micros = u32::try_from(duration.as_micros()).unwrap_or(u32::MAX);
        ring.total += 1;
        let next = ring.next;
        if ring.micros.len() < KEPT {
            ring.micros.push(micros);
        } else {
            ring.micros[next] = micros;
        }
        ring.next = (next + 1) % KEPT;
    }

    /// How many were ever recorded.
    pub fn count(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).total
    }

    /// The value below which that share (0 to 1) of the recent ones lies, in milliseconds. `None` if there are none.
    pub fn quantile_ms(&self, share: f64) -> Option<f64> {
        let mut sorted = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .micros
            .clone();
        sorted.sort_unstable();
        let last = sorted.len().checked_sub(1)?;
        let at = ((last as f64) * share.clamp(0.0, 1.0)).round() as usize;
        sorted.get(at).map(|micros| f64::from(*micros) / 1000.0)
    }
}
