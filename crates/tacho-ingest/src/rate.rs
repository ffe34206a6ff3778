//! Counts of the last seconds.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

const SECONDS: usize = 10;

/// How many a second, over the last ten.
#[derive(Debug)]
pub struct Rate {
    started: Instant,
    /// Per slot: which second it counts, and how many.
    slots: Mutex<[(u64, u64); SECONDS + 1]>,
}

impl Default for Rate {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            slots: Mutex::new([(0, 0); SECONDS + 1]),
        }
    }
}

impl Rate {
    /// Counts some now.
    pub fn add(&self, count: u64) {
        let second = self.started.elapsed().as_secs();
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = &mut slots[second as usize % (SECONDS + 1)];
        if slot.0 != second {
            *slot = (second, 0);
        }
        slot.1 += count;
    }

    /// How many a second, over the last ten whole seconds.
    pub fn per_second(&self) -> f64 {
        let now = self.started.elapsed().as_secs();
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = now.min(SECONDS as u64).max(1);
        let sum: u64 = slots
            .iter()
            .filter(|(second, _)| *second < now.max(1) && *second + SECONDS as u64 >= now)
            .map(|(_, count)| count)
            .sum();
        sum as f64 / seconds as f64
    }
}
